package sqs

import (
	"context"
	"fmt"

	"stormbus/internal/store"
)

// take takes what is due. It returns nothing only if nothing is, or if so many
// messages are in flight that no more may be; then over is true.
func (s *Service) take(ctx context.Context, l *live, o wanted) (got []received, over bool, err error) {
	// Taking leads to deleting, so it must go on when the disk is full.
	ctx = store.Reclaiming(ctx)
	for {
		s.looks.Add(1)
		t := taking{wanted: o, redrive: s.redriveOf(l.config.Load()), allowed: s.inFlight}
		err := s.update(ctx, l, func(w *work) error {
			if err := t.run(w); err != nil {
				return err
			}
			w.tellReceived(t.got, t.wanted.caller)
			s.lineage.Write(w.tx, w.records...)
			return nil
		})
		if err != nil {
			return nil, false, err
		}
		if t.moved {
			// The messages are safe in the outbox. If this fails they are
			// moved at the next occasion.
			s.redriveNow(ctx, l)
		}
		if len(t.got) > 0 || !t.more {
			return t.got, t.over, nil
		}
	}
}

// received is a message that was taken, and what the receiver must know of it.
type received struct {
	message *message
	state   state
	handle  handle
}

// taking is one transaction that takes messages from the front of the index.
type taking struct {
	wanted  wanted
	redrive *Redrive // nil if messages may be received for ever
	allowed int      // messages in flight

	got     []received
	skipped int  // messages that the receiver does not get
	bytes   int  // of those
	moved   bool // messages went to the outbox
	more    bool // the transaction ended early: there may be more that is due
	over    bool // too many messages are in flight
}

// takeBatch is how many messages one transaction looks at that it does not
// give to the receiver, and maxUpdateBytes about how much any transaction reads
// or writes: the store has a limit of its own, and others must get their turn.
const (
	takeBatch      = 100
	maxUpdateBytes = 8 << 20
)

func (t *taking) run(w *work) error {
	again, err := t.again(w)
	if again || err != nil {
		return err
	}
	room, err := w.flying.room(w, t.allowed)
	if err != nil {
		return err
	}
	if t.wanted.max = min(t.wanted.max, room); t.wanted.max == 0 {
		t.over = true
		return nil
	}
	for pass := true; pass; {
		if pass, err = t.pass(w); err != nil {
			return err
		}
	}
	w.flying.add(len(t.got))
	return t.remember(w)
}

// full reports whether the receiver has enough, or the transaction.
func (t *taking) full() bool {
	return len(t.got) == t.wanted.max || t.skipped >= takeBatch || t.bytes > maxUpdateBytes
}

// pass walks over what is due, once. Another pass pays if groups gave only one
// message each because others were to have their turn.
func (t *taking) pass(w *work) (again bool, err error) {
	before := len(t.got)
	for k, v := range w.tx.Head(w.q.table(tableIndex)) {
		visible, seq, ok := w.q.splitTimed(tableIndex, k)
		if !ok {
			return false, fmt.Errorf("index key %x: %w", k, store.ErrDamaged)
		}
		if visible.After(w.tx.Now()) || t.full() {
			w.news.add(visible, w.tx.Now())
			break
		}
		if group, ok := ticketOf(v); ok {
			err = t.group(w, group)
			again = !w.q.Settings.Fifo
		} else {
			err = t.one(w, seq, !isReceived(v))
		}
		if err != nil {
			return false, err
		}
	}
	if err := t.hide(w, t.got[before:]); err != nil {
		return false, err
	}
	t.more = t.full() && len(t.got) < t.wanted.max
	if !again || t.full() {
		return false, nil
	}
	return true, w.saveGroups() // puts their tickets back
}

// group takes messages of one group: all that can be had in a FIFO queue, one
// in a standard queue.
func (t *taking) group(w *work, name string) error {
	g, err := w.group(name)
	if err != nil {
		return err
	}
	g.served = true
	for m, err := range w.membersFrom(g) {
		if err != nil {
			return err
		}
		if m.visible.After(w.tx.Now()) || t.full() {
			return nil
		}
		if err := t.one(w, m.seq, !w.q.Settings.Fifo); err != nil {
			return err
		}
		if !w.q.Settings.Fifo {
			return nil
		}
	}
	return nil
}

// one decides what becomes of a message that is due: the receiver gets it, or
// it is too old, or it was received too often. A message that is known to be
// fresh has no state yet that would have to be read.
func (t *taking) one(w *work, seq uint64, fresh bool) error {
	row, st, sent, err := w.message(seq, fresh)
	if err != nil {
		return err
	}
	if !sent.After(w.tx.Now().Add(-w.q.Settings.Retention)) {
		t.skip(row)
		return w.remove(seq, st)
	}
	if t.redrive != nil && st.receives >= uint32(t.redrive.MaxReceives) {
		t.skip(row)
		t.moved = true
		return w.sendAway(seq, outgoing{target: t.redrive.Target.String(), state: st, message: row})
	}
	return t.give(w, seq, row, st)
}

func (t *taking) skip(row []byte) {
	t.skipped++
	t.bytes += len(row)
}

// give gives a message to the receiver.
func (t *taking) give(w *work, seq uint64, row []byte, st state) error {
	m, err := decodeKept(row)
	if err != nil {
		return err
	}
	if err := w.receive(seq, &st); err != nil {
		return err
	}
	m.seq = seq
	t.got = append(t.got, received{message: m, state: st, handle: handle{queue: w.q.ID, seq: seq, receive: st.receives}})
	return nil
}

// hide hides what the receiver gets. That comes after the walk over the index,
// which would go on with a copy of it otherwise, and row by row: see work.write.
func (t *taking) hide(w *work, got []received) error {
	until := in(w.tx, t.wanted.visibility)
	for i := range got {
		w.tx.Delete(w.timed(w.q.hiddenTable(), got[i].state.visible, got[i].handle.seq))
	}
	for i := range got {
		if err := w.hidden(got[i].handle.seq, &got[i].state, until); err != nil {
			return err
		}
	}
	return nil
}

// sendAway moves a message into the outbox.
func (w *work) sendAway(seq uint64, o outgoing) error {
	w.tx.Set(w.q.outboxKey(seq), o.encode())
	return w.remove(seq, o.state)
}
