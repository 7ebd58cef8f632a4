package target_test

import (
	"fmt"
	"testing"

	"stormbus/internal/arn"
	"stormbus/internal/svc/events"
	"stormbus/internal/target"
)

func TestSet(t *testing.T) {
	t.Parallel()
	set := target.NewSet()
	set.Add("sqs", target.SQS(failing{}))
	if to, err := set.Resolve(scope.Queue("q"), events.TargetParams{}); err != nil || to == nil {
		t.Errorf("a queue: %v, %v", to, err)
	}
	_, err := set.Resolve(arn.ARN{Partition: "aws", Service: "kinesis", Resource: "stream/s"}, events.TargetParams{})
	if want := "targets of service kinesis are not supported yet"; err == nil || err.Error() != want {
		t.Errorf("another service: %v, want %s", err, want)
	}
}

func Example() {
	set := target.NewSet()
	set.Add("sqs", target.SQS(nil)) // the queues of svc/sqs
	_, err := set.Resolve(arn.Scope{Region: "eu-west-1", Account: "123456789012"}.Function("f", ""), events.TargetParams{})
	fmt.Println(err)
	// Output: targets of service lambda are not supported yet
}
