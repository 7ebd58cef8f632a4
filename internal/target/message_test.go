package target_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/target"
	"stormbus/internal/telemetry"
)

// TestMessagesKnowTheirEvent: what a rule or a dead letter puts into a queue is
// known to come from a delivery of an event, and is named by its trace.
func TestMessagesKnowTheirEvent(t *testing.T) {
	t.Parallel()
	trace := telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793", Parent: "53995c3f42cd8ad8", Sampled: "1"}
	for name, send := range map[string]func(q *queues) error{
		"target": func(q *queues) error {
			return resolve(t, q, "q", events.TargetParams{}).Deliver(q.ctx, []delivery.Delivery{
				{ID: "d", EventID: "e", Payload: []byte("x"), Trace: trace},
			})[0]
		},
		"dead letter": func(q *queues) error {
			l := letter()
			l.Delivery.ID, l.Delivery.EventID, l.Delivery.Trace = "d", "e", trace
			return deadLetters(t, q, "q").Send(q.ctx, l)
		},
		"function letter": func(q *queues) error {
			return target.NewFunctionLetters(q).SendLetter(q.ctx, lambda.Letter{
				Queue: scope.Queue("q"), Event: []byte("x"), RequestID: "r", ErrorCode: "200", Trace: trace, Once: "1",
				Cause: lineage.Cause{EventID: "e", Delivery: "d"},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQueues(t)
			if err := send(q); err != nil {
				t.Fatal(err)
			}
			got := q.receive(t)[0]
			header := telemetry.ParseTrace(got.Attributes["AWSTraceHeader"])
			if header.Root != trace.Root || header.Sampled != "1" || header.Parent == trace.Parent || len(header.Parent) != 16 {
				t.Errorf("trace = %s, want the root of %s and a parent of its own", header, trace)
			}
			tree, err := q.log.Tree(q.ctx, *got.MessageId)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]lineage.Link{{EventID: "e"}}, tree.AlsoCausedBy); diff != "" {
				t.Errorf("causes of the message (-want +got):\n%s", diff)
			}
		})
	}
}
