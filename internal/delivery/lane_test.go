package delivery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// gate is a target that waits until it is opened.
type gate struct {
	open chan struct{}

	mu      sync.Mutex
	now     int
	most    int
	largest int
	got     int
}

func (g *gate) Deliver(ctx context.Context, batch []delivery.Delivery) []error {
	g.mu.Lock()
	g.now++
	g.most, g.largest = max(g.most, g.now), max(g.largest, len(batch))
	g.mu.Unlock()
	out := make([]error, len(batch))
	select {
	case <-g.open:
	case <-ctx.Done():
		for i := range out {
			out[i] = ctx.Err()
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now--
	g.got += len(batch)
	return out
}

func TestConcurrencyAndBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		g := &gate{open: make(chan struct{})}
		lane := delivery.Lane{Target: g, Concurrency: 3, Batch: 4}
		w.engine.Define(1, lane)
		w.start()
		for range 100 {
			w.publish(1)
		}
		synctest.Wait()
		if g.now != 3 {
			t.Errorf("%d batches at once, want 3", g.now)
		}
		lane.Concurrency, lane.Batch = 5, 7
		w.engine.Define(1, lane)
		synctest.Wait()
		if g.now != 5 || w.engine.Stats().Lanes[0].InFlight > 5*7 {
			t.Errorf("%d batches at once, want 5; %d in flight", g.now, w.engine.Stats().Lanes[0].InFlight)
		}
		close(g.open)
		w.walk()
		if g.got != 100 || g.most != 5 || g.largest > 7 {
			t.Errorf("got %d in batches of up to %d, %d at once", g.got, g.largest, g.most)
		}
	})
}

// TestSlowLane checks that a lane whose target hangs does not hold up others.
func TestSlowLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		g, ok := &gate{open: make(chan struct{})}, &target{}
		w.engine.Define(1, delivery.Lane{Target: g})
		w.engine.Define(2, delivery.Lane{Target: ok})
		w.start()
		for range 20 {
			w.publish(1, 2)
		}
		synctest.Wait()
		if len(ok.got) != 20 {
			t.Errorf("the other lane got %d of 20", len(ok.got))
		}
		close(g.open)
		w.close()
	})
}

func TestRedefine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		bad, good := &target{answer: func(delivery.Delivery) error { return errBoom }}, &target{}
		w.engine.Define(1, delivery.Lane{Target: bad, Policy: day()})
		w.start()
		id := w.publish(1)
		synctest.Wait()
		w.engine.Define(1, delivery.Lane{Target: good, Policy: day()})
		w.walk()
		if len(bad.got) != 1 || len(good.got) != 1 || w.told(id, 0).State != lineage.StateDelivered {
			t.Errorf("bad got %d, good got %d, lineage says %s", len(bad.got), len(good.got), w.told(id, 0).State)
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		g := &gate{open: make(chan struct{})}
		bad := &target{answer: func(delivery.Delivery) error { return errBoom }}
		w.engine.Define(1, delivery.Lane{Target: g, Concurrency: 1, Policy: day()})
		w.engine.Define(2, delivery.Lane{Target: bad, Policy: day()})
		w.start()
		var ids []string
		for range 600 {
			ids = append(ids, w.publish(1, 2))
		}
		synctest.Wait()
		for _, id := range []delivery.LaneID{1, 2} {
			if err := w.engine.Forget(context.Background(), id); err != nil {
				t.Fatal(err)
			}
		}
		late := w.publish(1)
		if told := w.told(late, 0); told.ID != "" {
			t.Errorf("a forgotten lane took a delivery: %+v", told)
		}
		close(g.open)
		w.walk()
		if n := w.rows("dlv/") + w.rows("dlp/"); n != 0 || g.got != 1 || len(w.engine.Stats().Lanes) != 0 {
			t.Errorf("%d rows are left, %d were delivered; %+v", n, g.got, w.engine.Stats())
		}
		for _, id := range ids {
			for n := range 2 {
				told := w.told(id, n)
				gone := told.State == lineage.StateDropped && strings.Contains(told.Message, "removed")
				if !gone && told.State != lineage.StateDelivered {
					t.Fatalf("lineage says of %s: %+v", id, told)
				}
			}
		}
		if err := w.engine.Forget(context.Background(), 77); err != nil {
			t.Errorf("forget a lane that never was: %v", err)
		}
	})
}

func TestRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		bad := &target{answer: func(delivery.Delivery) error { return errBoom }}
		w.engine.Define(1, delivery.Lane{Target: bad, Policy: day()})
		w.engine.Define(2, delivery.Lane{Target: bad, Policy: day()})
		w.start()
		var ids []string
		for range 10 {
			ids = append(ids, w.publish(1, 2))
		}
		synctest.Wait()
		if err := w.engine.Close(context.Background()); err != nil {
			t.Fatal(err)
		}

		// A new life: lane 2 is not defined in time.
		w.engineOn(w.store)
		one, two := &target{}, &target{}
		w.engine.Define(1, delivery.Lane{Target: one, Policy: day()})
		w.start()
		w.walk()
		want := []delivery.Unclaimed{{ID: 2, Rows: 10}}
		if diff := cmp.Diff(want, w.engine.Stats().Unclaimed); diff != "" {
			t.Errorf("unclaimed: (-want +got)\n%s", diff)
		}
		slices.Sort(ids)
		if diff := cmp.Diff(ids, one.ids()); diff != "" {
			t.Errorf("lane 1: (-want +got)\n%s", diff)
		}
		w.engine.Define(2, delivery.Lane{Target: two, Policy: day()})
		w.walk()
		if diff := cmp.Diff(ids, two.ids()); diff != "" || len(w.engine.Stats().Unclaimed) != 0 {
			t.Errorf("lane 2: unclaimed %v (-want +got)\n%s", w.engine.Stats().Unclaimed, diff)
		}
		if two.got[0].Attempt != 2 {
			t.Errorf("attempt %d after the restart, want 2", two.got[0].Attempt)
		}
		w.close()
	})
}

func TestQueueBehindATarget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		run, part := &target{}, w.store.Parts()[0]
		run.answer = func(d delivery.Delivery) error {
			if d.Attempt == 1 {
				return &delivery.Failure{Code: "Unhandled", Message: "first try"}
			}
			return nil
		}
		w.engine.Define(9, delivery.Lane{Target: run, Policy: delivery.Policy{MaxRetries: 2}})
		w.engine.Define(1, delivery.Lane{Target: delivery.Each(func(ctx context.Context, d delivery.Delivery) error {
			return w.store.Update(ctx, part, func(tx store.Tx) error {
				w.engine.Enqueue(tx, 9, delivery.Job{
					EventID: "request-1", Body: delivery.Body{Event: d.Payload, Meta: []byte("note")},
					Cause: lineage.Cause{EventID: d.EventID, Delivery: d.ID},
				})
				return nil
			})
		})})
		w.start()
		id := w.publish(1)
		synctest.Wait()
		if told := w.told(id, 0); told.State != lineage.StateRetrying || told.Due == nil {
			t.Errorf("while the function waits for its retry, lineage says %+v", told)
		}
		if n := w.rows("dlp/"); n != 1 {
			t.Errorf("%d bodies are stored, want 1", n)
		}
		w.walk()
		told := w.told(id, 0)
		if told.State != lineage.StateDelivered || len(told.Attempts) != 1 || told.Attempts[0].Code != "Unhandled" {
			t.Errorf("lineage says %+v", told)
		}
		d := run.got[1]
		if d.EventID != "request-1" || string(d.Event) != id || string(d.Meta) != "note" || d.Cause.EventID != id || !d.Accepted.Equal(start) {
			t.Errorf("the queue's delivery is %+v", d)
		}
		if n := w.rows("dlp/") + w.rows("dlv/"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestCloseWaitsForAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		g := &gate{open: make(chan struct{})}
		w.engine.Define(1, delivery.Lane{Target: g})
		w.start()
		id := w.publish(1)
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- w.engine.Close(context.Background()) }()
		synctest.Wait()
		select {
		case err := <-closed:
			t.Fatalf("Close returned %v before the attempt did", err)
		default:
		}
		close(g.open)
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if told := w.told(id, 0); told.State != lineage.StateDelivered {
			t.Errorf("lineage says %s", told.State)
		}
		w.close()
	})
}

func TestCloseGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		g := &gate{open: make(chan struct{})}
		w.engine.Define(1, delivery.Lane{Target: g, Policy: delivery.Policy{MaxRetries: 3}})
		w.start()
		id := w.publish(1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second) // of the bubble's time
		defer cancel()
		if err := w.engine.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		synctest.Wait()
		if told := w.told(id, 0); told.State != lineage.StatePending || len(told.Attempts) != 0 || w.rows("dlv/") != 1 {
			t.Errorf("a cancelled attempt counted: %+v", told)
		}
		w.close()
	})
}

func TestEnqueueBeforeStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.engine.Define(1, delivery.Lane{Target: &target{}})
		err := w.store.Update(context.Background(), w.store.Parts()[0], func(tx store.Tx) error {
			w.engine.Enqueue(tx, 1, delivery.Job{EventID: "e"})
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "before Start") {
			t.Errorf("error %v", err)
		}
		w.start()
		if err := w.engine.Start(context.Background()); err == nil {
			t.Error("a second Start: no error")
		}
	})
}
