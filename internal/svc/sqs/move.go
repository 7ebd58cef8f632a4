package sqs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// moveBatch is how many messages are moved to a dead-letter queue at once.
const moveBatch = 100

// onceMemory is how long a queue remembers messages that must arrive once, so
// that sending one again does nothing. What has to be sent again is sent again
// soon, or at the latest when the process has been restarted.
const onceMemory = 24 * time.Hour

// redriveOf returns the redrive policy of q if it can be followed. A message
// whose dead-letter queue is gone stays where it is.
func (s *Service) redriveOf(q *Queue) *Redrive {
	if q.Settings.Redrive == nil {
		return nil
	}
	if _, ok := s.queueByARN(q.Settings.Redrive.Target); !ok {
		return nil
	}
	return q.Settings.Redrive
}

func (s *Service) queueByARN(a arn.ARN) (*live, bool) {
	name, ok := a.QueueName()
	if !ok {
		return nil, false
	}
	return s.queues.get(key{scope: a.Of(), name: name})
}

// redriveNow empties the outbox of a queue. It goes on if the caller leaves: the
// messages are out of their queue already. A failure is logged, and made good
// when the next message is moved or the process starts again.
func (s *Service) redriveNow(ctx context.Context, l *live) {
	if err := s.redrive(context.WithoutCancel(ctx), l); err != nil {
		s.log.Error("move messages to their dead-letter queue; they are kept and will be moved later",
			telemetry.KeyQueue, l.config.Load().ARN().String(), telemetry.KeyError, err)
	}
}

// resumeRedrives moves what an earlier life of the process left in outboxes.
func (s *Service) resumeRedrives(ctx context.Context) error {
	for _, l := range s.queues.all() {
		if err := s.redrive(ctx, l); err != nil {
			return fmt.Errorf("move dead letters of %s: %w", l.config.Load().ARN(), err)
		}
	}
	return nil
}

// redrive moves everything in the outbox of a queue to where it belongs: into
// the dead-letter queue once, and then out of the outbox.
func (s *Service) redrive(ctx context.Context, l *live) error {
	l.moving.Lock()
	defer l.moving.Unlock()
	for {
		q := l.config.Load()
		batch, err := s.outbox(ctx, q)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, letters := range byTarget(batch) {
			if err := s.deliver(ctx, l, letters); err != nil {
				return ignoreGone(err)
			}
		}
	}
}

// letter is one row of an outbox.
type letter struct {
	seq uint64
	outgoing
}

// outbox reads the first messages of an outbox.
func (s *Service) outbox(ctx context.Context, q *Queue) (batch []letter, err error) {
	err = s.store.View(ctx, q.Part, func(v store.View) error {
		batch = nil
		size := 0
		lo := q.table(tableOutbox)
		for k, row := range v.Scan(lo, store.PrefixEnd(lo)) {
			seq, ok := q.splitSeq(tableOutbox, k)
			if !ok {
				return fmt.Errorf("outbox key %x: %w", k, store.ErrDamaged)
			}
			o, err := decodeOutgoing(row)
			if err != nil {
				return err
			}
			batch = append(batch, letter{seq, o})
			if size += len(row); len(batch) == moveBatch || size > maxUpdateBytes {
				break
			}
		}
		return nil
	})
	return batch, err
}

// byTarget splits letters by dead-letter queue, in order. There is one, unless
// the policy was changed in between.
func byTarget(batch []letter) [][]letter {
	var out [][]letter
	for _, l := range batch {
		if n := len(out); n > 0 && out[n-1][0].target == l.target {
			out[n-1] = append(out[n-1], l)
			continue
		}
		out = append(out, []letter{l})
	}
	return out
}

// deliver puts letters into their dead-letter queue, or back if it is gone.
func (s *Service) deliver(ctx context.Context, l *live, letters []letter) error {
	target, err := arn.Parse(letters[0].target)
	if err != nil {
		return fmt.Errorf("dead letter for %q: %w: %w", letters[0].target, store.ErrDamaged, err)
	}
	source := l.config.Load()
	dead, ok := s.queueByARN(target)
	if ok {
		err = s.receiveMoved(ctx, source, dead, letters)
	}
	if !ok || errors.Is(err, ErrNoQueue) {
		return s.putBack(ctx, l, letters)
	}
	if err != nil {
		return err
	}
	return s.store.Update(store.Reclaiming(ctx), source.Part, func(tx store.Tx) error {
		for _, m := range letters {
			tx.Delete(source.outboxKey(m.seq))
		}
		return nil
	})
}

// receiveMoved puts letters from source into the dead-letter queue, each once.
func (s *Service) receiveMoved(ctx context.Context, source *Queue, dead *live, letters []letter) error {
	q := dead.config.Load()
	moved := make([]*message, len(letters))
	for i, l := range letters {
		m, err := decodeMessage(l.message)
		if err != nil {
			return err
		}
		m.source = source.ARN().String()
		m.carried += l.state.receives
		if m.firstSeen.IsZero() {
			m.firstSeen = l.state.first
		}
		moved[i] = m
	}
	return s.store.Update(store.Reclaiming(ctx), q.Part, func(tx store.Tx) error {
		st, err := readStats(tx, q)
		if err != nil {
			return err
		}
		var a arrivals
		for i, m := range moved {
			_, first, err := store.Once(tx, moveKey(source, letters[i].seq), onceMemory, nothing)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			tx.Set(q.earlyKey(m.sent, st.next), []byte{indexVersion})
			q.append(tx, &st, m.encode(), m.sent, in(tx, 0))
			a.add(in(tx, 0), tx.Now())
		}
		writeStats(tx, q, st)
		tx.OnDurable(func() { s.announce(dead, a) })
		return nil
	})
}

// nothing is the effect of a Once whose result does not matter.
func nothing() ([]byte, error) { return nil, nil }

func moveKey(source *Queue, seq uint64) []byte {
	return store.AppendUint64(store.AppendUint32([]byte("sqs/move/"), source.ID), seq)
}

// putBack returns letters to the queue that they came from, visible at once.
func (s *Service) putBack(ctx context.Context, l *live, letters []letter) error {
	q := l.config.Load()
	return s.store.Update(store.Reclaiming(ctx), q.Part, func(tx store.Tx) error {
		st, err := readStats(tx, q)
		if err != nil {
			return err
		}
		var a arrivals
		for _, m := range letters {
			m.state.visible = in(tx, 0)
			tx.Delete(q.outboxKey(m.seq))
			tx.Set(q.indexKey(m.state.visible, m.seq), indexReceived)
			tx.Set(q.messageKey(m.seq), m.message)
			tx.Set(q.stateKey(m.seq), m.state.encode())
			if !m.state.early.IsZero() {
				tx.Set(q.earlyKey(m.state.early, m.seq), []byte{indexVersion})
			}
			_, sent, err := freshState(m.message)
			if err != nil {
				return err
			}
			st.oldest = min(st.oldest, m.seq)
			st.total++
			q.arm(tx, &st, sent)
			a.add(m.state.visible, tx.Now())
		}
		writeStats(tx, q, st)
		tx.OnDurable(func() { s.announce(l, a) })
		return nil
	})
}
