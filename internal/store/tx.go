package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// Tx is a View of the newest state, the closure's own writes included, that
// can be written. Slices given to it may be reused after the call. Writing
// while iterating is allowed: the iteration shows the rows as they were when
// it began.
type Tx interface {
	View
	// Set writes a row.
	Set(k, v []byte)
	// Delete removes a row if there is one.
	Delete(k []byte)
	// DeleteRange removes the rows from lo up to, not including, hi.
	DeleteRange(lo, hi []byte)
	// Head returns the rows that begin with prefix in ascending order. If
	// the prefix fits a template of Options.Heads the first rows come from
	// memory, however many rows were deleted before them; otherwise it is a
	// Scan.
	Head(prefix []byte) iter.Seq2[[]byte, []byte]
	// Emit adds a change record that Watch shows at this Update's Seq.
	Emit(topic string, rec []byte)
	// Timer sets a timer, or moves it if kind and id are set already.
	Timer(kind string, id []byte, due time.Time, payload []byte)
	// StopTimer removes a timer if it is set.
	StopTimer(kind string, id []byte)
	// Ref counts one more reference to a blob, which was put not longer than
	// Options.BlobGrace ago or has a reference already. What has references is
	// not deleted.
	Ref(d Digest)
	// Unref counts one reference less.
	Unref(d Digest)
	// OnApply runs f on the partition's goroutine right after the closure has
	// returned nil. It is for caches that can be rebuilt from a View.
	OnApply(f func())
	// OnDurable runs f after the writes are on disk and before Update
	// returns, in the order of the Updates. f must not block or call the
	// Store: the partition's answers wait for it.
	OnDurable(f func())
}

// updateBytes is the most that one closure may write.
const updateBytes = 64 << 20

// txn is the Tx of one partition; it is reset for every closure.
type txn struct {
	reading
	p       *partition
	now     int64
	grow    bool
	mark    int    // bytes in the batch before this closure
	count   uint32 // records in the batch before this closure
	wrote   bool
	emitted uint32
	key     []byte // scratch
	apply   []func()
	durable []func()
	undo    []undo
	grown   []*head // heads that may need trimming
	broken  []*head // heads that could not be read
	topics  []*topicState
	trims   []trim
	pinned  []Digest // blobs that the running closure refers to
}

func (t *txn) init(p *partition) {
	t.p = p
	t.part = p.id
}

// run runs the closure of c; on any failure it leaves the group as it was.
func (t *txn) run(c *call) (err error) {
	t.begin(c.grow)
	finished := false
	defer func() {
		if finished {
			return
		}
		if r := recover(); r != nil {
			err = fmt.Errorf("update closure panicked: %v\n%s", r, stack())
		} else {
			err = errors.New("update closure ended its goroutine")
			c.err = err
		}
		err = t.rollback(err)
		c.err = err
	}()
	err = c.fn(t)
	if err == nil {
		t.settleHeads()
		t.settleTopics()
	}
	if t.err != nil {
		err = t.err
		t.p.store.noteDamage(err)
	}
	if err == nil {
		for _, f := range t.apply {
			f()
		}
	}
	finished = true
	if err != nil {
		return t.rollback(err)
	}
	t.finish()
	return nil
}

func (t *txn) begin(grow bool) {
	t.now = t.p.nextTime()
	t.err = nil
	t.grow = grow || !t.p.store.full.Load()
	t.wrote = false
	t.emitted = 0
	t.apply, t.durable, t.undo, t.broken = t.apply[:0], t.durable[:0], t.undo[:0], t.broken[:0]
	t.r = t.p.store.db
	t.mark, t.count = 0, 0
	if b := t.p.group.batch; b != nil {
		t.r = b
		t.mark, t.count = b.Len(), b.Count()
	}
}

// finish keeps what the closure wrote.
func (t *txn) finish() {
	if t.wrote {
		t.p.seq++
	}
	t.trimHeads()
	t.keepTopics()
	t.keepPins()
	g := t.p.group
	g.hooks = append(g.hooks, t.durable...)
	g.emits = g.emits || t.emitted > 0
	clear(t.apply)
	clear(t.durable)
	clear(t.undo)
}

// rollback undoes the closure and returns why it failed.
func (t *txn) rollback(cause error) error {
	for i := len(t.undo) - 1; i >= 0; i-- {
		t.undo[i].do(&t.p.cache)
	}
	for _, h := range t.broken {
		t.p.cache.drop(h)
	}
	t.trimHeads()
	t.dropTopics()
	t.dropPins()
	clear(t.apply)
	clear(t.durable)
	clear(t.undo)
	g := t.p.group
	if !t.wrote || g.batch == nil {
		return cause
	}
	old := g.batch
	g.batch = nil
	if t.mark > 0 {
		kept, err := t.p.store.replay(old.Repr()[:t.mark], t.count)
		if err != nil {
			// Neighbours' writes are lost from the group: nothing of it may
			// be acknowledged.
			t.p.store.fail(fmt.Errorf("roll back in partition %d: %w", t.p.id, err))
			return t.p.store.haltErr()
		}
		g.batch = kept
	}
	if err := old.Close(); err != nil {
		t.p.store.fail(fmt.Errorf("roll back in partition %d: %w", t.p.id, err))
		return t.p.store.haltErr()
	}
	return cause
}

// replay returns a batch with the first count records of another.
func (s *Store) replay(repr []byte, count uint32) (*pebble.Batch, error) {
	repr = bytes.Clone(repr)
	binary.LittleEndian.PutUint32(repr[8:12], count)
	b := s.db.NewBatch()
	return b, b.SetRepr(repr)
}

// index makes the group's batch one that can be read, before it is. Where every
// closure finds what it needs in memory that never happens, and the index, which
// costs a good part of a write, is saved.
func (t *txn) index() {
	g := t.p.group
	if g.batch == nil || g.batch.Indexed() {
		return
	}
	indexed := t.p.store.db.NewIndexedBatchWithSize(g.batch.Len() + 4<<10)
	if err := indexed.Apply(g.batch, nil); err != nil {
		t.fail(errors.Join(err, indexed.Close()))
		return
	}
	plain := g.batch
	g.batch, t.r = indexed, indexed
	if err := plain.Close(); err != nil {
		t.fail(err)
	}
}

// Get implements View.
func (t *txn) Get(k []byte) ([]byte, bool) {
	t.index()
	return t.reading.Get(k)
}

// Scan implements View.
func (t *txn) Scan(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return t.indexed(t.reading.Scan(lo, hi))
}

// ScanDown implements View.
func (t *txn) ScanDown(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return t.indexed(t.reading.ScanDown(lo, hi))
}

func (t *txn) indexed(rows iter.Seq2[[]byte, []byte]) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		t.index()
		rows(yield)
	}
}

// write returns the batch to write n bytes to, or nil if that is refused. It is
// good until the next read, which may put another in its place (index).
func (t *txn) write(n int) *pebble.Batch {
	if t.err != nil {
		return nil
	}
	g := t.p.group
	if g.batch == nil {
		g.batch = t.p.store.db.NewBatch()
		t.r = g.batch
	}
	if g.batch.Len()-t.mark+n > updateBytes {
		t.fail(fmt.Errorf("%w: more than %d bytes", ErrTooLarge, updateBytes))
		return nil
	}
	t.wrote = true
	return g.batch
}

// Part returns the partition that t works on.
func (t *txn) Part() Part { return t.p.id }

// Fail makes the Update return err, whatever its closure returns. It is not
// part of Tx: closures return their errors. The helpers beside the interface
// have no error result and use it.
func (t *txn) Fail(err error) { t.fail(err) }

// Now implements View.
func (t *txn) Now() time.Time { return time.Unix(0, t.now).UTC() }

// Seq implements View.
func (t *txn) Seq() Seq { return t.p.seq }

// Set implements Tx.
func (t *txn) Set(k, v []byte) {
	if ownKey(k) {
		t.fail(fmt.Errorf("set %q: the prefix belongs to the store", k))
		return
	}
	if !t.grow {
		t.fail(ErrReadOnly)
		return
	}
	t.set(k, v)
}

func (t *txn) set(k, v []byte) {
	h := t.head(k)
	if h != nil {
		t.freeze(h)
	}
	b := t.write(len(k) + len(v))
	if b == nil {
		return
	}
	t.key = appendKey(t.key[:0], t.part, k)
	if err := b.Set(t.key, v, nil); err != nil {
		t.fail(err)
		return
	}
	if h != nil {
		t.put(h, k, v)
	}
}

// Delete implements Tx.
func (t *txn) Delete(k []byte) {
	if ownKey(k) {
		t.fail(fmt.Errorf("delete %q: the prefix belongs to the store", k))
		return
	}
	t.delete(k)
}

func (t *txn) delete(k []byte) {
	h := t.head(k)
	if h != nil {
		t.freeze(h)
	}
	b := t.write(len(k))
	if b == nil {
		return
	}
	t.key = appendKey(t.key[:0], t.part, k)
	if err := b.Delete(t.key, nil); err != nil {
		t.fail(err)
		return
	}
	if h != nil {
		t.remove(h, k)
	}
}

// DeleteRange implements Tx.
func (t *txn) DeleteRange(lo, hi []byte) {
	if hi == nil || ownWithin(lo, hi) {
		t.fail(fmt.Errorf("delete from %q to %q: rows of the store are among them", lo, hi))
		return
	}
	t.deleteRange(lo, hi)
}

func (t *txn) deleteRange(lo, hi []byte) {
	if bytes.Compare(lo, hi) >= 0 {
		return
	}
	heads := t.p.cache.templates.within(lo, hi)
	if heads {
		t.freezeRange(lo, hi)
	}
	b := t.write(len(lo) + len(hi))
	if b == nil {
		return
	}
	if err := b.DeleteRange(appendKey(nil, t.part, lo), appendKey(nil, t.part, hi), nil); err != nil {
		t.fail(err)
		return
	}
	if !heads {
		return
	}
	if err := b.DeleteRange(appendKey(nil, t.part, lowKey(lo)), appendKey(nil, t.part, lowKey(hi)), nil); err != nil {
		t.fail(err)
		return
	}
	t.removeRange(lo, hi)
}

// ownPrefixes returns those of the store's own rows.
func ownPrefixes() [6]string {
	return [...]string{ownPrefix, changePrefix, timerPrefix, timerIndex, blobPrefix, inlinePrefix}
}

// ownKey reports whether k is one of the store's own.
func ownKey(k []byte) bool {
	for _, prefix := range ownPrefixes() {
		if len(k) >= len(prefix) && string(k[:len(prefix)]) == prefix {
			return true
		}
	}
	return false
}

// ownWithin reports whether rows of the store can lie from lo to hi.
func ownWithin(lo, hi []byte) bool {
	for _, prefix := range ownPrefixes() {
		if string(lo) < prefix && string(hi) > prefix {
			return true
		}
	}
	return ownKey(lo)
}

// OnApply implements Tx.
func (t *txn) OnApply(f func()) { t.apply = append(t.apply, f) }

// OnDurable implements Tx.
func (t *txn) OnDurable(f func()) { t.durable = append(t.durable, f) }

var _ Tx = (*txn)(nil)
