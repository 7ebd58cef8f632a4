package store

import (
	"bytes"
	"fmt"

	"github.com/RaduBerinde/btreemap"
)

// knows reports whether k belongs into the rows of h.
func (h *head) knows(k []byte) bool {
	return h.loaded && (h.bound == nil || bytes.Compare(k, h.bound) < 0)
}

// put follows a Set.
func (t *txn) put(h *head, k, v []byte) {
	if h.low != nil && bytes.Compare(k, h.low) < 0 {
		t.setLow(h, bytes.Clone(k))
	}
	if !h.knows(k) {
		return
	}
	kv := make([]byte, 0, len(k)+len(v))
	kv = append(append(kv, k...), v...)
	k, v = kv[:len(k):len(k)], kv[len(k):]
	_, old, had := h.rows.ReplaceOrInsert(k, v)
	t.p.cache.charge(h, cost(k, v))
	if had {
		t.p.cache.charge(h, -cost(k, old))
	}
	t.undo = append(t.undo, undo{kind: undoRow, head: h, key: k, old: old, had: had})
	if !h.grown {
		h.grown = true
		t.grown = append(t.grown, h)
	}
}

// remove follows a Delete.
func (t *txn) remove(h *head, k []byte) {
	if !h.knows(k) {
		return
	}
	key, old, had := h.rows.Delete(k)
	if !had {
		return
	}
	t.p.cache.charge(h, -cost(key, old))
	t.undo = append(t.undo, undo{kind: undoRow, head: h, key: key, old: old, had: true})
	h.deleted++
	if bytes.Compare(key, h.last) > 0 {
		h.last = key
	}
	if h.deleted >= t.p.cache.lowEvery && !h.grown {
		h.grown = true
		t.grown = append(t.grown, h)
	}
}

// removeRange follows a DeleteRange; freezeRange has come before it.
func (t *txn) removeRange(lo, hi []byte) {
	for _, h := range t.p.cache.byPrefix {
		if !h.meets(lo, hi) {
			continue
		}
		if h.low != nil && bytes.Compare(lo, h.prefix) <= 0 && bytes.Compare(h.prefix, hi) < 0 {
			t.undo = append(t.undo, undo{kind: undoLow, head: h, key: h.low})
			h.low = nil // its row is deleted with the range
		}
		if !h.loaded {
			continue
		}
		var keys [][]byte
		for k := range h.rows.Ascend(btreemap.GE(lo), btreemap.LT(hi)) {
			keys = append(keys, k)
		}
		for _, k := range keys {
			t.remove(h, k)
		}
	}
}

func (t *txn) freezeRange(lo, hi []byte) {
	for _, h := range t.p.cache.byPrefix {
		if h.meets(lo, hi) {
			t.freeze(h)
		}
	}
}

// meets reports whether rows of h can lie between lo and hi.
func (h *head) meets(lo, hi []byte) bool {
	return bytes.Compare(lo, h.end) < 0 && bytes.Compare(h.prefix, hi) < 0
}

func lowKey(prefix []byte) []byte { return append([]byte(lowPrefix), prefix...) }

func (t *txn) setLow(h *head, k []byte) {
	t.undo = append(t.undo, undo{kind: undoLow, head: h, key: h.low})
	h.low = k
	t.set(lowKey(h.prefix), append([]byte{lowVersion}, k...))
}

// readLow returns the low key of a head, nil if none was written.
func (t *txn) readLow(prefix []byte) []byte {
	v, ok := t.Get(lowKey(prefix))
	if !ok {
		return nil
	}
	low, ok := bytes.CutPrefix(v, []byte{lowVersion})
	if !ok || !bytes.HasPrefix(low, prefix) {
		t.fail(fmt.Errorf("low row of head %q: %w", prefix, ErrDamaged))
		return nil
	}
	return low
}

const lowVersion = 1

// settleHeads ends a successful closure: it writes low where many rows were
// deleted. It may still fail, so it comes before the closure's end.
func (t *txn) settleHeads() {
	for _, h := range t.grown {
		if h.deleted < t.p.cache.lowEvery || t.err != nil {
			continue
		}
		low := h.last
		if k, _, ok := h.rows.Min(); ok {
			low = k
		} else if h.bound != nil {
			low = h.bound
		}
		h.deleted, h.last = 0, nil
		t.setLow(h, low)
	}
}

// undo is one step back.
type undo struct {
	kind undoKind
	head *head
	key  []byte
	old  []byte
	had  bool
}

type undoKind uint8

const (
	undoRow    undoKind = iota // key had the value old, or was absent
	undoLow                    // low was key
	undoRefill                 // bound was key, and no row beyond it was known
	undoLoad                   // the rows were not loaded
	undoHead                   // there was no head
)

func (u undo) do(c *headCache) {
	h := u.head
	switch u.kind {
	case undoRow:
		if k, v, ok := h.rows.Delete(u.key); ok {
			c.charge(h, -cost(k, v))
		}
		if u.had {
			h.rows.ReplaceOrInsert(u.key, u.old)
			c.charge(h, cost(u.key, u.old))
		}
	case undoLow:
		h.low = u.key
	case undoRefill:
		h.bound = u.key
		if h.bound == nil {
			return // undoLoad follows
		}
		for {
			k, v, ok := h.rows.Max()
			if !ok || bytes.Compare(k, h.bound) < 0 {
				return
			}
			h.rows.DeleteMax()
			c.charge(h, -cost(k, v))
		}
	case undoLoad:
		c.charge(h, headCost-h.bytes)
		h.rows, h.bound, h.loaded = nil, nil, false
	case undoHead:
		c.drop(h)
	}
}
