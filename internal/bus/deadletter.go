package bus

import (
	"strconv"

	"stormbus/internal/delivery"
)

// DeadLetterAttributes returns the message attributes, all of type String, that
// EventBridge gives to a dead letter of a rule. Which limit ended the retries is
// told only if there was a retry.
func DeadLetterAttributes(m delivery.DeadLetterMessage) map[string]string {
	retries := max(m.Delivery.Attempt-1, 0)
	attributes := map[string]string{
		"RULE_ARN":       m.Delivery.Rule,
		"TARGET_ARN":     m.Delivery.TargetARN,
		"ERROR_CODE":     m.Code,
		"ERROR_MESSAGE":  m.Message,
		"RETRY_ATTEMPTS": strconv.Itoa(retries),
	}
	if retries > 0 && m.Exhausted != delivery.NoLimit {
		attributes["EXHAUSTED_RETRY_CONDITION"] = string(m.Exhausted)
	}
	return attributes
}
