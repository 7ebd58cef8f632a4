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

// budget is what a sweep may still do.
type budget struct{ messages, bytes int }

// spend takes one message off; it reports false if nothing is left.
func (b *budget) spend(size int) bool {
	if b.messages == 0 || b.bytes <= 0 {
		return false
	}
	b.messages--
	b.bytes -= size
	return true
}

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
func (s *Service) sweepSoon(ctx context.Context, q *Queue) error {
	return s.store.Update(ctx, q.Part, func(tx store.Tx) error {
		st, err := readStats(tx, q)
		if err != nil || st.due.IsZero() {
			return err
		}
		st.due = in(tx, 0)
		tx.Timer(retentionTimer, q.timerID(), st.due, nil)
		writeStats(tx, q, st)
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
	return l.config.Load().sweep(tx)
}

// sweep removes messages that are too old and sets the timer for the next one.
func (q *Queue) sweep(tx store.Tx) error {
	st, err := readStats(tx, q)
	if err != nil {
		return ignoreGone(err)
	}
	limit := tx.Now().Add(-q.Settings.Retention)
	var oldest time.Time // of those that stay
	note := func(sent time.Time) {
		if oldest.IsZero() || sent.Before(oldest) {
			oldest = sent
		}
	}
	left := budget{messages: sweepBatch, bytes: maxUpdateBytes}
	if err := q.sweepEarly(tx, &st, limit, &left, note); err != nil {
		return err
	}
	if err := q.sweepOrdered(tx, &st, limit, &left, note); err != nil {
		return err
	}
	st.due = time.Time{}
	if !oldest.IsZero() {
		q.arm(tx, &st, oldest)
	}
	writeStats(tx, q, st)
	return nil
}

// sweepOrdered removes old messages from the front, and tells note when the
// first that stays was sent.
func (q *Queue) sweepOrdered(tx store.Tx, st *stats, limit time.Time, left *budget, note func(time.Time)) error {
	for k, row := range tx.Scan(q.messageKey(st.oldest), store.PrefixEnd(q.table(tableMessage))) {
		seq, ok := q.splitSeq(tableMessage, k)
		if !ok {
			return fmt.Errorf("message key %x: %w", k, store.ErrDamaged)
		}
		st.oldest = seq
		state, sent, err := stateOf(tx, q, seq, row)
		if err != nil {
			return err
		}
		if sent.After(limit) || !left.spend(len(row)) {
			note(sent)
			return nil
		}
		q.remove(tx, seq, state)
		st.total--
		st.oldest = seq + 1
	}
	return nil
}

// sweepEarly does the same for messages that came from other queues.
func (q *Queue) sweepEarly(tx store.Tx, st *stats, limit time.Time, left *budget, note func(time.Time)) error {
	lo := q.table(tableEarly)
	for k := range tx.Scan(lo, store.PrefixEnd(lo)) {
		sent, seq, ok := q.splitTimed(tableEarly, k)
		if !ok {
			return fmt.Errorf("early key %x: %w", k, store.ErrDamaged)
		}
		if sent.After(limit) {
			note(sent)
			return nil
		}
		row, ok := tx.Get(q.messageKey(seq))
		if !ok {
			return fmt.Errorf("message %d of queue %d has an early row only: %w", seq, q.ID, store.ErrDamaged)
		}
		state, _, err := stateOf(tx, q, seq, row)
		if err != nil {
			return err
		}
		if !left.spend(len(row)) {
			note(sent)
			return nil
		}
		q.remove(tx, seq, state)
		st.total--
	}
	return nil
}
