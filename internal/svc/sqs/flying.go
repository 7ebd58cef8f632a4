package sqs

import (
	"time"

	"stormbus/internal/store"
)

// flying knows how many more messages of a queue may be in flight, without
// counting them each time. It never knows too much: what becomes visible by
// itself it only learns when it counts again, which it does when its knowledge
// is used up. It is derived from the rows, and used on the goroutine of the
// queue's partition only.
type flying struct {
	known bool
	left  int       // at least so many more may be in flight
	until time.Time // if left is 0: nothing changes by itself before
}

// room returns how many messages may be taken.
func (f *flying) room(w *work, allowed int) (int, error) {
	if f.known && f.left > 0 {
		return f.left, nil
	}
	now := w.tx.Now()
	if f.known && now.Before(f.until) {
		w.news.add(f.until, now)
		return 0, nil
	}
	next := flying{known: true, left: allowed}
	table := w.q.hiddenTable()
	for k, v := range w.tx.Scan(w.q.timed(table, now.Add(tick), 0), store.PrefixEnd(w.q.table(table))) {
		if !isReceived(v) {
			continue
		}
		if next.until.IsZero() {
			next.until, _, _ = w.q.splitTimed(table, k)
		}
		if next.left--; next.left <= 0 {
			break
		}
	}
	if next.left == 0 {
		w.news.add(next.until, now)
	}
	*f = next
	return max(next.left, 0), nil
}

// add notes that n more messages are in flight.
func (f *flying) add(n int) { f.left -= n }

// land notes that a message is in flight no longer, and lets receivers know that
// wait for room.
func (f *flying) land(w *work) {
	if f.known && w.live.flying.left == 0 {
		w.news.now++
	}
	f.add(-1)
}

// reset makes the next receive count anew.
func (f *flying) reset() { *f = flying{} }
