package events

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is when virtual clocks begin.
var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

var scope = arn.Scope{Region: "eu-west-1", Account: "123456789012"}

var queueARN = scope.Queue("q").String()

// harness is a service with its data plane, on a store in memory and a clock
// that stands still.
type harness struct {
	testing.TB
	*Service
	clock   *clock.Virtual
	ctx     context.Context
	store   *store.Store
	fs      *storetest.FS
	log     *slog.Logger
	lineage *lineage.Log
	world   *world
	stop    func()
}

func newHarness(tb testing.TB, change ...func(*Config)) *harness {
	tb.Helper()
	h := &harness{
		TB: tb, clock: clock.NewVirtual(start), fs: storetest.NewFS(), log: slog.New(slog.DiscardHandler), world: &world{
			arrived: make(chan delivery.Delivery, 10_000), letters: make(chan delivery.DeadLetterMessage, 10),
		},
	}
	h.ctx = wire.NewContext(tb.Context(), wire.Request{Scope: scope})
	h.boot(change...)
	tb.Cleanup(func() { h.stop() })
	return h
}

// cutPower is boot with what is on disk at this moment.
func (h *harness) cutPower() {
	h.Helper()
	h.fs = h.fs.Crash(0, mathrand.New(mathrand.NewPCG(5, 6)))
	h.boot()
}

// boot opens the store and starts service and data plane on it, after it has
// ended those that run.
func (h *harness) boot(change ...func(*Config)) {
	h.Helper()
	if h.stop != nil {
		h.stop()
		if err := h.store.Close(); err != nil {
			h.Fatalf("close store: %v", err)
		}
	}
	h.store = storetest.Open(h, h.fs.Use, func(o *store.Options) {
		o.Clock = h.clock
		o.Heads = []string{delivery.Heads}
		o.MinFree = -1
	})
	h.lineage = lineage.New(lineage.Config{Store: h.store})
	engine := delivery.New(delivery.Config{
		Store: h.store, Lineage: h.lineage, Clock: h.clock, Logger: h.log, Rand: mathrand.New(mathrand.NewPCG(1, 2)),
	})
	h.stop = func() {
		if err := engine.Close(context.Background()); err != nil {
			h.Errorf("close engine: %v", err)
		}
	}
	c := Config{
		Store: h.store, Engine: engine, Targets: h.world, DeadLetters: h.world, Clock: h.clock, Random: rand.Reader, Logger: h.log,
		Bus: bus.New(bus.Config{Store: h.store, Engine: engine, Lineage: h.lineage, Clock: h.clock, Logger: h.log}),
	}
	for _, f := range change {
		f(&c)
	}
	h.Service = New(c)
	if err := h.Start(h.ctx); err != nil {
		h.Fatalf("Start: %v", err)
	}
	if err := engine.Start(h.ctx); err != nil {
		h.Fatalf("start engine: %v", err)
	}
}

// world is what is behind all targets and dead-letter queues.
type world struct {
	arrived chan delivery.Delivery
	letters chan delivery.DeadLetterMessage

	mu      sync.Mutex
	refusal error         // of what is delivered, if not nil
	holding chan struct{} // if not nil, deliveries wait until it is closed
	params  []string      // group ids that were asked for
}

func (w *world) Resolve(target arn.ARN, p TargetParams) (delivery.Target, error) {
	if target.Service != "sqs" && target.Service != "lambda" {
		return nil, errors.New("stormbus cannot deliver to " + target.Service + " yet.")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.params = append(w.params, p.GroupID)
	return delivery.Each(func(_ context.Context, d delivery.Delivery) error {
		w.wait()
		d.Event, d.Payload = bytes.Clone(d.Event), bytes.Clone(d.Payload)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.refusal != nil {
			return w.refusal
		}
		w.arrived <- d
		return nil
	}), nil
}

func (w *world) For(queue arn.ARN) (delivery.DeadLetter, error) {
	if queue.Resource == "forbidden" {
		return nil, errors.New("No.")
	}
	return w, nil
}

func (w *world) Send(_ context.Context, l delivery.DeadLetterMessage) error {
	w.letters <- l
	return nil
}

// hold makes all deliveries wait until the channel is closed.
func (w *world) hold() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = make(chan struct{})
	return w.holding
}

func (w *world) wait() {
	w.mu.Lock()
	holding := w.holding
	w.mu.Unlock()
	if holding != nil {
		<-holding
	}
}

// refuse makes all targets refuse what they get.
func (w *world) refuse(with error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refusal = with
}

// putRule makes a rule on a bus; "" is the default bus.
func (h *harness) putRule(bus, name, pattern string) {
	h.Helper()
	if _, err := h.PutRule(h.ctx, &shape.PutRuleInput{Name: &name, EventBusName: some(bus), EventPattern: &pattern}); err != nil {
		h.Fatalf("PutRule(%s): %v", name, err)
	}
}

// some is nil for the empty string.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (h *harness) createBus(name string) {
	h.Helper()
	if _, err := h.CreateEventBus(h.ctx, &shape.CreateEventBusInput{Name: &name}); err != nil {
		h.Fatalf("CreateEventBus(%s): %v", name, err)
	}
}

// putTargets puts queues as targets; their ids are the names.
func (h *harness) putTargets(bus, rule string, names ...string) {
	h.Helper()
	var targets []shape.Target
	for _, name := range names {
		targets = append(targets, shape.Target{Id: &name, Arn: new(scope.Queue(name).String())})
	}
	if err := h.tryTargets(bus, rule, targets...); err != nil {
		h.Fatalf("PutTargets(%s, %q): %v", rule, names, err)
	}
}

func (h *harness) tryTargets(bus, rule string, targets ...shape.Target) error {
	_, err := h.PutTargets(h.ctx, &shape.PutTargetsInput{Rule: &rule, EventBusName: some(bus), Targets: targets})
	return err
}

func (h *harness) removeTargets(bus, rule string, ids ...string) *shape.RemoveTargetsOutput {
	h.Helper()
	out, err := h.RemoveTargets(h.ctx, &shape.RemoveTargetsInput{Rule: &rule, EventBusName: some(bus), Ids: ids})
	if err != nil {
		h.Fatalf("RemoveTargets(%s, %q): %v", rule, ids, err)
	}
	return out
}

// entry is a good entry for a bus.
func entry(bus, source string) shape.PutEventsRequestEntry {
	return shape.PutEventsRequestEntry{
		Source: &source, DetailType: new("SeatsHeld"), Detail: new(`{"seats":["A1"]}`), EventBusName: some(bus),
	}
}

// put publishes and returns the results.
func (h *harness) put(entries ...shape.PutEventsRequestEntry) []shape.PutEventsResultEntry {
	h.Helper()
	out, err := h.PutEvents(h.ctx, &shape.PutEventsInput{Entries: entries})
	if err != nil {
		h.Fatalf("PutEvents: %v", err)
	}
	return out.Entries
}

// putOne publishes one event that must be accepted, and returns its id.
func (h *harness) putOne(bus, source string) string {
	h.Helper()
	r := h.put(entry(bus, source))[0]
	if r.EventId == nil {
		h.Fatalf("PutEvents: %s %s", *r.ErrorCode, *r.ErrorMessage)
	}
	return *r.EventId
}

// wantTargets checks to which targets an event goes, in the order of their ARNs,
// by what lineage knows of it.
func (h *harness) wantTargets(id string, want ...string) {
	h.Helper()
	n, err := h.lineage.Tree(h.ctx, id)
	if err != nil {
		h.Fatalf("lineage of %s: %v", id, err)
	}
	var got []string
	for _, r := range n.Rules {
		for _, d := range r.Deliveries {
			a, err := arn.Parse(d.Target)
			if err != nil {
				h.Fatal(err)
			}
			got = append(got, r.Name+" "+a.Resource)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		h.Errorf("event goes to %q, want %q", got, want)
	}
}

// rows counts the rows of the meta partition that begin with prefix.
func (h *harness) rows(prefix string) (n int) {
	h.Helper()
	err := h.store.View(h.ctx, store.Meta, func(v store.View) error {
		n = count(v, []byte(prefix))
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return n
}

// wantError checks code and text of an error.
func wantError(tb testing.TB, err error, code, message string) {
	tb.Helper()
	e, ok := errors.AsType[*wire.Error](err)
	if !ok {
		tb.Fatalf("error = %v, want %s", err, code)
	}
	if e.Code != code || e.Message != message {
		tb.Errorf("error = %s: %s\nwant    %s: %s", e.Code, e.Message, code, message)
	}
}

// newServer is the service behind the wire.
func newServer(tb testing.TB) http.Handler {
	h := newHarness(tb)
	return wire.NewServer(wire.Config{
		Services: []wire.Service{{Model: shape.Model, Operations: h.Operations()}},
		Account:  scope.Account, Region: scope.Region, Logger: h.log,
	})
}
