package sqs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

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
			if _, err := s.deliver(ctx, l, letters); err != nil {
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

// byTarget splits letters by the queue that they go to, in order. There is one
// for dead letters, unless the policy was changed in between.
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

// deliver puts letters into their next queue, or back if that is gone.
func (s *Service) deliver(ctx context.Context, l *live, letters []letter) (delivered bool, err error) {
	target, err := arn.Parse(letters[0].target)
	if err != nil {
		return false, fmt.Errorf("dead letter for %q: %w: %w", letters[0].target, store.ErrDamaged, err)
	}
	next, ok := s.queueByARN(target)
	if ok {
		err = s.receiveMoved(ctx, l.config.Load(), next, letters)
	}
	if !ok || errors.Is(err, ErrNoQueue) {
		return false, s.putBack(ctx, l, letters)
	}
	if err != nil {
		return false, err
	}
	return true, s.update(store.Reclaiming(ctx), l, func(w *work) error {
		for _, m := range letters {
			w.tx.Delete(w.q.outboxKey(m.seq))
		}
		return nil
	})
}

// receiveMoved puts letters from source into their next queue, each once.
func (s *Service) receiveMoved(ctx context.Context, source *Queue, next *live, letters []letter) error {
	moved := make([]*message, len(letters))
	for i, l := range letters {
		m, err := l.next(source, s.random)
		if err != nil {
			return err
		}
		moved[i] = m
	}
	return s.update(store.Reclaiming(ctx), next, func(w *work) error {
		for i, m := range moved {
			_, first, err := store.Once(w.tx, moveKey(source, letters[i].seq), onceMemory, nothing)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			sent, visible := m.sent, in(w.tx, 0)
			if letters[i].redriven {
				sent, visible = in(w.tx, 0), in(w.tx, w.q.Settings.Delay)
			}
			if _, err := w.append(m.encode(), m.group, sent, visible); err != nil {
				return err
			}
		}
		return nil
	})
}

// next makes of a letter the message that its next queue gets. A dead letter
// keeps its id, its age and its count of receives; a message that is redriven
// is a new one.
func (l letter) next(source *Queue, random io.Reader) (*message, error) {
	m, err := decodeMessage(l.message)
	if err != nil {
		return nil, err
	}
	if l.redriven {
		id, err := uuid.NewRandomFromReader(random)
		if err != nil {
			return nil, fmt.Errorf("make a message id: %w", err)
		}
		m.id, m.source, m.carried, m.firstSeen = id.String(), "", 0, time.Time{}
		return m, nil
	}
	m.source = source.ARN().String()
	m.carried += l.state.receives
	if m.firstSeen.IsZero() {
		m.firstSeen = l.state.first
	}
	return m, nil
}

// nothing is the effect of a Once whose result does not matter.
func nothing() ([]byte, error) { return nil, nil }

func moveKey(source *Queue, seq uint64) []byte {
	return store.AppendUint64(store.AppendUint32([]byte("sqs/move/"), source.ID), seq)
}

// putBack returns letters to the queue that they came from.
func (s *Service) putBack(ctx context.Context, l *live, letters []letter) error {
	return s.update(store.Reclaiming(ctx), l, func(w *work) error {
		for _, m := range letters {
			w.tx.Delete(w.q.outboxKey(m.seq))
			if err := w.restore(m.seq, m.message, m.state); err != nil {
				return err
			}
		}
		return nil
	})
}
