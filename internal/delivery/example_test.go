package delivery_test

import (
	"context"
	"fmt"

	"stormbus/internal/delivery"
)

// A target that takes one delivery at a time says with a Failure what went
// wrong; everything else, retries and dead letters, is the lane's business.
func ExampleEach() {
	stock := map[string]bool{"arn:aws:sqs:eu-west-1:000000000000:orders": true}
	target := delivery.Each(func(_ context.Context, d delivery.Delivery) error {
		if !stock[d.TargetARN] {
			return &delivery.Failure{Code: delivery.CodeNoResource, Message: "no such queue", Permanent: true}
		}
		fmt.Printf("%s has %s\n", d.TargetARN, d.Payload)
		return nil
	})
	batch := []delivery.Delivery{
		{TargetARN: "arn:aws:sqs:eu-west-1:000000000000:orders", Payload: []byte(`{"n":1}`)},
		{TargetARN: "arn:aws:sqs:eu-west-1:000000000000:gone", Payload: []byte(`{"n":2}`)},
	}
	for _, err := range target.Deliver(context.Background(), batch) {
		fmt.Println(err)
	}
	// Output:
	// arn:aws:sqs:eu-west-1:000000000000:orders has {"n":1}
	// <nil>
	// NO_RESOURCE: no such queue
}
