package store

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// View is a consistent, read-only picture of one partition. Keys and values
// are valid until the closure returns and must not be modified. A read that
// fails ends there, and the call that the closure was given to returns the
// error, whatever the closure returns.
type View interface {
	// Get returns the value of k, and whether there is one.
	Get(k []byte) (v []byte, ok bool)
	// Scan returns the rows from lo up to, not including, hi in ascending
	// order. A nil hi is the end of the partition.
	Scan(lo, hi []byte) iter.Seq2[[]byte, []byte]
	// ScanDown returns the same rows in descending order.
	ScanDown(lo, hi []byte) iter.Seq2[[]byte, []byte]
	// Seq returns the number of the last Update in this picture. In a Tx it
	// is that of the Update before this one, which becomes Seq()+1 if it
	// writes.
	Seq() Seq
	// Now returns the partition time: the clock's, except that it never goes
	// back. In a Tx it is later than that of every Update before; after a
	// restart, later than that of every Update that wrote something.
	Now() time.Time
}

// View runs fn on a picture of partition p that contains every Update that
// had returned before, and returns when all that fn saw is durable. fn runs
// in the caller's goroutine.
func (s *Store) View(ctx context.Context, p Part, fn func(v View) error) error {
	part, err := s.part(p)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.readers.enter(); err != nil {
		return err
	}
	defer s.readers.leave()
	return part.view(fn)
}

// ViewStale is View that may lag behind on a node that does not lead the
// partition. A store on one machine never lags.
func (s *Store) ViewStale(ctx context.Context, p Part, fn func(v View) error) error {
	return s.View(ctx, p, fn)
}

func (p *partition) view(fn func(v View) error) (err error) {
	snap := p.store.db.NewSnapshot()
	defer func() { err = errors.Join(err, snap.Close()) }()
	// Read after the snapshot was taken: whatever the snapshot shows was
	// announced before it became visible.
	newest := p.applied.Load()
	v := &snapshot{reading: reading{part: p.id, r: snap}, p: p}
	err = fn(v)
	if v.err != nil {
		err = v.err
		p.store.noteDamage(err)
	}
	select {
	case <-newest.done:
	case <-p.store.halts:
		return p.store.haltErr()
	}
	if newest.err != nil {
		return newest.err
	}
	return err
}

// snapshot is the View of a reader.
type snapshot struct {
	reading
	p   *partition
	now time.Time
}

// Seq implements View.
func (v *snapshot) Seq() Seq {
	st, err := readState(v.r, v.part)
	if err != nil {
		v.fail(err)
	}
	return st.seq
}

// Now implements View.
func (v *snapshot) Now() time.Time {
	if v.now.IsZero() {
		v.now = v.p.currentTime()
	}
	return v.now
}

// reading reads rows of one partition and remembers the first error.
type reading struct {
	part Part
	r    pebble.Reader
	mem  arena
	err  error
}

func (r *reading) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Get implements View.
func (r *reading) Get(k []byte) ([]byte, bool) {
	var buf [64]byte
	v, closer, err := r.r.Get(appendKey(buf[:0], r.part, k))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false
	}
	if err != nil {
		r.fail(readError(err))
		return nil, false
	}
	v = r.mem.copy(v)
	if err := closer.Close(); err != nil {
		r.fail(readError(err))
		return nil, false
	}
	return v, true
}

// Scan implements View.
func (r *reading) Scan(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return r.scan(lo, hi, (*pebble.Iterator).First, (*pebble.Iterator).Next)
}

// ScanDown implements View.
func (r *reading) ScanDown(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return r.scan(lo, hi, (*pebble.Iterator).Last, (*pebble.Iterator).Prev)
}

func (r *reading) scan(lo, hi []byte, first, next func(*pebble.Iterator) bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		if hi != nil && bytes.Compare(lo, hi) >= 0 {
			return
		}
		it, err := r.iterator(lo, hi)
		if err != nil {
			r.fail(err)
			return
		}
		defer func() {
			if err := it.Close(); err != nil {
				r.fail(readError(err))
			}
		}()
		for ok := first(it); ok; ok = next(it) {
			v, err := it.ValueAndErr()
			if err != nil {
				return // Close reports it
			}
			if !yield(r.mem.copy(it.Key()[partBytes:]), r.mem.copy(v)) {
				return
			}
		}
	}
}

func (r *reading) iterator(lo, hi []byte) (*pebble.Iterator, error) {
	it, err := r.r.NewIter(&pebble.IterOptions{
		LowerBound: appendKey(nil, r.part, lo),
		UpperBound: appendEnd(nil, r.part, hi),
	})
	return it, readError(err)
}

var _ View = (*snapshot)(nil)
