package target_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	mrand "math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	eventsshape "stormbus/internal/shape/events"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/target"
	"stormbus/internal/wire"
)

// house is event buses, rules, targets and queues together, in host time.
type house struct {
	testing.TB
	events *events.Service
	queues *sqs.Service
	ctx    context.Context

	engine  *delivery.Engine
	lineage *lineage.Log
}

func newHouse(tb testing.TB, st *store.Store) *house {
	tb.Helper()
	quiet := slog.New(slog.DiscardHandler)
	log := lineage.New(lineage.Config{Store: st})
	engine := delivery.New(delivery.Config{
		Store: st, Lineage: log, Clock: clock.Real(), Logger: quiet, Rand: mrand.New(mrand.NewPCG(1, 2)),
	})
	plane := bus.New(bus.Config{Store: st, Engine: engine, Lineage: log, Clock: clock.Real(), Logger: quiet})
	h := &house{TB: tb, engine: engine, lineage: log, ctx: wire.NewContext(context.Background(), wire.Request{Scope: scope, BaseURL: "http://localhost"})}
	h.queues = sqs.New(sqs.Config{Store: st, Lineage: log, Clock: clock.Real(), Random: rand.Reader, Logger: quiet})
	set := target.NewSet()
	h.events = events.New(events.Config{
		Store: st, Bus: plane, Engine: engine, Targets: set, DeadLetters: target.NewDeadLetters(h.queues),
		Clock: clock.Real(), Random: rand.Reader, Logger: quiet,
	})
	set.Add("sqs", target.SQS(h.queues))
	set.Add("events", target.Bus(h.events, plane))
	h.must(h.queues.Start(h.ctx))
	h.must(h.events.Start(h.ctx))
	h.must(engine.Start(h.ctx))
	tb.Cleanup(func() {
		h.must(engine.Close(h.ctx))
		h.queues.Close()
	})
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) queue(name string) *string {
	h.Helper()
	out, err := h.queues.CreateQueue(h.ctx, &shape.CreateQueueInput{QueueName: &name})
	h.must(err)
	return out.QueueUrl
}

// rule makes a rule for all orders on a bus, with one target.
func (h *house) rule(onBus, name string, t eventsshape.Target) {
	h.Helper()
	pattern, id := `{"source":["shop.orders"]}`, "t"
	_, err := h.events.PutRule(h.ctx, &eventsshape.PutRuleInput{Name: &name, EventBusName: &onBus, EventPattern: &pattern})
	h.must(err)
	t.Id = &id
	out, err := h.events.PutTargets(h.ctx, &eventsshape.PutTargetsInput{Rule: &name, EventBusName: &onBus, Targets: []eventsshape.Target{t}})
	h.must(err)
	if *out.FailedEntryCount > 0 {
		h.Fatalf("PutTargets: %s", *out.FailedEntries[0].ErrorMessage)
	}
}

func to(a arn.ARN) eventsshape.Target {
	text := a.String()
	return eventsshape.Target{Arn: &text}
}

// publish puts events with the given details on a bus and returns their ids.
func (h *house) publish(onBus string, details ...string) []string {
	h.Helper()
	source, detailType := "shop.orders", "OrderPlaced"
	in := &eventsshape.PutEventsInput{}
	for _, d := range details {
		in.Entries = append(in.Entries, eventsshape.PutEventsRequestEntry{
			EventBusName: &onBus, Source: &source, DetailType: &detailType, Detail: &d,
		})
	}
	out, err := h.events.PutEvents(h.ctx, in)
	h.must(err)
	var ids []string
	for _, e := range out.Entries {
		if e.EventId == nil {
			h.Fatalf("PutEvents: %s: %s", *e.ErrorCode, *e.ErrorMessage)
		}
		ids = append(ids, *e.EventId)
	}
	return ids
}

// one waits for one message.
func (h *house) one(url *string) shape.Message {
	h.Helper()
	twenty := int64(20)
	out, err := h.queues.ReceiveMessage(h.ctx, &shape.ReceiveMessageInput{
		QueueUrl: url, WaitTimeSeconds: &twenty, MessageAttributeNames: []string{"All"},
	})
	h.must(err)
	if len(out.Messages) != 1 {
		h.Fatalf("received %d messages, want 1", len(out.Messages))
	}
	return out.Messages[0]
}

func memory(tb testing.TB) *store.Store {
	return storetest.Open(tb, func(o *store.Options) { o.Heads = []string{delivery.Heads, sqs.Heads} })
}

func TestRuleToQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t))
	url := h.queue("q")
	plain := to(scope.Queue("q"))
	path := "$.detail"
	plain.InputPath = &path
	h.rule("default", "orders", plain)
	h.publish("default", `{"n": 1}`)
	if got := *h.one(url).Body; got != `{"n":1}` {
		t.Errorf("received %s, want the detail", got)
	}
}

// An event that cannot be delivered is in the dead-letter queue, with the reason.
func TestRuleToMissingQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t))
	url := h.queue("dead")
	missing := to(scope.Queue("missing"))
	dead := scope.Queue("dead").String()
	missing.DeadLetterConfig = &eventsshape.DeadLetterConfig{Arn: &dead}
	h.rule("default", "orders", missing)
	h.publish("default", `{}`)
	got := map[string]string{}
	for name, a := range h.one(url).MessageAttributes {
		got[name] = *a.StringValue
	}
	want := map[string]string{
		"RULE_ARN": scope.Rule("default", "orders").String(), "TARGET_ARN": scope.Queue("missing").String(),
		"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "The queue " + scope.Queue("missing").String() + " does not exist.",
		"RETRY_ATTEMPTS": "0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes of the dead letter (-want +got):\n%s", diff)
	}
}

// An event goes from bus to bus with its id, but only once.
func TestBusToBus(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t))
	url, dead := h.queue("q"), h.queue("dead")
	for _, name := range []string{"second", "third"} {
		_, err := h.events.CreateEventBus(h.ctx, &eventsshape.CreateEventBusInput{Name: &name})
		h.must(err)
	}
	h.rule("default", "on", to(scope.EventBus("second")))
	h.rule("second", "arrived", to(scope.Queue("q")))
	further := to(scope.EventBus("third"))
	deadARN := scope.Queue("dead").String()
	further.DeadLetterConfig = &eventsshape.DeadLetterConfig{Arn: &deadARN}
	h.rule("second", "further", further)

	id := h.publish("default", `{"n":1}`)[0]
	if got := *h.one(url).Body; !strings.Contains(got, `"id":"`+id+`"`) {
		t.Errorf("received %s, want the event %s", got, id)
	}
	code := h.one(dead).MessageAttributes["ERROR_CODE"]
	if code.StringValue == nil || *code.StringValue != delivery.CodeThirdAccountHopDetected {
		t.Errorf("the second hop ended with %v", code)
	}
}

// BenchmarkRuleToQueue publishes from 64 callers, ten entries of about 1 KiB per
// call, to one rule with one queue, and counts events from the call until they
// are in the queue; everything on disk.
func BenchmarkRuleToQueue(b *testing.B) {
	st, err := store.Open(b.TempDir(), store.Options{Heads: []string{delivery.Heads, sqs.Heads}, MinFree: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	})
	h := newHouse(b, st)
	url := h.queue("q")
	h.rule("default", "orders", to(scope.Queue("q")))
	detail := `{"order":"` + strings.Repeat("x", 900) + `"}`
	const callers, perCall = 64, 10
	details := make([]string, perCall)
	for i := range details {
		details[i] = detail
	}
	var calls atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for calls.Add(1) <= int64(b.N) {
				h.publish("default", details...)
			}
		})
	}
	all.Wait()
	published := b.Elapsed()
	want := strconv.Itoa(b.N * perCall)
	for h.visible(url) != want {
		if err := clock.Sleep(h.ctx, clock.Real(), time.Millisecond); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*perCall)/published.Seconds(), "published/s")
	b.ReportMetric(float64(b.N*perCall)/b.Elapsed().Seconds(), "delivered/s")
	b.ReportMetric(0, "ns/op")
}

func (h *house) visible(url *string) string {
	out, err := h.queues.GetQueueAttributes(h.ctx, &shape.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []string{"ApproximateNumberOfMessages"},
	})
	h.must(err)
	return out.Attributes["ApproximateNumberOfMessages"]
}
