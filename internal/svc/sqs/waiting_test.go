package sqs

import (
	"testing"
	"time"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// waitingNames counts the names that are blocked.
func (h *harness) waitingNames() (n int) {
	h.Helper()
	err := h.store.View(h.ctx, store.Meta, func(v store.View) error {
		n = 0
		lo := []byte(metaWaiting)
		for range v.Scan(lo, store.PrefixEnd(lo)) {
			n++
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return n
}

// TestNameOfADeletedQueueWaits: the rule of 60 seconds holds for the one name, in
// the one account and region, through a crash, and leaves nothing behind.
func TestNameOfADeletedQueueWaits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.strict = true
	h.boot()
	remove := func(url *string) {
		t.Helper()
		if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: url}); err != nil {
			t.Fatal(err)
		}
	}
	refused := func() {
		t.Helper()
		name := "q"
		_, err := h.CreateQueue(h.ctx, &shape.CreateQueueInput{QueueName: &name})
		wantCode(t, err, "AWS.SimpleQueueService.QueueDeletedRecently",
			"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	remove(h.createQueue("q"))
	refused()
	h.createQueue("q2")
	h.crash()
	h.clock.Advance(time.Minute - time.Millisecond)
	refused()
	h.clock.Advance(time.Millisecond)
	url := h.createQueue("q")
	h.eventually("the timer has removed the row", func() bool { h.nudge(); return h.waitingNames() == 0 })

	// A server that is started anew without the rule does not keep to it.
	remove(url)
	refused()
	h.strict = false
	h.boot()
	url = h.createQueue("q")
	remove(url)
	h.createQueue("q")
	h.clock.Advance(time.Minute)
	h.eventually("the timer has removed the row", func() bool { h.nudge(); return h.waitingNames() == 0 })
}
