package store

import (
	"bytes"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// blobUse knows which blobs are in use in ways that no row shows yet, so that
// none of them is collected.
//
// A blob is pinned while it is being put, and from the Ref of a closure until
// that is durable or has failed. Before a blob is deleted the collector looks at
// the references of every partition, one after another; a reference that moves
// from one partition to another meanwhile could slip through, but it is seen
// here: whatever was pinned or unpinned since the collector began to look stays.
type blobUse struct {
	// mu guards what follows.
	mu      sync.Mutex
	pins    map[Digest]int
	touched map[Digest]touch
	going   map[Digest]chan struct{} // being deleted; closed when it is over
	tick    uint64                   // counts touches
	opened  time.Time
}

// touch says when a blob was pinned or unpinned last.
type touch struct {
	tick uint64
	at   time.Time // host time
}

func newBlobUse(now time.Time) *blobUse {
	return &blobUse{pins: map[Digest]int{}, touched: map[Digest]touch{}, going: map[Digest]chan struct{}{}, opened: now}
}

// pin pins d. If d is being deleted it returns a channel instead, which is
// closed when that is over.
func (u *blobUse) pin(d Digest, now time.Time) (wait <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if going, ok := u.going[d]; ok {
		return going
	}
	u.pins[d]++
	u.touch(d, now)
	return nil
}

func (u *blobUse) unpin(d Digest, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.pins[d]--; u.pins[d] == 0 {
		delete(u.pins, d)
	}
	u.touch(d, now)
}

// note notes that d was used a moment ago.
func (u *blobUse) note(d Digest, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.touch(d, now)
}

func (u *blobUse) touch(d Digest, now time.Time) {
	u.tick++
	u.touched[d] = touch{u.tick, now}
}

// mark returns a number for begin: the present.
func (u *blobUse) mark() uint64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.tick
}

// idle reports whether nobody has used d since before.
func (u *blobUse) idle(d Digest, before time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	last, ok := u.touched[d]
	if !ok {
		last.at = u.opened // whoever used it before did so in an earlier process
	}
	return u.pins[d] == 0 && !last.at.After(before)
}

// begin claims d for deletion, unless somebody has used it since mark.
func (u *blobUse) begin(d Digest, mark uint64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.pins[d] > 0 || u.touched[d].tick > mark || u.going[d] != nil {
		return false
	}
	u.going[d] = make(chan struct{})
	return true
}

// end ends what begin began.
func (u *blobUse) end(d Digest) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.going[d])
	delete(u.going, d)
}

// forget drops what is known of blobs that were used last before a moment.
func (u *blobUse) forget(before time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for d, last := range u.touched {
		if u.pins[d] == 0 && !last.at.After(before) {
			delete(u.touched, d)
		}
	}
	if u.opened.Before(before) {
		u.opened = before
	}
}

func blobKey(d Digest) []byte { return append([]byte(blobPrefix), d[:]...) }

const blobVersion = 1

// Ref implements Tx.
func (t *txn) Ref(d Digest) {
	b := t.p.store.blobs
	if b.use.pin(d, b.now()) != nil {
		t.fail(fmt.Errorf("refer to blob %s, which nobody has used for long and is being deleted: put it again: %w", d, fs.ErrNotExist))
		return
	}
	t.pinned = append(t.pinned, d)
	t.count1(d, 1)
}

// Unref implements Tx. Somebody may have read the reference just before, and
// read the blob just after.
func (t *txn) Unref(d Digest) {
	b := t.p.store.blobs
	b.use.note(d, b.now())
	t.count1(d, -1)
}

// keepPins ends a successful closure: its pins last until it is durable.
func (t *txn) keepPins() {
	if len(t.pinned) == 0 {
		return
	}
	pinned := append([]Digest(nil), t.pinned...)
	t.pinned = t.pinned[:0]
	b := t.p.store.blobs
	t.OnDurable(func() { b.unpin(pinned) })
}

// dropPins ends a failed closure.
func (t *txn) dropPins() {
	t.p.store.blobs.unpin(t.pinned)
	t.pinned = t.pinned[:0]
}

func (b *blobs) unpin(ds []Digest) {
	for _, d := range ds {
		b.use.unpin(d, b.now())
	}
}

func (t *txn) count1(d Digest, by int64) {
	k := blobKey(d)
	var n int64
	if v, ok := t.Get(k); ok {
		u, rest, ok := ReadUint64(bytes.TrimPrefix(v, []byte{blobVersion}))
		if !ok || len(rest) > 0 {
			t.fail(fmt.Errorf("references of blob %s: %w", d, ErrDamaged))
			return
		}
		n = int64(u)
	}
	n += by
	switch {
	case n < 0:
		t.fail(fmt.Errorf("blob %s: one Unref more than Ref", d))
	case n == 0:
		t.delete(k)
	default:
		t.set(k, AppendUint64([]byte{blobVersion}, uint64(n)))
	}
}
