package store

import (
	"bytes"
	"iter"
	"slices"

	"github.com/RaduBerinde/btreemap"
	"github.com/cockroachdb/pebble/v2"
)

// Reading the front of an index whose front is deleted all the time walks
// over the tombstones of what was there: a queue read so is some 35 times
// slower than one whose first rows are in memory. So the rows of the prefixes
// in Options.Heads pass through a head on their way to the batch.
//
// Invariant: rows holds exactly the rows of the prefix below bound, as the
// running closure sees them; without a bound, all rows of the prefix.
//
// Everything here runs on the executor's goroutine. A head is derived: it can
// be dropped between closures and is then read again.
type head struct {
	prefix  []byte
	end     []byte // first key after the prefix
	rows    *rowMap
	bound   []byte // nil: rows is complete
	loaded  bool   // false: only low is known
	bytes   int    // memory used, roughly
	used    uint64 // when it was last used, in closures
	open    []*headIter
	grown   bool // in txn.grown
	dropped bool // no longer in the cache

	// low is the row m/low/<prefix>: no row of the prefix is below it. A
	// restart begins to read there, behind the tombstones. nil = no such row.
	low     []byte
	deleted int    // rows deleted since low was written
	last    []byte // the greatest key deleted since then
}

func minKey() btreemap.LowerBound[[]byte] { return btreemap.Min[[]byte]() }
func maxKey() btreemap.UpperBound[[]byte] { return btreemap.Max[[]byte]() }

type rowMap = btreemap.BTreeMap[[]byte, []byte]

const (
	headBudget  = 64 << 20 // memory of all heads of a store
	rowOverhead = 128      // bytes a row costs beside key and value
	headCost    = 1024     // bytes an empty head costs
)

// headLimits are the sizes of heads; tests make them small.
type headLimits struct {
	budget      int // bytes of all heads of a partition
	rows        int // of one head
	bytes       int // of one head, unless it has no more than minRows
	minRows     int
	refillBelow int // fewer rows are a reason to read on
	refillRows  int // rows read at once
	lowEvery    int // deletions after which low is written
}

func defaultHeadLimits(partitions int) headLimits {
	return headLimits{
		budget: headBudget / partitions, rows: 10_000, bytes: 4 << 20, minRows: 512,
		refillBelow: 128, refillRows: 1024, lowEvery: 4096,
	}
}

// headCache holds the heads of one partition.
type headCache struct {
	headLimits
	templates templates
	byPrefix  map[string]*head
	size      int // bytes of all heads
	tick      uint64
}

func (c *headCache) init(ts templates, l headLimits) {
	c.headLimits = l
	c.templates = ts
	c.byPrefix = map[string]*head{}
}

// head returns the head of k, making one if there is none; nil if no template
// fits. Its rows may not be loaded.
func (t *txn) head(k []byte) *head {
	c := &t.p.cache
	n := c.templates.match(k)
	if n == 0 {
		return nil
	}
	h, ok := c.byPrefix[string(k[:n])]
	if !ok {
		prefix := bytes.Clone(k[:n])
		h = &head{prefix: prefix, end: PrefixEnd(prefix)}
		if h.low = t.readLow(prefix); t.err != nil {
			return nil
		}
		c.byPrefix[string(prefix)] = h
		c.charge(h, headCost)
		if t.wrote { // low may be this closure's
			t.undo = append(t.undo, undo{kind: undoHead, head: h})
		}
	}
	h.used = c.tick
	return h
}

func (c *headCache) charge(h *head, n int) {
	h.bytes += n
	if !h.dropped {
		c.size += n
	}
}

func (c *headCache) drop(h *head) {
	if !h.dropped {
		h.dropped = true
		c.size -= h.bytes
		delete(c.byPrefix, string(h.prefix))
	}
}

func cost(k, v []byte) int { return len(k) + len(v) + rowOverhead }

// Head implements Tx.
func (t *txn) Head(prefix []byte) iter.Seq2[[]byte, []byte] {
	prefix = bytes.Clone(prefix)
	if t.p.cache.templates.match(prefix) != len(prefix) {
		return t.Scan(prefix, PrefixEnd(prefix))
	}
	return func(yield func(k, v []byte) bool) {
		h := t.head(prefix)
		if h == nil {
			return
		}
		if !h.loaded {
			t.load(h)
		} else if h.bound != nil && h.rows.Len() < t.p.cache.refillBelow {
			t.freeze(h)
			t.refill(h, h.bound)
		}
		if t.err != nil {
			return
		}
		it := &headIter{rows: h.rows, bound: h.bound}
		h.open = append(h.open, it)
		defer t.close(h, it)
		t.walk(h, it, yield)
	}
}

// headIter is a running iteration. It shares the rows of its head until the
// first write to the prefix; then the head goes on with a copy.
type headIter struct {
	rows  *rowMap
	bound []byte
	tail  *pebble.Iterator // the rows from bound on, once they are needed
}

func (t *txn) walk(h *head, it *headIter, yield func(k, v []byte) bool) {
	for k, v := range it.rows.Ascend(minKey(), maxKey()) {
		if !yield(k, v) {
			return
		}
	}
	if it.bound == nil {
		return
	}
	if it.tail == nil { // nothing has been written since the walk began
		if !t.openTail(h, it) {
			return
		}
	}
	for ok := it.tail.First(); ok; ok = it.tail.Next() {
		v, err := it.tail.ValueAndErr()
		if err != nil {
			return // close reports it
		}
		if !yield(t.mem.copy(it.tail.Key()[partBytes:]), t.mem.copy(v)) {
			return
		}
	}
}

func (t *txn) openTail(h *head, it *headIter) bool {
	t.index()
	tail, err := t.iterator(it.bound, h.end)
	if err != nil {
		t.fail(err)
		return false
	}
	it.tail = tail
	return true
}

func (t *txn) close(h *head, it *headIter) {
	if i := slices.Index(h.open, it); i >= 0 {
		h.open = slices.Delete(h.open, i, i+1)
	}
	if it.tail != nil {
		if err := it.tail.Close(); err != nil {
			t.fail(readError(err))
		}
	}
}

// freeze lets the running iterations keep what they see. It comes before
// every change of the prefix.
func (t *txn) freeze(h *head) {
	if len(h.open) == 0 {
		return
	}
	for _, it := range h.open {
		if it.bound != nil && it.tail == nil {
			t.openTail(h, it)
		}
	}
	h.rows = h.rows.Clone()
	h.open = h.open[:0]
}

// load reads the first rows of the prefix.
func (t *txn) load(h *head) {
	h.rows = btreemap.New[[]byte, []byte](16, bytes.Compare)
	h.loaded = true
	t.undoIfWrote(undo{kind: undoLoad, head: h})
	lo := h.prefix
	if h.low != nil {
		lo = h.low
	}
	t.refill(h, lo)
}

// refill reads the rows from lo, where the known ones end.
func (t *txn) refill(h *head, lo []byte) {
	t.undoIfWrote(undo{kind: undoRefill, head: h, key: h.bound})
	h.bound = nil
	c := &t.p.cache
	left := c.refillRows
	for k, v := range t.Scan(lo, h.end) {
		if left == 0 || h.bytes > c.bytes && c.refillRows-left >= c.minRows {
			h.bound = k
			break
		}
		left--
		h.rows.ReplaceOrInsert(k, v)
		c.charge(h, cost(k, v))
	}
	if t.err != nil {
		t.broken = append(t.broken, h)
	}
}

// undoIfWrote records that what is read now may contain the running
// closure's own writes.
func (t *txn) undoIfWrote(u undo) {
	if t.wrote {
		t.undo = append(t.undo, u)
	}
}

// trimHeads keeps the heads within their memory. It runs between closures,
// when nothing needs to be undone and no iteration is running.
func (t *txn) trimHeads() {
	c := &t.p.cache
	for _, h := range t.grown {
		h.grown = false
		for h.loaded && (h.rows.Len() > c.rows || h.bytes > c.bytes && h.rows.Len() > c.minRows) {
			c.shorten(h)
		}
	}
	clear(t.grown)
	t.grown = t.grown[:0]
	c.tick++
	if c.size > c.budget {
		c.evict()
	}
}

// shorten forgets the last row of h.
func (c *headCache) shorten(h *head) {
	k, v, _ := h.rows.DeleteMax()
	c.charge(h, -cost(k, v))
	h.bound = k
}

// evict frees a quarter of the budget. It shortens heads, then drops them,
// those first that were not used for longest.
func (c *headCache) evict() {
	hs := make([]*head, 0, len(c.byPrefix))
	for _, h := range c.byPrefix {
		hs = append(hs, h)
	}
	slices.SortFunc(hs, func(a, b *head) int { return int(int64(a.used - b.used)) })
	for _, h := range hs {
		for h.loaded && h.rows.Len() > c.minRows && c.size > c.budget*3/4 {
			c.shorten(h)
		}
	}
	for _, h := range hs {
		if c.size > c.budget*3/4 {
			c.drop(h)
		}
	}
}
