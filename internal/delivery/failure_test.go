package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

var errBoom = errors.New("boom")

// TestWhatBecomesOfAnEvent lists how one event can fare at one target.
func TestWhatBecomesOfAnEvent(t *testing.T) {
	t.Parallel()
	fail := func(n int, err error) func(delivery.Delivery) error {
		return func(d delivery.Delivery) error {
			if d.Attempt <= n {
				return err
			}
			return nil
		}
	}
	permanent := &delivery.Failure{Code: "NO_RESOURCE", Message: "gone", Permanent: true}
	input := func(payload string, err error) delivery.Input {
		return func([]byte, time.Time) ([]byte, error) { return []byte(payload), err }
	}
	for name, c := range map[string]struct {
		lane     delivery.Lane
		answer   func(delivery.Delivery) error
		letters  *letters
		state    lineage.State
		attempts int // calls of the target
		failed   int // failed attempts in lineage
		code     string
		message  string // contained
		sent     int    // dead letters
		calls    int    // of the dead-letter queue
	}{
		"retried": {
			lane: delivery.Lane{Policy: day()}, answer: fail(2, errBoom),
			state: lineage.StateDelivered, attempts: 3, failed: 2,
		},
		"no dead-letter queue": {
			lane: delivery.Lane{Policy: delivery.Policy{MaxRetries: 1}}, answer: fail(9, errBoom),
			state: lineage.StateDropped, attempts: 2, failed: 2, code: delivery.CodeInternalError, message: "boom",
		},
		"permanent without a dead-letter queue": {
			lane: delivery.Lane{Policy: day()}, answer: fail(9, permanent),
			state: lineage.StateDropped, attempts: 1, failed: 1, code: "NO_RESOURCE", message: "gone",
		},
		"wrapped failure": {
			lane: delivery.Lane{Policy: day()}, answer: fail(9, fmt.Errorf("send: %w", permanent)), letters: &letters{},
			state: lineage.StateDeadLettered, attempts: 1, failed: 1, code: "NO_RESOURCE", message: "gone", sent: 1, calls: 1,
		},
		"dead-letter queue fails twice": {
			lane: delivery.Lane{Policy: day()}, answer: fail(9, permanent),
			letters: &letters{answer: func(n int) error {
				if n <= 2 {
					return errBoom
				}
				return nil
			}},
			state: lineage.StateDeadLettered, attempts: 1, failed: 1, code: "NO_RESOURCE", message: "gone", sent: 1, calls: 3,
		},
		"dead-letter queue is gone": {
			lane: delivery.Lane{Policy: day()}, answer: fail(9, errBoom),
			letters: &letters{answer: func(int) error { return permanent }},
			state:   lineage.StateDropped, attempts: 186, failed: 186, code: "NO_RESOURCE", message: "dead-letter queue", calls: 1,
		},
		"dead-letter queue panics": {
			lane: delivery.Lane{Policy: day()}, answer: fail(9, permanent),
			letters: &letters{answer: func(n int) error {
				if n == 1 {
					panic("letters")
				}
				return nil
			}},
			state: lineage.StateDeadLettered, attempts: 1, failed: 1, code: "NO_RESOURCE", message: "gone", sent: 1, calls: 2,
		},
		"target panics": {
			lane: delivery.Lane{Policy: day()}, answer: func(d delivery.Delivery) error {
				if d.Attempt == 1 {
					panic("ouch")
				}
				return nil
			},
			state: lineage.StateDelivered, attempts: 2, failed: 1,
		},
		"input yields nothing": {
			lane:    delivery.Lane{Policy: day(), Input: input("", fmt.Errorf("%w: not JSON", delivery.ErrNothing))},
			letters: &letters{},
			state:   lineage.StateDropped, message: "not JSON",
		},
		"input fails": {
			lane: delivery.Lane{Policy: day(), Input: input("", errBoom)}, letters: &letters{},
			state: lineage.StateDeadLettered, failed: 1, code: delivery.CodeInvalidParameter, message: "boom", sent: 1, calls: 1,
		},
		"input panics": {
			lane: delivery.Lane{Policy: delivery.Policy{}, Input: func([]byte, time.Time) ([]byte, error) { panic("in") }}, letters: &letters{},
			state: lineage.StateDeadLettered, failed: 1, code: delivery.CodeInternalError, message: "in", sent: 1, calls: 1,
		},
		"long message": {
			lane: delivery.Lane{Policy: day()}, letters: &letters{},
			answer: fail(9, &delivery.Failure{Code: "X", Message: strings.Repeat("ü", 5000), Permanent: true}),
			state:  lineage.StateDeadLettered, attempts: 1, failed: 1, code: "X", message: strings.Repeat("ü", 512), sent: 1, calls: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close()
				to := &target{answer: c.answer}
				if strings.Contains(name, "is gone") {
					to.answer = func(delivery.Delivery) error { return errBoom }
				}
				c.lane.Target = to
				if c.letters != nil {
					c.lane.DeadLetter, c.lane.DeadLetterARN = c.letters, "dlq"
				}
				w.engine.Define(1, c.lane)
				w.start()
				id := w.publish(1)
				w.walk()
				told := w.told(id, 0)
				if told.State != c.state || len(told.Attempts) != c.failed || told.Code != c.code || !strings.Contains(told.Message, c.message) {
					t.Errorf("lineage says %s after %d failures: %s %s", told.State, len(told.Attempts), told.Code, told.Message)
				}
				if len(to.got) != c.attempts {
					t.Errorf("%d attempts, want %d", len(to.got), c.attempts)
				}
				if l := c.letters; l != nil && (len(l.got) != c.sent || l.calls != c.calls) {
					t.Errorf("%d dead letters in %d calls, want %d in %d", len(l.got), l.calls, c.sent, c.calls)
				}
				if n := w.rows("dlv/") + w.rows("dlp/"); n != 0 {
					t.Errorf("%d rows are left", n)
				}
				s := w.engine.Stats().Lanes[0]
				total := s.Delivered + s.DeadLettered + s.Dropped
				if total != 1 || s.InFlight != 0 || c.failed > 0 && s.LastError == "" {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

// short answers with too few outcomes.
type shortAnswer struct{ calls atomic.Int64 }

func (s *shortAnswer) Deliver(_ context.Context, batch []delivery.Delivery) []error {
	if s.calls.Add(1) == 1 {
		return make([]error, len(batch)-1)
	}
	return make([]error, len(batch))
}

func TestTargetWithTooFewOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		to := &shortAnswer{}
		w.engine.Define(1, delivery.Lane{Target: to, Batch: 10, Policy: day()})
		w.start()
		id := w.publish(1)
		w.walk()
		if told := w.told(id, 0); told.State != lineage.StateDelivered || len(told.Attempts) != 1 {
			t.Errorf("lineage says %s after %d failures", told.State, len(told.Attempts))
		}
	})
}

// refusing is a store that refuses some Updates.
type refusing struct {
	*store.Store
	with   error
	refuse atomic.Int64 // how many more
}

func (r *refusing) Update(ctx context.Context, p store.Part, fn func(tx store.Tx) error) error {
	if r.refuse.Add(-1) >= 0 {
		return r.with
	}
	return r.Store.Update(ctx, p, fn)
}

func TestOutcomeIsKeptUntilTheStoreTakesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		db := &refusing{Store: w.store, with: store.ErrReadOnly}
		w.engineOn(db)
		to := &target{}
		to.answer = func(delivery.Delivery) error {
			db.refuse.Store(3) // the settling and two more
			return nil
		}
		w.engine.Define(1, delivery.Lane{Target: to})
		w.start()
		id := w.publish(1)
		w.walk()
		if told := w.told(id, 0); told.State != lineage.StateDelivered || len(to.got) != 1 {
			t.Errorf("lineage says %s after %d attempts, want one", told.State, len(to.got))
		}
		db.refuse.Store(2) // the next claim and its repetition
		to.answer = nil
		id = w.publish(1)
		w.walk()
		if told := w.told(id, 0); told.State != lineage.StateDelivered || len(to.got) != 2 {
			t.Errorf("lineage says %s after %d attempts, want two", told.State, len(to.got))
		}
	})
}

func TestLostBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		to := &target{answer: func(delivery.Delivery) error { return errBoom }}
		w.engine.Define(1, delivery.Lane{Target: to, Policy: day(), DeadLetter: &letters{}})
		w.start()
		id := w.publish(1)
		synctest.Wait()
		for _, p := range w.store.Parts() {
			if err := w.store.Update(context.Background(), p, func(tx store.Tx) error {
				tx.Delete([]byte("ev/" + id))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		w.walk()
		if told := w.told(id, 0); told.State != lineage.StateDropped || !strings.Contains(told.Message, "no longer stored") {
			t.Errorf("lineage says %s: %s", told.State, told.Message)
		}
	})
}

// TestOutcomesTooLargeForOneUpdate refuses a batch's outcomes as a whole, as
// the store does with many large bodies on their way to a dead-letter queue.
func TestOutcomesTooLargeForOneUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		db := &refusing{Store: w.store, with: store.ErrTooLarge}
		w.engineOn(db)
		open := make(chan struct{})
		to := &target{answer: func(d delivery.Delivery) error {
			<-open
			if d.EventID != "event-1" { // which is a batch by itself
				db.refuse.Store(3) // the whole, a half, and a quarter of it
			}
			return &delivery.Failure{Code: "X", Permanent: true}
		}}
		dead := &letters{}
		w.engine.Define(1, delivery.Lane{Target: to, Batch: 10, Concurrency: 1, DeadLetter: dead})
		w.start()
		for range 40 {
			w.publish(1)
		}
		synctest.Wait()
		close(open)
		synctest.Wait() // the clock stands still: nothing is tried again later
		if len(to.got) != 40 || len(dead.got) != 40 || w.rows("dlv/")+w.rows("dlp/") != 0 {
			t.Errorf("%d attempts, %d dead letters, want 40; %d rows and %d bodies are left",
				len(to.got), len(dead.got), w.rows("dlv/"), w.rows("dlp/"))
		}
	})
}
