package sqs

import (
	"context"
	"time"

	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// work is one transaction on the messages of one queue. Whatever changes
// messages goes through it, so that index, groups, counters and rows agree.
type work struct {
	records []lineage.Record // what is to be told

	tx     store.Tx
	q      *Queue
	st     stats
	read   stats    // st as it was read
	groups []*group // those that were looked at
	flying flying   // as it will be
	news   arrivals // what receivers that wait must hear of

	live    *live
	changes []change // of messages, in order; see recent
	written int      // how many of them
	key     [48]byte // scratch
	purged  bool
}

// update runs f as one transaction on a queue, and tells receivers that wait
// what came of it. It fails with [ErrNoQueue] if the queue is gone.
func (s *Service) update(ctx context.Context, l *live, f func(w *work) error) error {
	q := l.config.Load()
	return s.store.Update(ctx, q.Part, func(tx store.Tx) error {
		w, err := l.begin(tx, q)
		if err != nil {
			return err
		}
		if err := f(w); err != nil {
			return err
		}
		if err := w.end(); err != nil {
			return err
		}
		if w.news != (arrivals{}) {
			tx.OnDurable(func() { s.announce(l, w.news) })
		}
		return nil
	})
}

func (l *live) begin(tx store.Tx, q *Queue) (*work, error) {
	if !l.counted {
		st, err := readStats(tx, q)
		if err != nil {
			return nil, err
		}
		l.stats, l.counted = st, true
	}
	if l.stats.deleted {
		return nil, ErrNoQueue
	}
	return &work{
		tx: tx, q: q, st: l.stats, read: l.stats, flying: l.flying, live: l, changes: l.recent.scratch[:0],
	}, nil
}

// end writes what was changed.
func (w *work) end() error {
	if err := w.saveGroups(); err != nil {
		return err
	}
	w.write()
	if w.st.total == 0 {
		w.st.oldest = w.st.next
	}
	if w.st != w.read {
		writeStats(w.tx, w.q, w.st)
	}
	w.tx.OnApply(w.apply)
	return nil
}

// row is the key of a row of a message, until the next key.
func (w *work) row(table string, seq uint64) []byte {
	return store.AppendUint64(w.q.appendTable(w.key[:0], table), seq)
}

// timed is the key of a row by time, until the next key.
func (w *work) timed(table string, at time.Time, seq uint64) []byte {
	return store.AppendUint64(store.AppendTime(w.q.appendTable(w.key[:0], table), at), seq)
}

// number returns a sequence number that was never used before.
func (w *work) number() uint64 {
	n := w.st.next
	w.st.next++
	return n
}

// append writes a new message and returns its sequence number. Its row is
// stamped with the times, and kept: it must not change any more.
func (w *work) append(row []byte, group string, sent, visible time.Time) (uint64, error) {
	stamp(row, sent, visible)
	seq := w.number()
	hidden := visible.After(w.tx.Now())
	switch {
	case w.q.Settings.Fifo:
		if hidden {
			w.tx.Set(w.timed(tableHidden, visible, seq), indexSent)
		}
		fallthrough
	case group != "" && !hidden && row[offsetFlags]&flagMoved == 0:
		g, err := w.group(group)
		if err != nil {
			return 0, err
		}
		row[offsetFlags] |= flagGrouped
		w.join(g, seq, visible)
	default:
		w.tx.Set(w.timed(tableIndex, visible, seq), indexSent)
	}
	w.changes = append(w.changes, change{seq: seq, known: known{row: row}, newRow: true})
	if row[offsetFlags]&flagMoved != 0 {
		w.tx.Set(w.q.earlyKey(sent, seq), []byte{indexVersion})
	}
	w.q.arm(w.tx, &w.st, sent)
	w.st.total++
	if !w.q.Settings.Fifo { // of groups that are locked saveGroup tells
		w.news.add(visible, w.tx.Now())
	}
	return seq, nil
}

// restore puts a message back that had been removed while it was visible, or
// could have been.
func (w *work) restore(seq uint64, row []byte, st state) error {
	_, sent, err := freshState(row)
	if err != nil {
		return err
	}
	received := st.receives > 0
	if received {
		st.visible = in(w.tx, 0)
	}
	if st.group != "" {
		g, err := w.group(st.group)
		if err != nil {
			return err
		}
		w.join(g, seq, st.visible)
	} else {
		kind := indexSent
		if received {
			kind = indexReceived
		}
		w.tx.Set(w.timed(tableIndex, st.visible, seq), kind)
		w.news.add(st.visible, w.tx.Now())
	}
	w.changes = append(w.changes, change{seq: seq, known: known{row, st, received}, newRow: true, newState: received})
	if !st.early.IsZero() {
		w.tx.Set(w.q.earlyKey(st.early, seq), []byte{indexVersion})
	}
	w.st.oldest = min(w.st.oldest, seq)
	w.st.total++
	w.q.arm(w.tx, &w.st, sent)
	return nil
}

// receive counts one receive of a message, which is to be hidden then.
func (w *work) receive(seq uint64, st *state) error {
	st.receives++
	st.last = in(w.tx, 0)
	if st.first.IsZero() {
		st.first = st.last
	}
	if st.group != "" && !w.q.Settings.Fifo {
		g, err := w.group(st.group)
		if err != nil {
			return err
		}
		w.leave(g, seq)
		st.group = ""
	}
	return nil
}

// hide hides a message that was received until the given time.
func (w *work) hide(seq uint64, st *state, until time.Time) error {
	w.tx.Delete(w.timed(w.q.hiddenTable(), st.visible, seq))
	return w.hidden(seq, st, until)
}

// hidden is the part of hide that comes after the message's place was taken.
func (w *work) hidden(seq uint64, st *state, until time.Time) error {
	st.visible = until
	w.tx.Set(w.timed(w.q.hiddenTable(), until, seq), indexReceived)
	w.changes = append(w.changes, change{seq: seq, known: known{state: *st, received: true}, newState: true})
	if st.group == "" {
		w.news.add(until, w.tx.Now())
		return nil
	}
	g, err := w.group(st.group)
	if err != nil {
		return err
	}
	g.lock(seq, until)
	return nil
}

// remove deletes a message.
func (w *work) remove(seq uint64, st state) error {
	if st.group != "" {
		g, err := w.group(st.group)
		if err != nil {
			return err
		}
		w.leave(g, seq)
	}
	if st.group == "" || w.q.Settings.Fifo {
		w.tx.Delete(w.timed(w.q.hiddenTable(), st.visible, seq))
	}
	received := st.receives > 0
	w.changes = append(w.changes, change{seq: seq, gone: true, known: known{received: received}})
	if received && st.visible.After(w.tx.Now()) {
		w.flying.land(w)
	}
	if !st.early.IsZero() {
		w.tx.Delete(w.q.earlyKey(st.early, seq))
	}
	w.st.total--
	return nil
}

// arrivals sums up what became visible, or will: what waiting receivers must
// hear of.
type arrivals struct {
	now   int       // messages or groups that can be received at once
	later time.Time // when the first hidden one can; zero if there is none
}

func (a *arrivals) add(visible, now time.Time) {
	switch {
	case !visible.After(now):
		a.now++
	case a.later.IsZero() || visible.Before(a.later):
		a.later = visible
	}
}

// announce tells waiting receivers about messages.
func (s *Service) announce(l *live, a arrivals) {
	if a.now > 0 {
		l.line.wake(a.now)
	}
	s.alarms.set(&l.line, a.later)
}
