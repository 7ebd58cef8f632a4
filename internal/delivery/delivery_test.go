package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// world is a store with an engine, inside a synctest bubble: [synctest.Wait]
// tells when nothing moves any more, and the clock only moves when told.
type world struct {
	tb     testing.TB
	clock  *clock.Virtual
	store  *store.Store
	log    *lineage.Log
	engine *delivery.Engine
	events int
}

func newWorld(tb testing.TB, opts ...func(*store.Options)) *world {
	tb.Helper()
	w := &world{tb: tb, clock: clock.NewVirtual(start)}
	w.open(opts...)
	return w
}

// open opens the store and makes an engine, which is not started.
func (w *world) open(opts ...func(*store.Options)) {
	w.tb.Helper()
	w.store = storetest.Open(w.tb, append(opts, func(o *store.Options) {
		o.Clock = w.clock
		o.Partitions = 2
		o.Heads = []string{delivery.Heads}
	})...)
	w.log = lineage.New(lineage.Config{Store: w.store})
	w.engineOn(w.store)
}

// engineOn makes a new engine.
func (w *world) engineOn(s delivery.Store) {
	w.engine = delivery.New(delivery.Config{
		Store: s, Lineage: w.log, Clock: w.clock, Logger: slog.New(slog.DiscardHandler),
		Rand: rand.New(rand.NewPCG(1, 2)),
	})
}

func (w *world) start() {
	w.tb.Helper()
	if err := w.engine.Start(context.Background()); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *world) close() {
	w.tb.Helper()
	if err := w.engine.Close(context.Background()); err != nil {
		w.tb.Error(err)
	}
	if err := w.store.Close(); err != nil {
		w.tb.Error(err)
	}
}

// publish stores an event with a delivery to each lane, as a bus does, and
// returns its id.
func (w *world) publish(lanes ...delivery.LaneID) string {
	w.tb.Helper()
	w.events++
	id := fmt.Sprintf("event-%d", w.events)
	part := w.store.Parts()[w.events%2]
	err := w.store.Update(context.Background(), part, func(tx store.Tx) error {
		key := []byte("ev/" + id)
		tx.Set(key, delivery.AppendBody(nil, delivery.Body{Event: []byte(id), Accepted: w.clock.Now(), Trace: "Root=1-2-3"}))
		m := lineage.Match{Rule: "rule"}
		for _, lane := range lanes {
			m.Deliveries = append(m.Deliveries, lineage.Handover{
				Delivery: w.engine.Enqueue(tx, lane, delivery.Job{EventID: id, BodyKey: key}), Target: fmt.Sprint(lane),
			})
		}
		w.log.Write(tx, lineage.Record{Kind: lineage.Published, EventID: id, Matches: []lineage.Match{m}})
		return nil
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return id
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

// told returns what lineage knows of an event's delivery number n.
func (w *world) told(id string, n int) lineage.Delivery {
	w.tb.Helper()
	tree, err := w.log.Tree(context.Background(), id)
	if err != nil {
		w.tb.Fatal(err)
	}
	return tree.Rules[0].Deliveries[n]
}

// rows counts the rows with a prefix.
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

// target is a Target whose answers a test decides.
type target struct {
	answer func(d delivery.Delivery) error // nil: everything succeeds

	mu      sync.Mutex
	got     []delivery.Delivery
	batches []int
	at      []time.Time
	clock   clock.Clock
}

func (t *target) Deliver(_ context.Context, batch []delivery.Delivery) []error {
	t.mu.Lock()
	t.batches = append(t.batches, len(batch))
	for _, d := range batch {
		t.got = append(t.got, d)
		if t.clock != nil {
			t.at = append(t.at, t.clock.Now())
		}
	}
	t.mu.Unlock()
	out := make([]error, len(batch))
	for i, d := range batch {
		if t.answer != nil {
			out[i] = t.answer(d)
		}
	}
	return out
}

func (t *target) ids() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var ids []string
	for _, d := range t.got {
		ids = append(ids, d.EventID)
	}
	slices.Sort(ids)
	return ids
}

// letters is a DeadLetter that keeps what it gets.
type letters struct {
	answer func(n int) error // by number of the call, from 1

	mu    sync.Mutex
	calls int
	got   []delivery.DeadLetterMessage
}

func (l *letters) Send(_ context.Context, m delivery.DeadLetterMessage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if l.answer != nil {
		if err := l.answer(l.calls); err != nil {
			return err
		}
	}
	l.got = append(l.got, m)
	return nil
}

func day() delivery.Policy { return delivery.Policy{MaxRetries: 185, MaxAge: 24 * time.Hour} }
