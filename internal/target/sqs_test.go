package target_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/delivery/deliverytest"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/target"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

var scope = arn.Scope{Region: "eu-west-1", Account: "123456789012"}

// queues is SQS with a queue called "q".
type queues struct {
	*sqs.Service
	ctx context.Context
	url *string
	log *lineage.Log
}

func newQueues(tb testing.TB) *queues {
	tb.Helper()
	c := clock.NewVirtual(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
	st := storetest.Open(tb, func(o *store.Options) { o.Clock, o.Heads, o.MinFree = c, []string{sqs.Heads}, -1 })
	log := lineage.New(lineage.Config{Store: st})
	s := sqs.New(sqs.Config{Store: st, Lineage: log, Clock: c, Random: rand.Reader, Logger: slog.New(slog.DiscardHandler)})
	q := &queues{Service: s, log: log, ctx: wire.NewContext(context.Background(), wire.Request{Scope: scope, BaseURL: "http://localhost"})}
	if err := s.Start(q.ctx); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	name, minSize := "q", map[string]string{"MaximumMessageSize": "1024"}
	out, err := s.CreateQueue(q.ctx, &shape.CreateQueueInput{QueueName: &name, Attributes: minSize})
	if err != nil {
		tb.Fatal(err)
	}
	q.url = out.QueueUrl
	return q
}

// receive takes all messages out of the queue.
func (q *queues) receive(tb testing.TB) []shape.Message {
	tb.Helper()
	ten := int64(10)
	var all []shape.Message
	for {
		out, err := q.ReceiveMessage(q.ctx, &shape.ReceiveMessageInput{
			QueueUrl: q.url, MaxNumberOfMessages: &ten,
			MessageSystemAttributeNames: []string{"All"}, MessageAttributeNames: []string{"All"},
		})
		if err != nil {
			tb.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return all
		}
		all = append(all, out.Messages...)
	}
}

func resolve(tb testing.TB, q target.Queues, name string, p events.TargetParams) delivery.Target {
	tb.Helper()
	t, err := target.SQS(q)(scope.Queue(name), p)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestSQSSuite(t *testing.T) {
	t.Parallel()
	deliverytest.Run(t, func(tb testing.TB) deliverytest.Subject {
		q := newQueues(tb)
		return deliverytest.Subject{
			Target:  resolve(tb, q, "q", events.TargetParams{}),
			Missing: resolve(tb, q, "missing", events.TargetParams{}),
			Payload: func(n int) []byte { return []byte(`{"n":` + strconv.Itoa(n) + `}`) },
			Arrived: func(tb testing.TB) [][]byte {
				var out [][]byte
				for _, m := range q.receive(tb) {
					out = append(out, []byte(*m.Body))
				}
				return out
			},
		}
	})
}

func TestSQSMessage(t *testing.T) {
	t.Parallel()
	q := newQueues(t)
	to := resolve(t, q, "q", events.TargetParams{GroupID: "g"})
	trace := telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793", Parent: "53995c3f42cd8ad8", Sampled: "1"}
	if err := to.Deliver(q.ctx, []delivery.Delivery{{Payload: []byte("x"), Trace: trace}})[0]; err != nil {
		t.Fatal(err)
	}
	got := q.receive(t)[0].Attributes
	if got["AWSTraceHeader"] != trace.String() || got["MessageGroupId"] != "g" {
		t.Errorf("attributes = %v, want the trace %s and group g", got, trace)
	}
}

// Events go to a FIFO queue in their order, each once, if the target names a
// group.
func TestSQSFifo(t *testing.T) {
	t.Parallel()
	q := newQueues(t)
	name := "q.fifo"
	out, err := q.CreateQueue(q.ctx, &shape.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	q.url = out.QueueUrl
	to := resolve(t, q, name, events.TargetParams{GroupID: "g"})
	for i, err := range to.Deliver(q.ctx, []delivery.Delivery{{Payload: []byte("1")}, {Payload: []byte("2")}, {Payload: []byte("1")}}) {
		if err != nil {
			t.Errorf("delivery %d: %v", i, err)
		}
	}
	got := q.receive(t)
	if len(got) != 2 || *got[0].Body != "1" || *got[1].Body != "2" || got[0].Attributes["MessageGroupId"] != "g" {
		t.Errorf("received %v, want 1 and 2 of group g", got)
	}
}

// Of a batch, only what the queue cannot take fails.
func TestSQSFailures(t *testing.T) {
	t.Parallel()
	q := newQueues(t)
	to := resolve(t, q, "q", events.TargetParams{})
	batch := []delivery.Delivery{
		{Payload: []byte("good")},
		{Payload: []byte("\x01")},
		{Payload: []byte(strings.Repeat("x", 1025))},
		{Payload: nil},
	}
	want := []*delivery.Failure{
		nil,
		{Code: "INVALID_PARAMETER", Permanent: true, Message: "Invalid binary character '#x1' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."},
		{Code: "INVALID_PARAMETER", Permanent: true, Message: "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."},
		{Code: "INVALID_PARAMETER", Permanent: true, Message: "The request must contain the parameter MessageBody."},
	}
	for i, err := range to.Deliver(q.ctx, batch) {
		got, _ := errors.AsType[*delivery.Failure](err)
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("delivery %d (-want +got):\n%s", i, diff)
		}
	}
}

// failing queues answer every message with one error.
type failing struct{ err error }

func (f failing) Send(_ context.Context, _ arn.ARN, msgs []sqs.Outgoing) []error {
	out := make([]error, len(msgs))
	for i := range out {
		out[i] = f.err
	}
	return out
}

func TestSQSMayPass(t *testing.T) {
	t.Parallel()
	for _, err := range []error{store.ErrReadOnly, store.ErrHalted, context.Canceled} {
		got := resolve(t, failing{err}, "q", events.TargetParams{}).Deliver(t.Context(), make([]delivery.Delivery, 1))[0]
		if f, ok := errors.AsType[*delivery.Failure](got); got == nil || ok && f.Permanent {
			t.Errorf("%v became %v, want a failure that may pass", err, got)
		}
	}
}

func TestSQSRefuses(t *testing.T) {
	t.Parallel()
	for _, a := range []arn.ARN{scope.Queue("q.fifo"), scope.Queue("a:b"), scope.EventBus("q")} {
		if to, err := target.SQS(failing{})(a, events.TargetParams{}); err == nil {
			t.Errorf("%s became %v, want an error", a, to)
		}
	}
}
