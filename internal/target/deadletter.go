package target

import (
	"context"
	"strings"
	"unicode/utf8"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/sqs"
)

// DeadLetters makes the senders of dead letters for rules: to a queue, with
// EventBridge's attributes.
type DeadLetters struct {
	queues Queues
}

// NewDeadLetters returns what sends dead letters to queues.
func NewDeadLetters(q Queues) *DeadLetters { return &DeadLetters{queues: q} }

// For returns what sends dead letters to a queue.
func (d *DeadLetters) For(queue arn.ARN) (delivery.DeadLetter, error) {
	if err := checkDeadLetterQueue(queue); err != nil {
		return nil, err
	}
	return &deadLetter{queues: d.queues, queue: queue}, nil
}

type deadLetter struct {
	queues Queues
	queue  arn.ARN
}

// Send puts the event as it was published into the queue. A letter that is sent
// again, because the process ended before the first sending was noted, arrives
// once.
func (d *deadLetter) Send(ctx context.Context, l delivery.DeadLetterMessage) error {
	attributes := map[string]sqs.Attribute{}
	for name, value := range bus.DeadLetterAttributes(l) {
		// Queues refuse empty values, and characters that a message of somebody
		// else's error may well have. A letter must not be lost over that.
		if value = clean(value); value != "" {
			attributes[name] = sqs.Attribute{DataType: "String", Text: value}
		}
	}
	out := sqs.Outgoing{
		Body: escape(string(l.Delivery.Event)), Attributes: attributes,
		Note:        ruleNote(l),
		TraceHeader: l.Delivery.Trace.String(), Once: "dead-letter/" + l.Delivery.ID, AnySize: true,
		Cause: lineage.Cause{EventID: l.Delivery.EventID, Delivery: l.Delivery.ID},
	}
	return queueFailure(d.queue, d.queues.Send(ctx, d.queue, []sqs.Outgoing{out})[0])
}

// maxAttribute bounds an attribute, as EventBridge's newer buses bound an error
// message; what Classic does is not known.
const maxAttribute = 1024

// clean shortens a text and replaces what a queue would refuse.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	for len(s) > maxAttribute {
		_, last := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-last]
	}
	return s
}

// escape writes the two characters that JSON allows as they are and queues do
// not. An event is JSON, so they stand in strings, where the escape means the
// same.
func escape(event string) string {
	return strings.NewReplacer("\uFFFE", `\ufffe`, "\uFFFF", `\uffff`).Replace(event)
}

var (
	_ delivery.DeadLetter = (*deadLetter)(nil)
	_ events.DeadLetters  = (*DeadLetters)(nil)
)
