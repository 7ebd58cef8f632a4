package sqs

import (
	"bytes"
	"fmt"
	"time"

	"stormbus/internal/store"
)

// recent holds the rows of messages that were sent or received lately, so that
// what is received, and deleted soon after, need not be read from the store: the
// message as it was sent, and the state that the last receive left.
//
// It is derived from the rows. It is used on the goroutine of one partition
// only, and changed when a transaction has succeeded; what a running one has
// changed is in work.changes. What it does not know is read from the store.
type recent struct {
	byKey       map[recentKey]*recentRow
	first, last *recentRow // in the order in which they came
	bytes       int        // memory used, roughly
	most        int
	scratch     []change // of the next transaction
}

type recentKey struct {
	queue uint32
	seq   uint64
}

// recentRow is what is known of a message.
type recentRow struct {
	key           recentKey
	known         known
	before, after *recentRow
}

// known is what is known of a message that is there.
type known struct {
	row      []byte // of the message; nil if it is not known. It never changes
	state    state  // if it was received
	received bool
}

const (
	recentBytes    = 8 << 20  // memory of one partition
	recentOverhead = 320      // bytes that a message costs beside its row
	recentRowMost  = 64 << 10 // rows that are larger are not kept
)

func newRecent() *recent {
	return &recent{byKey: map[recentKey]*recentRow{}, most: recentBytes}
}

// put notes a message, or what is new of it.
func (r *recent) put(k recentKey, m known) {
	e, ok := r.byKey[k]
	if !ok {
		e = &recentRow{key: k, before: r.last}
		if r.last == nil {
			r.first = e
		} else {
			r.last.after = e
		}
		r.last, r.byKey[k] = e, e
		r.bytes += recentOverhead
	}
	if m.row == nil {
		m.row = e.known.row
	}
	if len(m.row) > recentRowMost {
		m.row = nil
	}
	r.bytes += len(m.row) - len(e.known.row)
	e.known = m
	for r.bytes > r.most {
		r.drop(r.first)
	}
}

// forget lets go of a message that is gone.
func (r *recent) forget(k recentKey) {
	if e, ok := r.byKey[k]; ok {
		r.drop(e)
	}
}

// forgetQueue lets go of all messages of a queue.
func (r *recent) forgetQueue(queue uint32) {
	for e := r.first; e != nil; e = e.after {
		if e.key.queue == queue {
			r.drop(e)
		}
	}
}

func (r *recent) drop(e *recentRow) {
	if e.before == nil {
		r.first = e.after
	} else {
		e.before.after = e.after
	}
	if e.after == nil {
		r.last = e.before
	} else {
		e.after.before = e.before
	}
	r.bytes -= recentOverhead + len(e.known.row)
	delete(r.byKey, e.key)
}

// change is what a transaction changes of a message.
type change struct {
	seq  uint64
	gone bool
	known
	newRow, newState bool // it has a row that is to be written
}

// apply makes what a successful transaction did known to the next one.
func (w *work) apply() {
	l := w.live
	l.stats, l.flying = w.st, w.flying
	if w.purged {
		l.recent.forgetQueue(w.q.ID)
	}
	for i := range w.changes {
		c := &w.changes[i]
		if k := (recentKey{w.q.ID, c.seq}); c.gone {
			l.recent.forget(k)
		} else {
			l.recent.put(k, c.known)
		}
	}
	clear(w.changes)
	l.recent.scratch = w.changes[:0]
}

// write writes the rows of messages and of states that have changed. Rows of one
// table come together: the engine then finds the place of the next one beside
// that of the last, not anew among all rows.
func (w *work) write() {
	unwritten := w.changes[w.written:]
	for i := range unwritten {
		switch c := &unwritten[i]; {
		case c.gone:
			w.tx.Delete(w.row(tableMessage, c.seq))
		case c.newRow:
			w.tx.Set(w.row(tableMessage, c.seq), c.row)
		}
	}
	for i := range unwritten {
		switch c := &unwritten[i]; {
		case c.gone && c.received:
			w.tx.Delete(w.row(tableState, c.seq))
		case c.newState:
			w.tx.Set(w.row(tableState, c.seq), c.state.encode())
		}
	}
	w.written = len(w.changes)
}

// find returns what is known of a message without reading the store; ok is false
// if nothing is. The message is gone if the transaction has removed it.
func (w *work) find(seq uint64) (m known, gone, ok bool) {
	e, ok := w.live.recent.byKey[recentKey{w.q.ID, seq}]
	if ok {
		m = e.known
	}
	for _, c := range w.changes {
		if c.seq != seq {
			continue
		}
		row := m.row
		if c.gone {
			row = nil
		}
		m, gone, ok = c.known, c.gone, true
		if m.row == nil {
			m.row = row
		}
	}
	return m, gone, ok
}

// state returns the state of a message that has been received; ok is false if it
// has not, or is not there at all.
func (w *work) state(seq uint64) (st state, ok bool, err error) {
	if m, gone, ok := w.find(seq); ok {
		return m.state, m.received && !gone, nil
	}
	return readState(w.tx, w.q, seq)
}

// message reads a message that must be there. It is fresh if it was certainly not
// received yet. The row may be kept.
func (w *work) message(seq uint64, fresh bool) (row []byte, st state, sent time.Time, err error) {
	m, gone, ok := w.find(seq)
	if row = m.row; row == nil {
		read, there := w.tx.Get(w.row(tableMessage, seq))
		if !there || gone {
			return nil, st, sent, fmt.Errorf("message %d of queue %d has no row: %w", seq, w.q.ID, store.ErrDamaged)
		}
		row = bytes.Clone(read)
	}
	if ok || fresh {
		st, sent, err = freshState(row)
	} else {
		st, sent, err = stateOf(w.tx, w.q, seq, row)
	}
	if m.received {
		st = m.state
	}
	return row, st, sent, err
}
