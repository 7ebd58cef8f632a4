package sqs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// load fills the registry.
func (s *Service) load(ctx context.Context) error {
	prefix := []byte(metaNames)
	return s.store.View(ctx, store.Meta, func(v store.View) error {
		for _, row := range v.Scan(prefix, store.PrefixEnd(prefix)) {
			q, err := decodeQueue(row)
			if err != nil {
				return err
			}
			s.queues.put(q)
		}
		return nil
	})
}

// finishDeletes removes what is left of queues that were deleted before the
// process ended. Nobody can still write for them.
func (s *Service) finishDeletes(ctx context.Context) error {
	gone := map[uint32]store.Part{}
	prefix := []byte(metaDeleted)
	err := s.store.View(ctx, store.Meta, func(v store.View) error {
		for k, row := range v.Scan(prefix, store.PrefixEnd(prefix)) {
			id, rest, ok := store.ReadUint32(k[len(prefix):])
			r := newReader(row, deletedVersion)
			part := store.Part(r.uint32())
			if !ok || len(rest) > 0 || r.end("deleted queue") != nil {
				return fmt.Errorf("deleted queue row: %w", store.ErrDamaged)
			}
			gone[id] = part
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, part := range gone {
		q := &Queue{ID: id, Part: part}
		err := s.store.Update(store.Reclaiming(ctx), part, func(tx store.Tx) error {
			lo := store.AppendUint32([]byte(queuePrefix), id)
			tx.DeleteRange(lo, store.PrefixEnd(lo))
			tx.StopTimer(retentionTimer, q.timerID())
			tx.StopTimer(forgetTimer, q.timerID())
			return nil
		})
		if err != nil {
			return err
		}
		err = s.store.Update(store.Reclaiming(ctx), store.Meta, func(tx store.Tx) error {
			tx.Delete(deletedKey(id))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const deletedVersion = 1

func encodeDeleted(q *Queue) []byte {
	return store.AppendUint32([]byte{deletedVersion}, uint32(q.Part))
}

// partition returns where a new queue's messages will be.
func (s *Service) partition(id uint32) store.Part {
	parts := s.store.Parts()
	return parts[int(id)%len(parts)]
}

// readStats returns what is known of a queue's messages, or ErrNoQueue if the
// queue is gone. A queue without a row has never had a message.
func readStats(v store.View, q *Queue) (stats, error) {
	row, ok := v.Get(q.statsKey())
	if !ok {
		return stats{next: 1, oldest: 1}, nil
	}
	st, err := decodeStats(row)
	if err == nil && st.deleted {
		err = ErrNoQueue
	}
	return st, err
}

func writeStats(tx store.Tx, q *Queue, st stats) { tx.Set(q.statsKey(), st.encode()) }

// readState returns the state of a message that has been received; ok is false
// if it has not, or is not there at all.
func readState(v store.View, q *Queue, seq uint64) (st state, ok bool, err error) {
	row, ok := v.Get(q.stateKey(seq))
	if !ok {
		return state{}, false, nil
	}
	st, err = decodeState(row)
	return st, true, err
}

// stateOf returns the state of a message whose row is at hand, and when it was
// sent.
func stateOf(v store.View, q *Queue, seq uint64, row []byte) (st state, sent time.Time, err error) {
	fresh, sent, err := freshState(row)
	if err != nil {
		return st, sent, err
	}
	st, ok, err := readState(v, q, seq)
	if !ok {
		st = fresh
	}
	return st, sent, err
}

// apiError turns an error of the store, or of this package, into one that the
// caller of the API can act on. Anything unknown stays what it is and becomes
// an internal failure.
func apiError(err error) error {
	var known *wire.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, ErrNoQueue):
		return errQueueDoesNotExist()
	case errors.Is(err, store.ErrReadOnly):
		return errThrottled()
	}
	return err
}

// ignoreGone turns "the queue is gone" into success, for work that is then no
// longer needed.
func ignoreGone(err error) error {
	if errors.Is(err, ErrNoQueue) {
		return nil
	}
	return err
}
