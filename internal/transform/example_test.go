package transform_test

import (
	"fmt"
	"testing"

	"stormbus/internal/transform"
)

func ExampleNew() {
	in, err := transform.New(transform.Config{
		Target: "mail",
		InputTransformer: &transform.Transformer{
			InputPathsMap: map[string]string{"seats": "$.detail.seats", "who": "$.detail.customer"},
			InputTemplate: `{"text": "Hello <who>", "seats": <seats>}`,
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	event := `{"detail-type": "SeatsHeld", "detail": {"customer": "Ada", "seats": ["A1", "A2"]}}`
	input, err := in.Apply([]byte(event), transform.Vars{RuleName: "confirm"})
	fmt.Println(string(input), err)
	// Output: {"text":"Hello Ada","seats":["A1","A2"]} <nil>
}

func BenchmarkApply(b *testing.B) {
	in, err := transform.New(transform.Config{InputTransformer: &transform.Transformer{
		InputPathsMap: paths, InputTemplate: `{"cmd": "<cmd>", "payload": <payload>, "rule": <aws.events.rule-arn>}`,
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := in.Apply([]byte(anEvent), vars); err != nil {
			b.Fatal(err)
		}
	}
}
