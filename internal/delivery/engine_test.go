package delivery_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
)

func TestDelivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		a, b := &target{}, &target{}
		w.engine.Define(1, delivery.Lane{TargetARN: "a", Rule: "rule", Target: a, Batch: 10})
		w.engine.Define(2, delivery.Lane{TargetARN: "b", Target: b, Input: func(event []byte, at time.Time) ([]byte, error) {
			return append([]byte(at.Format(time.RFC3339)+" "), event...), nil
		}})
		w.start()
		id := w.publish(1, 2)
		w.walk()
		if len(a.got) != 1 || len(b.got) != 1 {
			t.Fatalf("a got %d, b got %d", len(a.got), len(b.got))
		}
		d := a.got[0]
		want := delivery.Delivery{
			ID: d.ID, EventID: id, Event: []byte(id), Payload: []byte(id), Rule: "rule", TargetARN: "a",
			Attempt: 1, Accepted: start, Meta: []byte{},
		}
		want.Trace.Root = "1-2-3"
		if diff := cmp.Diff(want, d); diff != "" {
			t.Errorf("delivery: (-want +got)\n%s", diff)
		}
		if got := string(b.got[0].Payload); got != "2026-11-23T10:00:00Z "+id {
			t.Errorf("payload %q", got)
		}
		if d.ID == b.got[0].ID || len(d.ID) != 16 {
			t.Errorf("ids %q and %q", d.ID, b.got[0].ID)
		}
		for i := range 2 {
			if got := w.told(id, i).State; got != lineage.StateDelivered {
				t.Errorf("lineage says %s", got)
			}
		}
		if n := w.rows("dlv/") + w.rows("dlp/"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// TestWalksADay is the promise of virtual time: a day of retries in no time.
func TestWalksADay(t *testing.T) {
	t.Parallel()
	boom := func(delivery.Delivery) error { return errors.New("boom") }
	for name, c := range map[string]struct {
		policy   delivery.Policy
		answer   func(delivery.Delivery) error
		attempts int // 0: by chance
		limit    delivery.Limit
		age      time.Duration // of the last attempt, if it is certain
	}{
		"attempts":        {delivery.Policy{MaxRetries: 5, MaxAge: 24 * time.Hour}, boom, 6, delivery.MaxRetries, 0},
		"no retries":      {delivery.Policy{MaxRetries: 0, MaxAge: 24 * time.Hour}, boom, 1, delivery.MaxRetries, 0},
		"age":             {delivery.Policy{MaxRetries: 185, MaxAge: time.Minute}, boom, 0, delivery.MaxAge, time.Minute},
		"a day":           {delivery.Policy{MaxRetries: 1000, MaxAge: 24 * time.Hour}, boom, 0, delivery.MaxAge, 24 * time.Hour},
		"default":         {day(), boom, 0, "", 0},
		"no limit of age": {delivery.Policy{MaxRetries: 20}, boom, 21, delivery.MaxRetries, 0},
		"permanent": {day(), func(delivery.Delivery) error {
			return &delivery.Failure{Code: delivery.CodeNoResource, Message: "gone", Permanent: true}
		}, 1, delivery.NoLimit, 0},
		"permanent at last": {day(), func(d delivery.Delivery) error {
			return &delivery.Failure{Code: delivery.CodeThrottling, Permanent: d.Attempt == 3}
		}, 3, delivery.NoLimit, 0},
		"free attempts": {delivery.Policy{MaxRetries: 2, MaxAge: 6 * time.Hour}, func(d delivery.Delivery) error {
			return &delivery.Failure{Code: delivery.CodeThrottling, Free: d.Attempt <= 10, After: time.Minute}
		}, 13, delivery.MaxRetries, 12 * time.Minute},
		"free for ever": {delivery.Policy{MaxRetries: 2, MaxAge: 6 * time.Hour}, func(delivery.Delivery) error {
			return &delivery.Failure{Code: delivery.CodeThrottling, Free: true, After: 5 * time.Minute}
		}, 73, delivery.MaxAge, 6 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close()
				to, dead := &target{answer: c.answer, clock: w.clock}, &letters{}
				w.engine.Define(1, delivery.Lane{Target: to, Policy: c.policy, DeadLetter: dead, DeadLetterARN: "dlq"})
				w.start()
				id := w.publish(1)
				w.walk()
				if len(dead.got) != 1 {
					t.Fatalf("%d dead letters after %d attempts", len(dead.got), len(to.got))
				}
				m, last := dead.got[0], to.at[len(to.at)-1].Sub(start)
				t.Logf("%d attempts, the last after %v, %s", len(to.got), last, m.Exhausted)
				if c.attempts > 0 && len(to.got) != c.attempts {
					t.Errorf("%d attempts, want %d", len(to.got), c.attempts)
				}
				if name != "default" && m.Exhausted != c.limit || m.Exhausted == delivery.NoLimit && c.limit != delivery.NoLimit {
					t.Errorf("Exhausted = %q, want %q", m.Exhausted, c.limit)
				}
				if c.age > 0 && last != c.age {
					t.Errorf("the last attempt was after %v, want %v", last, c.age)
				}
				if len(to.got) > 186 && c.policy.MaxRetries <= 185 || last > 24*time.Hour {
					t.Errorf("%d attempts in %v are too many", len(to.got), last)
				}
				if m.Delivery.Attempt != len(to.got) || string(m.Delivery.Event) != id {
					t.Errorf("dead letter of attempt %d and event %q, want %d and %q", m.Delivery.Attempt, m.Delivery.Event, len(to.got), id)
				}
				told := w.told(id, 0)
				if told.State != lineage.StateDeadLettered || told.DeadLetter != "dlq" || len(told.Attempts) != len(to.got) || told.Exhausted != string(m.Exhausted) {
					t.Errorf("lineage: %s to %s after %d attempts, %s", told.State, told.DeadLetter, len(told.Attempts), told.Exhausted)
				}
				if n := w.rows("dlv/") + w.rows("dlp/"); n != 0 {
					t.Errorf("%d rows are left", n)
				}
			})
		})
	}
}
