package sqs

import (
	"context"
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// Letter is a message as the part of the server sees it that put it into its
// queue and may take it out again.
type Letter struct {
	ID         string
	Body       string
	Attributes map[string]Attribute
	Trace      string        // AWSTraceHeader
	Cause      lineage.Cause // the delivery that brought it; zero if none did
	Note       string        // of Outgoing
	Source     string        // ARN of the queue whose dead letter it is
	Sent       time.Time
	Visible    time.Time // from when it can be received

	seq uint64
}

// Letters walks over the messages that a queue holds when the walk begins, in
// order of arrival, whatever their state. It is for one goroutine.
type Letters struct {
	service *Service
	live    *live
	q       *Queue

	next, end uint64 // sequence numbers
}

// Letters begins a walk over a queue. It fails with [ErrNoQueue] if there is no
// such queue.
func (s *Service) Letters(ctx context.Context, queue arn.ARN) (*Letters, error) {
	live, ok := s.queueByARN(queue)
	if !ok {
		return nil, ErrNoQueue
	}
	l := &Letters{service: s, live: live, q: live.config.Load()}
	err := s.store.View(ctx, l.q.Part, func(v store.View) error {
		st, err := readStats(v, l.q)
		l.next, l.end = st.oldest, st.next
		return err
	})
	return l, err
}

// Next returns some messages; none means that the walk has ended.
func (l *Letters) Next(ctx context.Context) (letters []Letter, err error) {
	next := l.next
	err = l.service.store.View(ctx, l.q.Part, func(v store.View) error {
		letters, next = nil, l.end
		size := 0
		for k, row := range v.Scan(l.q.messageKey(l.next), l.q.messageKey(l.end)) {
			seq, ok := l.q.splitSeq(tableMessage, k)
			if !ok {
				return fmt.Errorf("message key %x: %w", k, store.ErrDamaged)
			}
			if len(letters) == moveBatch || size > maxUpdateBytes {
				next = seq
				return nil
			}
			letter, err := readLetter(v, l.q, seq, row)
			if err != nil {
				return err
			}
			letters, size = append(letters, letter), size+len(row)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read messages of %s: %w", l.q.ARN(), err)
	}
	l.next = next
	return letters, nil
}

func readLetter(v store.View, q *Queue, seq uint64, row []byte) (Letter, error) {
	m, err := decodeMessage(row)
	if err != nil {
		return Letter{}, err
	}
	st, sent, err := stateOf(v, q, seq, row)
	return Letter{
		ID: m.id, Body: m.body, Attributes: m.attributes, Trace: m.trace, Cause: m.cause, Note: m.note, Source: m.source,
		Sent: sent, Visible: st.visible, seq: seq,
	}, err
}

// TakeOut takes messages out of the queue: each that can be received now is given
// to give, and removed if give takes it. What give writes becomes durable together
// with the removals, or nothing of it does: give works in the queue's partition,
// and may be called again from the first message. What is returned says which
// messages were removed. TakeOut fails with [ErrNoQueue] if the queue is gone.
func (l *Letters) TakeOut(ctx context.Context, letters []Letter, give func(tx store.Tx, i int) bool) (taken []bool, err error) {
	err = l.service.update(ctx, l.live, func(w *work) error {
		taken = make([]bool, len(letters))
		for i := range letters {
			st, ok, err := w.visible(letters[i].seq)
			if err != nil {
				return err
			}
			if !ok || !give(w.tx, i) {
				continue
			}
			taken[i] = true
			if err := w.remove(letters[i].seq, st); err != nil {
				return err
			}
		}
		return nil
	})
	return taken, err
}

// visible returns the state of a message that can be received now; ok is false if
// it cannot be, or is not there any more.
func (w *work) visible(seq uint64) (st state, ok bool, err error) {
	if _, gone, known := w.find(seq); known && gone {
		return st, false, nil
	}
	if _, there := w.tx.Get(w.row(tableMessage, seq)); !there {
		return st, false, nil
	}
	_, st, _, err = w.message(seq, false)
	return st, err == nil && !st.visible.After(w.tx.Now()), err
}
