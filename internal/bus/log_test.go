package bus_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/store/storetest"
)

func TestTail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.target(1, "a")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		w.publish("SeatsHeld")
		from, err := w.bus.Now(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var got []bus.Stored
		ended := make(chan error)
		go func() {
			for s, err := range w.bus.Tail(ctx, from) {
				if err != nil {
					ended <- err
					return
				}
				got = append(got, s)
			}
		}()
		synctest.Wait()
		if len(got) != 0 {
			t.Errorf("an event from before the cursor: %+v", got)
		}
		first := w.entry("SeatsHeld")
		first.Trace = someTrace
		w.put(first)
		synctest.Wait()
		if len(got) != 1 {
			t.Fatalf("%d events", len(got))
		}
		want := bus.Stored{
			Ref: got[0].Ref, BusName: "cinema", Envelope: first.Envelope, Accepted: start, Trace: someTrace, Matched: 1,
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		again, ok, err := w.bus.Read(context.Background(), got[0].Ref)
		if diff := cmp.Diff(want, again); diff != "" || !ok || err != nil {
			t.Errorf("Read: %v %v (-want +got)\n%s", ok, err, diff)
		}
		for range 50 {
			w.put(w.entry("SeatsHeld"), w.entry("Other"))
		}
		synctest.Wait()
		if len(got) != 101 {
			t.Errorf("%d events, want 101", len(got))
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		// From the beginning, and stopped by the reader.
		n := 0
		for _, err := range w.bus.Tail(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 102 {
				break
			}
		}
		if _, ok, err := w.bus.Read(context.Background(), bus.Ref{Part: 1, Bus: 7, Seq: 7}); ok || err != nil {
			t.Errorf("an event that never was: %v %v", ok, err)
		}
	})
}

// TestRetention publishes every hour for four days.
func TestRetention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.target(1, "a")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		idle := w.entry("Other")
		idle.Bus = 2
		w.put(idle)
		for range 4 * 24 {
			w.clock.Advance(time.Hour)
			// Enough that every partition gets one.
			for range 6 {
				w.publish("SeatsHeld")
			}
			synctest.Wait()
		}
		kept := map[bus.BusID]int{}
		oldest := w.clock.Now()
		for ref, at := range w.stored() {
			kept[ref.Bus]++
			if at.Before(oldest) {
				oldest = at
			}
		}
		if age := w.clock.Now().Sub(oldest); age < bus.DefaultRetention-2*time.Hour || age > bus.DefaultRetention+2*time.Hour {
			t.Errorf("the oldest event is %v old", age)
		}
		if kept[2] != 0 {
			t.Errorf("a bus without traffic keeps %d old events", kept[2])
		}
		if n := w.rows("evt/"); n > 2*(26+4) {
			t.Errorf("%d rows of the time index are left", n)
		}
	})
}

// stored reads the log through Tail, as far as it goes now.
func (w *world) stored() map[bus.Ref]time.Time {
	out := map[bus.Ref]time.Time{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s, err := range w.bus.Tail(ctx, nil) {
			if err != nil {
				return
			}
			out[s.Ref] = s.Accepted
		}
	}()
	synctest.Wait()
	cancel()
	<-done
	return out
}

// TestRetentionWaitsForDeliveries checks that an event stays as long as a
// delivery needs it: the power failed, and the engine starts days later.
func TestRetentionWaitsForDeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fs := storetest.NewFS()
		w := newWorld(t, fs.Use)
		stuck := w.target(1, "queue")
		stuck.wait = make(chan struct{})
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		var ids []string
		for range 100 {
			ids = append(ids, w.publish("SeatsHeld"))
		}
		left := fs.Crash(0, rand.New(rand.NewPCG(1, 2)))
		close(stuck.wait)
		w.close()

		w.open(left.Use)
		defer w.close()
		queue := w.target(1, "queue")
		publishForDays := func() {
			for range 3 * 12 {
				w.clock.Advance(2 * time.Hour)
				for range 6 {
					w.publish("Other")
				}
			}
		}
		publishForDays()
		w.start()
		w.walk()
		slices.Sort(ids)
		if diff := cmp.Diff(ids, queue.ids()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		publishForDays()
		if n := w.rows("ev/"); n > 15*6 {
			t.Errorf("%d events are still stored", n)
		}
	})
}

// TestDeadLetterAfterADay is the longest way an event can go.
func TestDeadLetterAfterADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		dead := &lettersTo{}
		w.engine.Define(1, delivery.Lane{
			Rule: "rule", TargetARN: where.Queue("a").String(), Target: &target{err: errBoom},
			Policy:     delivery.Policy{MaxRetries: 1000, MaxAge: 24 * time.Hour},
			DeadLetter: dead, DeadLetterARN: where.Queue("dead").String(),
		})
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		e := w.entry("SeatsHeld")
		w.put(e)
		w.walk()
		if len(dead.got) != 1 || string(dead.got[0].Delivery.Event) != string(e.Envelope) {
			t.Fatalf("%d dead letters", len(dead.got))
		}
		attributes := bus.DeadLetterAttributes(dead.got[0])
		if attributes["EXHAUSTED_RETRY_CONDITION"] != "MaximumEventAgeInSeconds" || attributes["ERROR_MESSAGE"] != "boom" {
			t.Errorf("attributes %v", attributes)
		}
		if d := w.tree(e.Event.ID).Rules[0].Deliveries[0]; d.State != lineage.StateDeadLettered {
			t.Errorf("lineage says %+v", d)
		}
	})
}

type lettersTo struct{ got []delivery.DeadLetterMessage }

func (l *lettersTo) Send(_ context.Context, m delivery.DeadLetterMessage) error {
	l.got = append(l.got, m)
	return nil
}

func TestRemoveBus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		a := w.target(1, "a")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		w.publish("SeatsHeld")
		other := w.entry("SeatsHeld")
		other.Bus = 2
		w.put(other)
		w.walk()
		if err := w.bus.RemoveBus(context.Background(), 1); err != nil {
			t.Fatal(err)
		}
		w.publish("SeatsHeld") // a call that knew the bus still
		w.walk()
		if len(a.ids()) != 1 || w.rows("ev/") != 2 {
			t.Errorf("%d delivered, %d events stored", len(a.ids()), w.rows("ev/"))
		}
	})
}
