package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// TestLetterIsDeliveredAgain: a job that comes of a dead letter has all its retries
// and a new age before it, whenever the event was accepted, and is told below the
// letter.
func TestLetterIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		repaired := false
		to, dead := &target{answer: func(delivery.Delivery) error {
			if repaired {
				return nil
			}
			return errors.New("boom")
		}}, &letters{}
		w.engine.Define(7, delivery.Lane{
			TargetARN: "a", Rule: "rule", Target: to, Policy: delivery.Policy{MaxRetries: 2, MaxAge: time.Hour},
			DeadLetter: dead, DeadLetterARN: "dead",
		})
		w.start()
		id := w.publish(7)
		w.walk()
		if len(dead.got) != 1 || dead.got[0].Lane != 7 {
			t.Fatalf("dead letters %+v, want one of lane 7", dead.got)
		}
		given := dead.got[0].Delivery
		w.clock.Advance(48 * time.Hour)
		again := func(message string) (delivered string) {
			err := w.store.Update(context.Background(), w.store.Parts()[0], func(tx store.Tx) error {
				delivered = w.engine.Enqueue(tx, 7, delivery.Job{
					EventID: id, Body: delivery.Body{Event: given.Event, Trace: given.Trace.String()},
					Letter: &delivery.Letter{MessageID: message, Queue: "dead", Sent: w.clock.Now(), Of: lineage.Cause{EventID: id, Delivery: given.ID}},
				})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			w.walk()
			return delivered
		}
		again("m1")
		if n := len(to.got); n != 6 || len(dead.got) != 2 {
			t.Errorf("%d attempts and %d letters in all, want 3 attempts and a letter each time", n, len(dead.got))
		}
		repaired = true
		last := again("m2")
		messages := w.told(id, 0).Messages
		if len(messages) != 2 || len(messages[0].Redriven) != 1 || len(messages[1].Redriven) != 1 {
			t.Fatalf("lineage tells of %+v", messages)
		}
		if d := messages[0].Redriven[0]; d.State != lineage.StateDeadLettered || len(d.Attempts) != 3 {
			t.Errorf("the first redelivery: %+v", d)
		}
		if d := messages[1].Redriven[0]; d.State != lineage.StateDelivered || d.ID != last || d.Target != "a" {
			t.Errorf("the second redelivery: %+v, want %s delivered", d, last)
		}
		if n := w.rows("dlv/") + w.rows("dlp/"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}
