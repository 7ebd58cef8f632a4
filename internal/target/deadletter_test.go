package target_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/delivery"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/target"
	"stormbus/internal/telemetry"
)

// letter is a dead letter of a rule.
func letter() delivery.DeadLetterMessage {
	return delivery.DeadLetterMessage{
		Delivery: delivery.Delivery{
			ID: "1", Event: []byte(`{"id":"e"}`), Rule: scope.Rule("default", "r").String(),
			TargetARN: scope.Function("f", "").String(), Attempt: 4,
			Trace: telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793"},
		},
		Code: delivery.CodeErrorFromTarget, Message: "it failed", Exhausted: delivery.MaxRetries,
	}
}

func deadLetters(t *testing.T, q target.Queues, name string) delivery.DeadLetter {
	t.Helper()
	d, err := target.NewDeadLetters(q).For(scope.Queue(name))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*delivery.DeadLetterMessage)
		body   string
		want   map[string]string
	}{
		{"retries used up", func(*delivery.DeadLetterMessage) {}, `{"id":"e"}`, map[string]string{
			"RULE_ARN": "arn:aws:events:eu-west-1:123456789012:rule/r", "TARGET_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:f",
			"ERROR_CODE": "ERROR_FROM_TARGET", "ERROR_MESSAGE": "it failed", "RETRY_ATTEMPTS": "3",
			"EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
		}},
		{"nothing retried", func(l *delivery.DeadLetterMessage) {
			l.Delivery.Attempt, l.Exhausted, l.Code = 1, delivery.NoLimit, delivery.CodeNoResource
		}, `{"id":"e"}`, map[string]string{
			"RULE_ARN": "arn:aws:events:eu-west-1:123456789012:rule/r", "TARGET_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:f",
			"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "it failed", "RETRY_ATTEMPTS": "0",
		}},
		{"what queues refuse", func(l *delivery.DeadLetterMessage) {
			l.Delivery.Event = []byte("{\"id\":\"\uFFFF\"}")
			l.Message = "\x00\xFFé" + strings.Repeat("é", 1000)
			l.Delivery.Rule = ""
		}, `{"id":"\uffff"}`, map[string]string{
			"TARGET_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:f",
			"ERROR_CODE": "ERROR_FROM_TARGET", "ERROR_MESSAGE": "\uFFFD\uFFFD" + strings.Repeat("é", 509), "RETRY_ATTEMPTS": "3",
			"EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
		}},
		{"larger than the queue allows", func(l *delivery.DeadLetterMessage) {
			l.Delivery.Event = []byte(`"` + strings.Repeat("x", 2000) + `"`)
		}, `"` + strings.Repeat("x", 2000) + `"`, map[string]string{
			"RULE_ARN": "arn:aws:events:eu-west-1:123456789012:rule/r", "TARGET_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:f",
			"ERROR_CODE": "ERROR_FROM_TARGET", "ERROR_MESSAGE": "it failed", "RETRY_ATTEMPTS": "3",
			"EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := newQueues(t)
			d := deadLetters(t, q, "q")
			l := letter()
			tt.change(&l)
			for range 2 { // the second sending is one after a crash
				if err := d.Send(q.ctx, l); err != nil {
					t.Fatal(err)
				}
			}
			got := q.receive(t)
			if len(got) != 1 {
				t.Fatalf("%d letters arrived, want 1", len(got))
			}
			attributes := map[string]string{}
			for name, a := range got[0].MessageAttributes {
				attributes[name] = *a.StringValue
			}
			if diff := cmp.Diff(tt.want, attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if *got[0].Body != tt.body || got[0].Attributes["AWSTraceHeader"] != l.Delivery.Trace.String() {
				t.Errorf("body %q and trace %q, want %q and %q", *got[0].Body, got[0].Attributes["AWSTraceHeader"], tt.body, l.Delivery.Trace)
			}
		})
	}
}

func TestDeadLetterFails(t *testing.T) {
	t.Parallel()
	f, ok := errors.AsType[*delivery.Failure](deadLetters(t, failing{sqs.ErrNoQueue}, "q").Send(t.Context(), letter()))
	if !ok || !f.Permanent || f.Code != delivery.CodeNoResource {
		t.Errorf("missing queue: %v, want a permanent failure NO_RESOURCE", f)
	}
	other := errors.New("other")
	if err := deadLetters(t, failing{other}, "q").Send(t.Context(), letter()); !errors.Is(err, other) {
		t.Errorf("other error became %v", err)
	}
	if _, err := target.NewDeadLetters(failing{}).For(scope.Queue("q.fifo")); err == nil {
		t.Error("a FIFO queue was taken as a dead-letter queue")
	}
}
