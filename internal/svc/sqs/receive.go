package sqs

import (
	"context"
	"fmt"
	"time"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// ReceiveMessage takes up to ten messages, hides them from other receivers for
// a while, and waits for a message if there is none.
func (s *Service) ReceiveMessage(ctx context.Context, in *shape.ReceiveMessageInput) (*shape.ReceiveMessageOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	o, err := receiveOptions(l.config.Load(), in)
	if err != nil {
		return nil, err
	}
	got, err := s.receive(ctx, l, o)
	if err != nil {
		return nil, apiError(err)
	}
	out := &shape.ReceiveMessageOutput{}
	want := newSelection(in)
	for _, r := range got {
		out.Messages = append(out.Messages, want.show(l.config.Load(), r))
	}
	return out, nil
}

// wanted is how to receive.
type wanted struct {
	max        int
	visibility time.Duration
	wait       time.Duration
}

func receiveOptions(q *Queue, in *shape.ReceiveMessageInput) (wanted, error) {
	o := wanted{max: 1, visibility: q.Settings.Visibility, wait: q.Settings.Wait}
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > maxReceive {
			return o, errInvalidNumber(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
		}
		o.max = int(*n)
	}
	if n := in.VisibilityTimeout; n != nil {
		if *n < 0 || *n > int64(maxVisibility/time.Second) {
			return o, errInvalidNumber(*n, attrVisibility, "Must be >= 0 and <= 43200, if provided.")
		}
		o.visibility = time.Duration(*n) * time.Second
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > int64(maxWait/time.Second) {
			return o, errInvalidNumber(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
		}
		o.wait = time.Duration(*n) * time.Second
	}
	return o, nil
}

// receive takes messages, waiting for the first one if o says so.
func (s *Service) receive(ctx context.Context, l *live, o wanted) ([]received, error) {
	if o.wait <= 0 {
		return s.take(ctx, l, o)
	}
	deadline := s.clock.NewTimer(o.wait)
	defer deadline.Stop()
	for {
		signal := l.line.join() // before looking, see line
		if l.gone.Load() {
			l.line.leave(signal)
			return nil, ErrNoQueue
		}
		got, err := s.take(ctx, l, o)
		if err != nil || len(got) > 0 {
			l.line.leave(signal)
			return got, err
		}
		select {
		case <-signal:
			continue
		case <-deadline.C():
		case <-s.stopped.Done():
		case <-ctx.Done():
		}
		l.line.leave(signal)
		return nil, nil
	}
}

// take takes what is due. It returns nothing only if nothing is.
func (s *Service) take(ctx context.Context, l *live, o wanted) ([]received, error) {
	// Taking leads to deleting, so it must go on when the disk is full.
	ctx = store.Reclaiming(ctx)
	for {
		q := l.config.Load()
		t := taking{queue: q, wanted: o, redrive: s.redriveOf(q)}
		err := s.store.Update(ctx, q.Part, func(tx store.Tx) error {
			if err := t.run(tx); err != nil {
				return err
			}
			tx.OnDurable(func() { s.announce(l, t.left) })
			return nil
		})
		if err != nil {
			return nil, err
		}
		if t.moved {
			// The messages are safe in the outbox. If this fails they are
			// moved at the next occasion.
			s.redriveNow(ctx, l)
		}
		if len(t.got) > 0 || !t.more {
			return t.got, nil
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
	queue   *Queue
	wanted  wanted
	redrive *Redrive // nil if messages may be received for ever

	got     []received
	skipped int      // messages that the receiver does not get
	bytes   int      // of those
	moved   bool     // messages went to the outbox
	more    bool     // the transaction ended early: there may be more that is due
	left    arrivals // what stays behind for other receivers
}

// takeBatch is how many messages one transaction looks at that it does not
// give to the receiver, and maxUpdateBytes about how much any transaction reads
// or writes: the store has a limit of its own, and others must get their turn.
const (
	takeBatch      = 100
	maxUpdateBytes = 8 << 20
)

func (t *taking) run(tx store.Tx) error {
	q := t.queue
	st, err := readStats(tx, q)
	if err != nil {
		return err
	}
	before := st
	for k := range tx.Head(q.table(tableIndex)) {
		visible, seq, ok := q.splitTimed(tableIndex, k)
		if !ok {
			return fmt.Errorf("index key %x: %w", k, store.ErrDamaged)
		}
		if visible.After(tx.Now()) || len(t.got) == t.wanted.max {
			t.left.add(visible, tx.Now())
			break
		}
		if t.skipped == takeBatch || t.bytes > maxUpdateBytes {
			t.more = true
			t.left.add(visible, tx.Now())
			break
		}
		if err := t.one(tx, &st, seq); err != nil {
			return err
		}
	}
	if st != before {
		writeStats(tx, q, st)
	}
	return nil
}

// one decides what becomes of a message that is due: the receiver gets it, or
// it is too old, or it was received too often.
func (t *taking) one(tx store.Tx, st *stats, seq uint64) error {
	q := t.queue
	row, ok := tx.Get(q.messageKey(seq))
	if !ok {
		return fmt.Errorf("message %d of queue %d has an index row only: %w", seq, q.ID, store.ErrDamaged)
	}
	state, sent, err := stateOf(tx, q, seq, row)
	if err != nil {
		return err
	}
	if !sent.After(tx.Now().Add(-q.Settings.Retention)) {
		q.remove(tx, seq, state)
		st.total--
		t.skipped++
		t.bytes += len(row)
		return nil
	}
	if t.redrive != nil && state.receives >= uint32(t.redrive.MaxReceives) {
		out := outgoing{target: t.redrive.Target.String(), state: state, message: row}
		tx.Set(q.outboxKey(seq), out.encode())
		q.remove(tx, seq, state)
		st.total--
		t.skipped++
		t.bytes += len(row)
		t.moved = true
		return nil
	}
	m, err := decodeMessage(row)
	if err != nil {
		return err
	}
	tx.Delete(q.indexKey(state.visible, seq))
	state.receives++
	state.visible = in(tx, t.wanted.visibility)
	state.last = in(tx, 0)
	if state.first.IsZero() {
		state.first = state.last
	}
	tx.Set(q.indexKey(state.visible, seq), indexReceived)
	tx.Set(q.stateKey(seq), state.encode())
	t.left.add(state.visible, tx.Now())
	t.got = append(t.got, received{message: m, state: state, handle: handle{queue: q.ID, seq: seq, receive: state.receives}})
	return nil
}
