package target

import (
	"encoding/binary"

	"stormbus/internal/delivery"
	"stormbus/internal/svc/lambda"
)

// A note stands beside a dead letter in its queue and says what the letter's
// attributes do not, since AWS's do not: a rule may have several targets with one
// ARN, and the letter of a function does not name the function. The first byte is
// the kind. Letters of before there were notes have none.
//
//	r<lane><meta>   a rule's: the lane that gave up, 4 bytes, and the bus's own note
//	f<ARN>          a function's: how it was invoked
const (
	noteOfRule     = 'r'
	noteOfFunction = 'f'
)

func ruleNote(l delivery.DeadLetterMessage) string {
	b := binary.BigEndian.AppendUint32([]byte{noteOfRule}, uint32(l.Lane))
	return string(append(b, l.Delivery.Meta...))
}

// parseRuleNote reads the note of a rule's letter; ok is false if it is none.
func parseRuleNote(s string) (lane delivery.LaneID, meta []byte, ok bool) {
	if len(s) < 5 || s[0] != noteOfRule {
		return 0, nil, false
	}
	return delivery.LaneID(binary.BigEndian.Uint32([]byte(s[1:5]))), []byte(s[5:]), true
}

func functionNote(l lambda.Letter) string { return string(noteOfFunction) + l.Function }

// parseFunctionNote reads the note of a function's letter: the function's ARN.
func parseFunctionNote(s string) (function string, ok bool) {
	if s == "" || s[0] != noteOfFunction {
		return "", false
	}
	return s[1:], true
}
