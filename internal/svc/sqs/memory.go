package sqs

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"time"

	"stormbus/internal/store"
)

// A FIFO queue remembers some things for five minutes, whatever becomes of the
// messages meanwhile: which messages were sent, and what a receive with a name
// got. Each is a row under a hash, and a second row says when to forget it.
const (
	memorySent    = 's'
	memoryAttempt = 'a'

	memoryVersion = 1

	// forgetTimer is the kind of the timers, one per queue that remembers
	// something, that remove what is no longer needed. They need not be
	// punctual: each row says how long it is valid.
	forgetTimer = "sqs.forget"
	forgetBatch = 500
	forgetPause = 5 * time.Second
)

// hashOf hashes texts so that no other texts have the same hash.
func hashOf(texts ...string) []byte {
	h := sha256.New()
	for _, t := range texts {
		h.Write(store.AppendString(nil, t))
	}
	return h.Sum(nil)
}

func (q *Queue) memoryKey(kind byte, hash []byte) []byte {
	return append(append(q.table(tableMemory), kind), hash...)
}

// recall returns what is remembered under a hash, if it is still valid.
func (w *work) recall(kind byte, hash []byte) (value []byte, ok bool, err error) {
	row, ok := w.tx.Get(w.q.memoryKey(kind, hash))
	if !ok {
		return nil, false, nil
	}
	r := newReader(row, memoryVersion)
	until := r.moment()
	if r.failed {
		return nil, false, fmt.Errorf("memory row: %w", store.ErrDamaged)
	}
	return r.rest, w.tx.Now().Before(until), nil
}

// remember keeps a value for five minutes.
func (w *work) remember(kind byte, hash, value []byte) {
	until := in(w.tx, dedupWindow)
	row := appendMoment([]byte{memoryVersion}, until)
	w.tx.Set(w.q.memoryKey(kind, hash), append(row, value...))
	forget := append(store.AppendTime(w.q.table(tableForget), until), kind)
	w.tx.Set(append(forget, hash...), []byte{memoryVersion})
	if _, ok := w.tx.Get(w.q.forgetKey()); !ok {
		w.tx.Set(w.q.forgetKey(), []byte{memoryVersion})
		w.tx.Timer(forgetTimer, w.q.timerID(), until.Add(forgetPause), nil)
	}
}

// onForget handles a timer. Its payload is where the last one stopped: before
// that there is nothing but the remains of rows that were deleted.
func (s *Service) onForget(tx store.Tx, f store.Fired) error {
	id, rest, ok := store.ReadUint32(f.ID)
	if !ok || len(rest) > 0 {
		return fmt.Errorf("forget timer %x: %w", f.ID, store.ErrDamaged)
	}
	l, ok := s.queues.id(id)
	if !ok {
		return nil // deleted, and its memory with it
	}
	return l.config.Load().forget(tx, f.Payload)
}

// forget removes what is no longer valid and sets the timer for the rest.
func (q *Queue) forget(tx store.Tx, from []byte) error {
	prefix := q.table(tableForget)
	if from == nil || !bytes.HasPrefix(from, prefix) {
		from = prefix
	}
	left := forgetBatch
	for k := range tx.Scan(from, store.PrefixEnd(prefix)) {
		until, rest, ok := store.ReadTime(k[len(prefix):])
		if !ok || len(rest) == 0 {
			return fmt.Errorf("forget key %x: %w", k, store.ErrDamaged)
		}
		if until.After(tx.Now()) || left == 0 {
			// Rows of the same time may still come before k.
			from := store.AppendTime(q.table(tableForget), until)
			tx.Timer(forgetTimer, q.timerID(), later(until.Add(forgetPause), in(tx, 0)), from)
			return nil
		}
		left--
		tx.Delete(k)
		// It may have been remembered anew since.
		memory := append(q.table(tableMemory), rest...)
		row, ok := tx.Get(memory)
		if !ok {
			continue
		}
		r := newReader(row, memoryVersion)
		if valid := r.moment(); !valid.After(tx.Now()) {
			tx.Delete(memory)
		}
	}
	tx.Delete(q.forgetKey())
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
