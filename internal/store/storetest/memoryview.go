package storetest

import (
	"bytes"
	"iter"
	"time"

	"github.com/RaduBerinde/btreemap"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

// memView is the View of a picture.
type memView struct {
	picture
	part  *memPart
	clock clock.Clock
	now   int64
}

// Get implements store.View.
func (v *memView) Get(k []byte) ([]byte, bool) {
	_, value, ok := v.rows.Get(k)
	return value, ok
}

// Scan implements store.View.
func (v *memView) Scan(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, val []byte) bool) {
		if hi != nil && bytes.Compare(lo, hi) >= 0 {
			return
		}
		end := btreemap.Max[[]byte]()
		if hi != nil {
			end = btreemap.LT(hi)
		}
		v.rows.Ascend(btreemap.GE(lo), end)(yield)
	}
}

// ScanDown implements store.View.
func (v *memView) ScanDown(lo, hi []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, val []byte) bool) {
		if hi != nil && bytes.Compare(lo, hi) >= 0 {
			return
		}
		end := btreemap.Max[[]byte]()
		if hi != nil {
			end = btreemap.LT(hi)
		}
		v.rows.Descend(end, btreemap.GE(lo))(yield)
	}
}

// Seq implements store.View.
func (v *memView) Seq() store.Seq { return v.seq }

// Now implements store.View.
func (v *memView) Now() time.Time {
	if v.now == 0 {
		v.now = v.part.time(v.clock, 0)
	}
	return time.Unix(0, v.now).UTC()
}

var _ store.View = (*memView)(nil)
