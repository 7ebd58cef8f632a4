package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"stormbus/internal/store"
)

// order checks what says where a message stands among others: its group, and in
// a FIFO queue what makes it a duplicate. Standard queues take a group, to be
// fair between groups, but no deduplication id.
func (d *draft) order(q *Queue, c composition) error {
	if c.group != nil && !validID(*c.group, maxGroupID) {
		return errInvalidID(*c.group, "MessageGroupId")
	}
	if c.group != nil {
		d.message.group = *c.group
	}
	if !q.Settings.Fifo {
		if c.dedup != nil {
			return errNotForQueueType(*c.dedup, "MessageDeduplicationId")
		}
		return nil
	}
	if c.group == nil {
		return errNoGroup(c.inBatch)
	}
	switch {
	case c.dedup != nil && !validID(*c.dedup, maxDedupID):
		return errInvalidID(*c.dedup, "MessageDeduplicationId")
	case c.dedup != nil:
		d.message.dedup = *c.dedup
	case q.Settings.ContentDedup:
		sum := sha256.Sum256([]byte(c.body))
		d.message.dedup = hex.EncodeToString(sum[:])
	default:
		return errInvalidParameter("The queue should either have ContentBasedDeduplication enabled or " +
			"MessageDeduplicationId provided explicitly")
	}
	scope := ""
	if q.Settings.DedupScope == scopeGroup {
		scope = d.message.group
	}
	d.dedup = hashOf(scope, d.message.dedup)
	return nil
}

// validID reports whether an id that a caller chose has the characters and the
// length that AWS asks for.
func validID(id string, most int) bool {
	return id != "" && len(id) <= most && !strings.ContainsFunc(id, isNotPrintable)
}

func isNotPrintable(r rune) bool { return r <= ' ' || r > '~' }

// duplicate reports whether the message was sent in the last five minutes. Then
// the sender is told what it was told the first time.
func (d *draft) duplicate(w *work) (bool, error) {
	value, ok, err := w.recall(memorySent, d.dedup)
	if !ok || err != nil {
		return false, err
	}
	seq, id, ok := store.ReadUint64(value)
	if !ok {
		return false, fmt.Errorf("deduplication row: %w", store.ErrDamaged)
	}
	d.message.seq, d.message.id = seq, string(id)
	return true, nil
}

// remember makes later copies of a message duplicates.
func (d *draft) remember(w *work) {
	if d.dedup != nil {
		w.remember(memorySent, d.dedup, append(store.AppendUint64(nil, d.message.seq), d.message.id...))
	}
}

// sequence is the SequenceNumber of a message: 20 digits, so that texts compare
// like numbers. Standard queues have none.
func (q *Queue) sequence(seq uint64) *string {
	if !q.Settings.Fifo || seq == 0 {
		return nil
	}
	s := fmt.Sprintf("1%019d", seq)
	return &s
}
