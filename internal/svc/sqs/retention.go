package sqs

import (
	"context"
	"fmt"
	"time"

	"stormbus/internal/store"
)

// retentionTimer is the kind of the timers, one per queue that has messages,
// that remove messages which are too old. Messages stand in the order in which
// they were sent, except those that came from another queue and are older than
// their neighbours: those stand among the early rows as well. So the timer is
// due when the oldest message of either kind is, and looks no further than the
// first that is not.
const retentionTimer = "sqs.retention"

// sweepBatch is how many messages one sweep looks at and removes at most, unless
// they are large; the rest follows at once, in Updates of their own, so that
// others get their turn.
const sweepBatch = 200

// tick is the precision of the times in rows.
const tick = time.Millisecond

// in returns the time after d of the partition's time, as precise as rows are:
// what is due must not wait for the rest of a millisecond.
func in(v store.View, d time.Duration) time.Time { return v.Now().Add(d).Truncate(tick) }

func (q *Queue) timerID() []byte { return store.AppendUint32(nil, q.ID) }

// arm makes sure that the retention timer fires in time for a message that was
// sent at the given time.
func (q *Queue) arm(tx store.Tx, st *stats, sent time.Time) {
	due := sent.Add(q.Settings.Retention)
	if st.due.IsZero() || due.Before(st.due) {
		st.due = due
		tx.Timer(retentionTimer, q.timerID(), due, nil)
	}
}

// sweepSoon makes the next sweep happen now, since messages may have become too
// old.
func (s *Service) sweepSoon(ctx context.Context, l *live) error {
	return s.update(ctx, l, func(w *work) error {
		if !w.st.due.IsZero() {
			w.st.due = in(w.tx, 0)
			w.tx.Timer(retentionTimer, w.q.timerID(), w.st.due, nil)
		}
		return nil
	})
}

// onRetention handles a retention timer.
func (s *Service) onRetention(tx store.Tx, f store.Fired) error {
	id, rest, ok := store.ReadUint32(f.ID)
	if !ok || len(rest) > 0 {
		return fmt.Errorf("retention timer %x: %w", f.ID, store.ErrDamaged)
	}
	l, ok := s.queues.id(id)
	if !ok {
		return nil // deleted, and its messages with it
	}
	return l.sweep(tx)
}

// sweep removes messages that are too old and sets the timer for the next one.
func (l *live) sweep(tx store.Tx) error {
	q := l.config.Load()
	w, err := l.begin(tx, q)
	if err != nil {
		return ignoreGone(err)
	}
	b := sweeping{work: w, limit: tx.Now().Add(-q.Settings.Retention), messages: sweepBatch, bytes: maxUpdateBytes}
	if err := b.early(); err != nil {
		return err
	}
	w.write() // ordered must not meet what early has removed
	if err := b.ordered(); err != nil {
		return err
	}
	w.st.due = time.Time{}
	if !b.oldest.IsZero() {
		q.arm(tx, &w.st, b.oldest)
	}
	return w.end()
}

// sweeping is one sweep: what it may still do, and what stays.
type sweeping struct {
	*work
	limit    time.Time // messages that were sent after it stay
	messages int
	bytes    int
	oldest   time.Time // of those that stay; zero if there is none
}

// sweepOne removes one message; it reports false if the message stays.
func (s *sweeping) sweepOne(seq uint64, row []byte) (bool, error) {
	st, sent, err := stateOf(s.tx, s.q, seq, row)
	if err != nil {
		return false, err
	}
	if sent.After(s.limit) || s.messages == 0 || s.bytes <= 0 {
		if s.oldest.IsZero() || sent.Before(s.oldest) {
			s.oldest = sent
		}
		return false, nil
	}
	s.messages--
	s.bytes -= len(row)
	return true, s.remove(seq, st)
}

// ordered removes old messages from the front.
func (s *sweeping) ordered() error {
	for k, row := range s.tx.Scan(s.q.messageKey(s.st.oldest), store.PrefixEnd(s.q.table(tableMessage))) {
		seq, ok := s.q.splitSeq(tableMessage, k)
		if !ok {
			return fmt.Errorf("message key %x: %w", k, store.ErrDamaged)
		}
		s.st.oldest = seq
		removed, err := s.sweepOne(seq, row)
		if err != nil || !removed {
			return err
		}
		s.st.oldest = seq + 1
	}
	return nil
}

// early does the same for messages that came from other queues.
func (s *sweeping) early() error {
	lo := s.q.table(tableEarly)
	for k := range s.tx.Scan(lo, store.PrefixEnd(lo)) {
		_, seq, ok := s.q.splitTimed(tableEarly, k)
		if !ok {
			return fmt.Errorf("early key %x: %w", k, store.ErrDamaged)
		}
		row, _, _, err := s.message(seq, false)
		if err != nil {
			return err
		}
		removed, err := s.sweepOne(seq, row)
		if err != nil || !removed {
			return err
		}
	}
	return nil
}
