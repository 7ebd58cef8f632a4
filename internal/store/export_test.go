package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// SmallHeads gives the heads of partition p limits that a short test reaches.
func (s *Store) SmallHeads(p Part) error {
	return s.parts[p].update(context.Background(), func(tx Tx) error {
		tx.(*txn).p.cache.headLimits = headLimits{
			budget: 24 << 10, rows: 24, bytes: 6 << 10, minRows: 4,
			refillBelow: 7, refillRows: 8, lowEvery: 5,
		}
		return nil
	})
}

// CheckHeads compares every head of tx's partition with the rows it stands
// for, and its low key with what is stored.
func CheckHeads(tx Tx) error {
	t := tx.(*txn)
	size := 0
	for prefix, h := range t.p.cache.byPrefix {
		size += h.bytes
		low := t.readLow(h.prefix)
		if !bytes.Equal(low, h.low) {
			return fmt.Errorf("head %q: low %q, stored %q", prefix, h.low, low)
		}
		for k := range t.Scan(h.prefix, low) {
			if low != nil {
				return fmt.Errorf("head %q: row %q is below low %q", prefix, k, low)
			}
		}
		if !h.loaded {
			continue
		}
		end := h.end
		if h.bound != nil {
			end = h.bound
		}
		n := 0
		for k, v := range t.Scan(h.prefix, end) {
			n++
			if _, got, ok := h.rows.Get(k); !ok || !bytes.Equal(got, v) {
				return fmt.Errorf("head %q (bound %q): row %q is %q, want %q", prefix, h.bound, k, got, v)
			}
		}
		if n != h.rows.Len() {
			return fmt.Errorf("head %q (bound %q): %d rows, want %d", prefix, h.bound, h.rows.Len(), n)
		}
		bytes := headCost
		for k, v := range h.rows.Ascend(minKey(), maxKey()) {
			bytes += cost(k, v)
		}
		if bytes != h.bytes {
			return fmt.Errorf("head %q: counts %d bytes, has %d", prefix, h.bytes, bytes)
		}
	}
	if size != t.p.cache.size {
		return fmt.Errorf("heads count %d bytes, have %d", t.p.cache.size, size)
	}
	return t.err
}

// TopicCounts returns how many rows the executor believes each topic has.
func TopicCounts(tx Tx) map[string]int {
	counts := map[string]int{}
	for name, ts := range tx.(*txn).p.topics {
		counts[name] = ts.count
	}
	return counts
}

// Flush moves what is in memory to tables on disk.
func Flush(s *Store) error { return s.db.Flush() }

// DecodeRows feeds one row to every decoder of the store's own rows and
// returns what encoding the results again yields, or nil for what was refused.
func DecodeRows(k, v []byte) (timer, change, st []byte) {
	if r, err := decodeTimer(k, v); err == nil {
		timer = append(timerKey(r.ms, r.kind, r.id), r.value()...)
	}
	if c, err := decodeChange("topic", k, v); err == nil {
		change = append(AppendUint64([]byte{changeVersion}, uint64(c.Time.UnixNano())), c.Rec...)
	}
	if s, err := decodeState(v); err == nil {
		st = s.encode()
	}
	return timer, change, st
}

// SetRaw writes a row of partition p past all rules; a nil value deletes it.
func SetRaw(s *Store, p Part, k, v []byte) error {
	if v == nil {
		return s.db.Delete(appendKey(nil, p, k), nil)
	}
	return s.db.Set(appendKey(nil, p, k), v, nil)
}

// CheckManifest is checkManifest.
func CheckManifest(r io.Reader) (int64, error) { return checkManifest(r) }

// QueueLength returns how many calls wait for partition p.
func QueueLength(s *Store, p Part) int { return len(s.parts[p].queue) }
