package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/event"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/telemetry"
)

var (
	start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	where = arn.Scope{Region: "eu-west-1", Account: "000000000000"}

	errBoom = errors.New("boom")
)

// world is a store with a bus, inside a synctest bubble.
type world struct {
	tb     testing.TB
	clock  *clock.Virtual
	store  *store.Store
	log    *lineage.Log
	engine *delivery.Engine
	bus    *bus.Bus
	events int
}

func newWorld(tb testing.TB, opts ...func(*store.Options)) *world {
	tb.Helper()
	w := &world{tb: tb, clock: clock.NewVirtual(start)}
	w.open(opts...)
	return w
}

func (w *world) open(opts ...func(*store.Options)) {
	w.tb.Helper()
	w.store = storetest.Open(w.tb, append(opts, func(o *store.Options) {
		o.Clock, o.Partitions, o.Heads = w.clock, 2, []string{delivery.Heads}
	})...)
	quiet := slog.New(slog.DiscardHandler)
	w.log = lineage.New(lineage.Config{Store: w.store})
	w.engine = delivery.New(delivery.Config{
		Store: w.store, Lineage: w.log, Clock: w.clock, Logger: quiet, Rand: rand.New(rand.NewPCG(1, 2)),
	})
	w.bus = bus.New(bus.Config{Store: w.store, Engine: w.engine, Lineage: w.log, Clock: w.clock, Logger: quiet})
}

func (w *world) start() {
	w.tb.Helper()
	if err := w.engine.Start(context.Background()); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *world) close() {
	w.tb.Helper()
	if err := errors.Join(w.engine.Close(context.Background()), w.store.Close()); err != nil {
		w.tb.Error(err)
	}
}

// target defines a lane that leads to a queue of that name, and returns it.
func (w *world) target(id delivery.LaneID, name string) *target {
	t := &target{}
	w.engine.Define(id, delivery.Lane{
		TargetARN: where.Queue(name).String(), Target: t, Batch: 10,
		Policy: delivery.Policy{MaxRetries: 185, MaxAge: 24 * time.Hour},
	})
	return t
}

// rule is a rule that matches a detail-type on bus 1.
func rule(tb testing.TB, id uint32, detailType string, lanes ...delivery.LaneID) bus.Rule {
	tb.Helper()
	return bus.Rule{
		ID: id, Bus: 1, ARN: where.Rule("cinema", fmt.Sprintf("rule-%d", id)).String(), Enabled: true, Lanes: lanes,
		Pattern: compile(tb, `{"detail-type":["`+detailType+`"]}`),
	}
}

func compile(tb testing.TB, src string) *pattern.Pattern {
	tb.Helper()
	p, err := pattern.Compile([]byte(src), pattern.Classic, pattern.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// entry makes an entry of bus 1.
func (w *world) entry(detailType string) bus.Entry {
	w.tb.Helper()
	w.events++
	ev := event.Event{
		ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", w.events), DetailType: detailType, Source: "cinema.bookings",
		Account: where.Account, Region: where.Region, Time: w.clock.Now(), Detail: json.RawMessage(`{"seat":"C7"}`),
	}
	envelope, err := ev.Envelope()
	if err != nil {
		w.tb.Fatal(err)
	}
	return bus.Entry{Bus: 1, BusName: "cinema", Event: ev, Envelope: envelope}
}

// publish publishes one event and returns its id.
func (w *world) publish(detailType string) string {
	w.tb.Helper()
	e := w.entry(detailType)
	w.put(e)
	return e.Event.ID
}

func (w *world) put(entries ...bus.Entry) {
	w.tb.Helper()
	if err := w.bus.Publish(context.Background(), entries); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *world) tree(id string) *lineage.Node {
	w.tb.Helper()
	n, err := w.log.Tree(context.Background(), id)
	if err != nil {
		w.tb.Fatal(err)
	}
	return n
}

func (w *world) rows(prefix string) int {
	w.tb.Helper()
	n := 0
	for _, p := range w.store.Parts() {
		err := w.store.View(context.Background(), p, func(v store.View) error {
			for range v.Scan([]byte(prefix), store.PrefixEnd([]byte(prefix))) {
				n++
			}
			return nil
		})
		if err != nil {
			w.tb.Fatal(err)
		}
	}
	return n
}

// walk moves the clock from one due time to the next until nothing waits.
func (w *world) walk() {
	for {
		synctest.Wait()
		due, ok := w.clock.Next()
		if !ok {
			return
		}
		w.clock.Set(due)
	}
}

// target keeps what arrives.
type target struct {
	err  error         // of every delivery
	wait chan struct{} // closed when deliveries may go on

	mu  sync.Mutex
	got []delivery.Delivery
}

func (t *target) Deliver(_ context.Context, batch []delivery.Delivery) []error {
	if t.wait != nil {
		<-t.wait
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.got = append(t.got, batch...)
	out := make([]error, len(batch))
	for i := range out {
		out[i] = t.err
	}
	return out
}

// ids lists the events that arrived, each once.
func (t *target) ids() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var ids []string
	for _, d := range t.got {
		ids = append(ids, d.EventID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

var someTrace = telemetry.Trace{Root: "1-6553f100-0123456789abcdef01234567", Parent: "0123456789abcdef", Sampled: "1"}
