package bus_test

import (
	"fmt"
	"maps"
	"slices"

	"stormbus/internal/bus"
	"stormbus/internal/delivery"
)

func ExampleDeadLetterAttributes() {
	attributes := bus.DeadLetterAttributes(delivery.DeadLetterMessage{
		Delivery: delivery.Delivery{
			Rule:      "arn:aws:events:eu-west-1:000000000000:rule/shop/orders",
			TargetARN: "arn:aws:sqs:eu-west-1:000000000000:orders", Attempt: 186,
		},
		Code: delivery.CodeThrottling, Message: "slow down", Exhausted: delivery.MaxRetries,
	})
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		fmt.Println(name, "=", attributes[name])
	}
	// Output:
	// ERROR_CODE = THROTTLING
	// ERROR_MESSAGE = slow down
	// EXHAUSTED_RETRY_CONDITION = MaximumRetryAttempts
	// RETRY_ATTEMPTS = 185
	// RULE_ARN = arn:aws:events:eu-west-1:000000000000:rule/shop/orders
	// TARGET_ARN = arn:aws:sqs:eu-west-1:000000000000:orders
}
