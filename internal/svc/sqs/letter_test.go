package sqs

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// walk returns all letters of a walk.
func (h *harness) walk(l *Letters) (all []Letter) {
	h.Helper()
	for {
		some, err := l.Next(h.ctx)
		if err != nil {
			h.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		all = append(all, some...)
	}
}

func (h *harness) letters(name string) *Letters {
	h.Helper()
	l, err := h.Letters(h.ctx, scope.Queue(name))
	if err != nil {
		h.Fatal(err)
	}
	return l
}

// TestLetters: a walk shows what its sender noted, and only what was there when it
// began; receivers do not see the note.
func TestLetters(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("dead")
	letter := Outgoing{
		Body: "gone", Attributes: map[string]Attribute{"ERROR_CODE": {DataType: "String", Text: "X"}}, Note: "\x00\xffnote",
		Cause: lineage.Cause{EventID: "e", Delivery: "d"},
	}
	if err := h.Send(h.ctx, scope.Queue("dead"), []Outgoing{letter})[0]; err != nil {
		t.Fatal(err)
	}
	h.sendDelayed(url, "later", 60)
	l := h.letters("dead")
	h.send(url, "new")
	got := h.walk(l)
	if len(got) != 2 || got[0].ID == "" || got[0].Trace == "" {
		t.Fatalf("walked over %+v", got)
	}
	want := []Letter{
		{Body: "gone", Attributes: letter.Attributes, Note: letter.Note, Cause: letter.Cause, Sent: start, Visible: start},
		{Body: "later", Sent: start, Visible: start.Add(time.Minute)},
	}
	ignore := cmp.Options{cmpopts.IgnoreUnexported(Letter{}), cmpopts.IgnoreFields(Letter{}, "ID", "Trace")}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	received := h.wantBodies(url, "gone", "new")
	if a := received[0].MessageAttributes; len(a) != 1 {
		t.Errorf("a receiver sees %v", a)
	}
	if _, err := h.Letters(h.ctx, scope.Queue("none")); !errors.Is(err, ErrNoQueue) {
		t.Errorf("Letters of no queue: %v", err)
	}
}

// TestTakeOut: what is taken leaves the queue together with what was written for
// it; what is in flight, delayed, gone or not wanted stays as it is.
func TestTakeOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("dead")
	h.send(url, "flying", "gone", "back")
	h.deleteMessage(url, h.get(url, atMost(3))[1])
	h.clock.Advance(time.Minute) // the others are visible again
	h.get(url, atMost(1))
	h.sendDelayed(url, "later", 60)
	h.send(url, "kept", "taken")
	letters := h.walk(h.letters("dead"))
	var offered []string
	take := func(walk *Letters) []bool {
		t.Helper()
		offered = nil
		taken, err := walk.TakeOut(h.ctx, letters, func(tx store.Tx, i int) bool {
			offered = append(offered, letters[i].Body)
			if _, _, err := store.Once(tx, []byte(letters[i].Body), time.Hour, nothing); err != nil {
				t.Error(err)
			}
			return letters[i].Body != "kept"
		})
		if err != nil {
			t.Fatal(err)
		}
		return taken
	}
	taken := take(h.letters("dead"))
	if diff := cmp.Diff([]string{"back", "kept", "taken"}, offered); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{false, true, false, false, true}, taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	h.wantNumbers(url, "1", "1", "1")
	h.crash()
	h.wantNumbers(url, "1", "1", "1")
	err := h.store.View(h.ctx, h.letters("dead").q.Part, func(v store.View) error {
		if _, ok := v.Get([]byte("once/taken")); !ok {
			t.Error("what was written for a message that was taken is lost")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	take(h.letters("dead"))
	if diff := cmp.Diff([]string{"kept"}, offered); diff != "" {
		t.Errorf("offered after a crash (-want +got):\n%s", diff)
	}
	h.clock.Advance(time.Minute)
	h.wantBodies(url, "kept", "flying", "later")
}

// TestTakeOutFails: if what is written cannot be, nothing leaves the queue.
func TestTakeOutFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("dead")
	h.send(url, "a", "b")
	walk := h.letters("dead")
	letters := h.walk(walk)
	_, err := walk.TakeOut(h.ctx, letters, func(tx store.Tx, i int) bool {
		tx.Set(fmt.Appendf(nil, "test/%d", i), make([]byte, 40<<20)) // together too much for one transaction
		return true
	})
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("TakeOut: %v, want ErrTooLarge", err)
	}
	h.wantBodies(url, "a", "b")
}

// TestTakeOutOfADeletedQueue: a queue that was made again under the same name is
// another one.
func TestTakeOutOfADeletedQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("dead")
	h.send(url, "a")
	walk := h.letters("dead")
	letters := h.walk(walk)
	if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	h.send(h.createQueue("dead"), "b")
	if _, err := walk.TakeOut(h.ctx, letters, func(store.Tx, int) bool { return true }); !errors.Is(err, ErrNoQueue) {
		t.Errorf("TakeOut: %v, want ErrNoQueue", err)
	}
	h.wantBodies(url, "b")
}

// TestLettersAreMany: a walk goes on where it stopped, past what was taken out.
func TestLettersAreMany(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.createQueue("dead")
	var msgs []Outgoing
	for i := range 2*moveBatch + 5 {
		msgs = append(msgs, Outgoing{Body: fmt.Sprint(i)})
	}
	h.Send(h.ctx, scope.Queue("dead"), msgs)
	walk := h.letters("dead")
	seen := 0
	for {
		letters, err := walk.Next(h.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(letters) == 0 {
			break
		}
		for _, l := range letters {
			if l.Body != fmt.Sprint(seen) {
				t.Fatalf("letter %d is %q", seen, l.Body)
			}
			seen++
		}
		if _, err := walk.TakeOut(h.ctx, letters, func(store.Tx, int) bool { return true }); err != nil {
			t.Fatal(err)
		}
	}
	if seen != len(msgs) {
		t.Errorf("walked over %d letters, want %d", seen, len(msgs))
	}
}
