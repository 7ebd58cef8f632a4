package sqs

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
)

// wantRecent makes sure that what is known of a queue without reading the store
// is what the store holds.
func (h *harness) wantRecent(url *string) {
	h.Helper()
	l, err := h.find(h.ctx, url)
	if err != nil {
		h.Fatal(err)
	}
	q := l.config.Load()
	// An Update, since what is known belongs to the goroutine of the partition.
	err = h.store.Update(h.ctx, q.Part, func(tx store.Tx) error {
		st, err := readStats(tx, q)
		if err != nil {
			return err
		}
		if l.counted && !cmp.Equal(l.stats, st, cmp.AllowUnexported(stats{})) {
			h.Errorf("known stats = %+v, the row says %+v", l.stats, st)
		}
		for k, e := range l.recent.byKey {
			if k.queue == q.ID {
				h.wantKnown(tx, q, k.seq, e.known)
			}
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *harness) wantKnown(tx store.Tx, q *Queue, seq uint64, m known) {
	h.Helper()
	row, ok := tx.Get(q.messageKey(seq))
	if !ok || m.row != nil && !bytes.Equal(m.row, row) {
		h.Errorf("message %d is known, and its row is there: %t, or another", seq, ok)
	}
	st, received, err := readState(tx, q, seq)
	if err != nil {
		h.Fatal(err)
	}
	if received != m.received || received && !cmp.Equal(m.state, st, cmp.AllowUnexported(state{})) {
		h.Errorf("message %d: known state %+v (received: %t), the row says %+v (%t)", seq, m.state, m.received, st, received)
	}
}

func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	r := newRecent()
	r.most = 10_000
	row := func(n int) known { return known{row: make([]byte, n)} }
	for seq := range uint64(100) {
		r.put(recentKey{1, seq}, row(1000))
		if r.bytes > r.most {
			t.Fatalf("%d bytes are kept, want at most %d", r.bytes, r.most)
		}
	}
	if _, ok := r.byKey[recentKey{1, 99}]; !ok || len(r.byKey) != 7 {
		t.Errorf("%d messages are known, the newest among them: %t; want 7 and true", len(r.byKey), ok)
	}
	r.put(recentKey{1, 99}, known{received: true}) // what is new of it
	if e := r.byKey[recentKey{1, 99}]; len(e.known.row) != 1000 || !e.known.received {
		t.Errorf("after a receive %d bytes of the row are known, want 1000", len(e.known.row))
	}
	r.put(recentKey{2, 1}, row(recentRowMost+1))
	if e := r.byKey[recentKey{2, 1}]; e == nil || e.known.row != nil {
		t.Error("a large row was kept, or nothing of its message")
	}
	r.forgetQueue(1)
	if len(r.byKey) != 1 || r.first != r.last || r.bytes != recentOverhead {
		t.Errorf("after a queue was forgotten %d messages and %d bytes are left, want 1 and %d", len(r.byKey), r.bytes, recentOverhead)
	}
	r.forget(recentKey{2, 1})
	if r.first != nil || r.last != nil || r.bytes != 0 {
		t.Errorf("something is left of nothing: %+v", r)
	}
}

func TestRecentForgetsWhatFailed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a", "b")
	h.deleteMessage(url, h.wantBodies(url, "a", "b")[0])
	l, err := h.find(h.ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	err = h.update(h.ctx, l, func(w *work) error {
		st, ok, err := w.state(2)
		if !ok || err != nil {
			t.Errorf("state of a message in flight: %t, %v", ok, err)
		}
		if err := w.hide(2, &st, in(w.tx, time.Hour)); err != nil {
			return err
		}
		if again, _, _ := w.state(2); !again.visible.Equal(st.visible) {
			t.Errorf("a transaction sees %v of its own change, want %v", again.visible, st.visible)
		}
		if err := w.remove(2, st); err != nil {
			return err
		}
		if _, ok, _ := w.state(2); ok {
			t.Error("a transaction sees the message that it has removed")
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	h.wantRecent(url)
	h.wantNumbers(url, "0", "0", "1")
	h.clock.Advance(30 * time.Second)
	h.wantBodies(url, "b")
}
