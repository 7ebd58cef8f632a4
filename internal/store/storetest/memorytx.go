package storetest

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"time"

	"stormbus/internal/store"
)

// memTx is the Tx of a MemoryStore. It works on a copy of the rows, which is
// thrown away if the closure fails.
type memTx struct {
	memView
	s       *MemoryStore
	err     error // the first; it fails the closure
	wrote   bool
	size    int
	emitted uint32
	topics  map[string]bool
	apply   []func()
	durable []func()
}

func (s *MemoryStore) begin(p *memPart) *memTx {
	pic, _ := p.current()
	pic.rows = pic.rows.Clone()
	now := p.time(s.o.Clock, 1)
	return &memTx{memView: memView{part: p, clock: s.o.Clock, picture: pic, now: now}, s: s, topics: map[string]bool{}}
}

// evaluate runs the closure and what belongs to its end.
func (t *memTx) evaluate(fn func(tx store.Tx) error) error {
	err := fn(t)
	if err == nil {
		for topic := range t.topics {
			t.trim(topic)
		}
	}
	if t.err != nil {
		err = t.err
	}
	if err == nil {
		for _, f := range t.apply {
			f()
		}
	}
	return err
}

// Fail makes the Update return err, whatever its closure returns.
func (t *memTx) Fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// Part returns the partition that t works on.
func (t *memTx) Part() store.Part { return t.part.id }

// Scan implements store.View: the iteration shows the rows as they are now.
func (t *memTx) Scan(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		v := memView{picture: picture{rows: t.rows.Clone()}}
		v.Scan(lo, hi)(yield)
	}
}

// ScanDown implements store.View.
func (t *memTx) ScanDown(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		v := memView{picture: picture{rows: t.rows.Clone()}}
		v.ScanDown(lo, hi)(yield)
	}
}

// Head implements store.Tx.
func (t *memTx) Head(prefix []byte) iter.Seq2[[]byte, []byte] {
	prefix = bytes.Clone(prefix)
	return t.Scan(prefix, store.PrefixEnd(prefix))
}

// ownPrefixes returns the prefixes of the store's own rows, which closures
// cannot write.
func ownPrefixes() []string { return []string{"bi/", "bl/", "ch/", "m/", "tm/", "tmx/"} }

func own(k []byte) bool {
	for _, prefix := range ownPrefixes() {
		if strings.HasPrefix(string(k), prefix) {
			return true
		}
	}
	return false
}

// Set implements store.Tx.
func (t *memTx) Set(k, v []byte) {
	if own(k) {
		t.Fail(fmt.Errorf("set %q: the prefix belongs to the store", k))
		return
	}
	t.set(k, v)
}

// updateBytes is the most that one closure may write.
const updateBytes = 64 << 20

func (t *memTx) set(k, v []byte) {
	if t.size += len(k) + len(v); t.size > updateBytes {
		t.Fail(fmt.Errorf("%w: more than %d bytes", store.ErrTooLarge, updateBytes))
	}
	if t.err == nil {
		t.rows.ReplaceOrInsert(bytes.Clone(k), append([]byte{}, v...))
		t.wrote = true
	}
}

// Delete implements store.Tx.
func (t *memTx) Delete(k []byte) {
	if own(k) {
		t.Fail(fmt.Errorf("delete %q: the prefix belongs to the store", k))
		return
	}
	t.delete(k)
}

func (t *memTx) delete(k []byte) {
	if t.err == nil {
		t.rows.Delete(k)
		t.wrote = true
	}
}

// DeleteRange implements store.Tx.
func (t *memTx) DeleteRange(lo, hi []byte) {
	reserved := hi == nil || own(lo)
	for _, prefix := range ownPrefixes() {
		reserved = reserved || string(lo) < prefix && string(hi) > prefix
	}
	if reserved {
		t.Fail(fmt.Errorf("delete from %q to %q: rows of the store are among them", lo, hi))
		return
	}
	if bytes.Compare(lo, hi) < 0 {
		t.deleteRange(lo, hi)
	}
}

func (t *memTx) deleteRange(lo, hi []byte) {
	if t.err != nil {
		return
	}
	for k := range t.Scan(lo, hi) {
		t.rows.Delete(k)
	}
	t.wrote = true
}

// Ref implements store.Tx.
func (t *memTx) Ref(d store.Digest) { t.count(d, 1) }

// Unref implements store.Tx.
func (t *memTx) Unref(d store.Digest) { t.count(d, -1) }

func (t *memTx) count(d store.Digest, by int64) {
	k := append([]byte("bl/"), d[:]...)
	var n int64
	if v, ok := t.Get(k); ok {
		u, _, _ := store.ReadUint64(v[1:])
		n = int64(u)
	}
	switch n += by; {
	case n < 0:
		t.Fail(fmt.Errorf("blob %s: one Unref more than Ref", d))
	case n == 0:
		t.delete(k)
	default:
		t.set(k, store.AppendUint64([]byte{1}, uint64(n)))
	}
}

// OnApply implements store.Tx.
func (t *memTx) OnApply(f func()) { t.apply = append(t.apply, f) }

// OnDurable implements store.Tx.
func (t *memTx) OnDurable(f func()) { t.durable = append(t.durable, f) }

// Timer implements store.Tx.
func (t *memTx) Timer(kind string, id []byte, due time.Time, payload []byte) {
	if rounded := due.Truncate(time.Millisecond); rounded.Before(due) {
		due = rounded.Add(time.Millisecond) // never early
	}
	t.setTimer(memTimer{kind: kind, id: id, at: due, due: due, payload: payload})
}

var _ store.Tx = (*memTx)(nil)
