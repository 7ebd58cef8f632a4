package sqs

import (
	"fmt"

	"stormbus/internal/lineage"
	"stormbus/internal/telemetry"
)

// What lineage is told: that a call with a trace sent a message, and who received
// one. A call without a trace says nothing of itself, so its messages cost
// nothing here; only of messages that have a trace the first receive is told
// whoever receives: trees show them, and they can be named by their trace.

// traceCaused gives a message that a delivery brought a trace of its own: the
// root of its cause, or a new one, and a span that stands for the message. Whoever
// passes that trace on is known to act because of this message. As on AWS, what
// the bus delivers does not have the publisher's span for its parent. A message
// that somebody sent keeps its trace as it is.
func (s *Service) traceCaused(m *message) error {
	if m.cause.EventID == "" {
		return nil
	}
	t := telemetry.ParseTrace(m.trace)
	if t.Root == "" {
		root, err := telemetry.NewRoot(s.random, s.clock.Now())
		if err != nil {
			return fmt.Errorf("trace a message: %w", err)
		}
		t.Root, t.Sampled = root, "1"
	}
	t.Parent = lineage.MessageSpan(m.id)
	m.trace = t.String()
	return nil
}

// tellSent notes that a call with a trace, or one that named another, sent a
// message.
func (w *work) tellSent(d *draft) {
	if d.caller == "" && d.named == "" {
		return
	}
	w.records = append(w.records, lineage.Record{
		Kind: lineage.Sent, MessageID: d.message.id, Queue: w.q.ARN().String(), Span: d.caller, MessageSpan: d.named,
	})
}

// tellReceived notes who received messages.
func (w *work) tellReceived(got []received, caller string) {
	for _, r := range got {
		caused := r.message.cause.EventID != ""
		if first := r.state.receives == 1; caller == "" && (r.message.trace == "" || !first) {
			continue
		}
		record := lineage.Record{
			Kind: lineage.Received, MessageID: r.message.id, Queue: w.q.ARN().String(), Span: caller, Start: r.message.sent,
		}
		if caused {
			record.EventID, record.Delivery = r.message.cause.EventID, r.message.cause.Delivery
			record.MessageSpan = telemetry.ParseTrace(r.message.trace).Parent
		}
		w.records = append(w.records, record)
	}
}
