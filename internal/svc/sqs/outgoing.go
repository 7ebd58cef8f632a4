package sqs

import (
	"context"

	"stormbus/internal/arn"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
)

// Outgoing is a message from another part of the server: a rule's target or a
// dead letter.
type Outgoing struct {
	Body            string
	Attributes      map[string]Attribute
	TraceHeader     string // AWSTraceHeader; may be empty
	GroupID         string // MessageGroupId; may be empty
	DeduplicationID string // for FIFO queues; standard queues do not look at it
	// Cause is the delivery that brings the message. One with a cause has a trace
	// of its own, with the root of TraceHeader.
	Cause lineage.Cause
	// Note is what the sender notes for itself. It is kept with the message, and who
	// receives the message does not see it; see [Letter].
	Note string
	// AnySize takes the message although it is larger than the queue allows: a
	// dead letter must not be lost because it carries its reason with it.
	AnySize bool
	// Once, if set, names the message among all: if it is sent again within a
	// day, the queue does not get it again.
	Once string
}

// sendBatch is how many messages of Send go into one Update.
const sendBatch = 100

// Send puts messages into a queue and returns one outcome for each: nil when the
// message is durable; [ErrNoQueue] if there is no such queue; a *wire.Error if
// the queue can never take this message; anything else may pass.
func (s *Service) Send(ctx context.Context, queue arn.ARN, msgs []Outgoing) []error {
	out := make([]error, len(msgs))
	l, ok := s.queueByARN(queue)
	if !ok {
		for i := range out {
			out[i] = ErrNoQueue
		}
		return out
	}
	q := l.config.Load()
	var drafts []*draft
	var index []int
	size := 0
	flush := func() {
		if err := s.put(ctx, l, q, drafts); err != nil {
			for _, i := range index {
				out[i] = err
			}
		}
		drafts, index, size = nil, nil, 0
	}
	for i, m := range msgs {
		d, err := m.compose(q)
		if err != nil {
			out[i] = err
			continue
		}
		drafts, index = append(drafts, d), append(index, i)
		if size += d.size; len(drafts) == sendBatch || size > maxUpdateBytes {
			flush()
		}
	}
	flush()
	return out
}

// compose checks a message like one from outside.
func (m Outgoing) compose(q *Queue) (*draft, error) {
	c := composition{body: m.Body, attributes: showAttributes(m.Attributes), sender: q.Scope.Account}
	if m.TraceHeader != "" {
		dataType := "String"
		c.system = map[string]shape.MessageSystemAttributeValue{
			traceAttribute: {DataType: &dataType, StringValue: &m.TraceHeader},
		}
	}
	if m.GroupID != "" {
		c.group = &m.GroupID
	}
	if m.DeduplicationID != "" && q.Settings.Fifo {
		c.dedup = &m.DeduplicationID
	}
	d, err := compose(q, c)
	if err != nil {
		return nil, err
	}
	if d.size > q.Settings.MaxMessageSize && !m.AnySize {
		return nil, errTooLong(q)
	}
	d.message.cause, d.message.note, d.named = m.Cause, m.Note, ""
	if m.Once != "" {
		d.once = append([]byte("sqs/send/"), m.Once...)
	}
	return d, nil
}
