package pattern

import (
	"math/rand/v2"
	"testing"
)

// TestTable compares a table with a map, with hashes that often meet.
func TestTable(t *testing.T) {
	t.Parallel()
	const seed = 11
	rnd := rand.New(rand.NewPCG(seed, seed))
	for _, distinct := range []uint64{1, 4, 1 << 40} {
		hash := func(x uint64) uint64 { return mix(x) % distinct }
		got, want := table[uint64]{hash: func(x *uint64) uint64 { return hash(*x) }}, map[uint64]*uint64{}
		for range 5000 {
			x := rnd.Uint64N(300)
			found := got.find(hash(x), func(y *uint64) bool { return *y == x })
			if found != want[x] {
				t.Fatalf("seed %d, %d hashes: find(%d) = %v, want %v", seed, distinct, x, found, want[x])
			}
			if found != nil {
				got.remove(found)
				delete(want, x)
			} else {
				got.add(&x)
				want[x] = &x
			}
			if got.count != len(want) {
				t.Fatalf("seed %d: %d entries, want %d", seed, got.count, len(want))
			}
		}
		for _, x := range want {
			got.remove(x)
		}
		for _, s := range got.slots {
			if s != nil {
				t.Errorf("%d is still there", *s)
			}
		}
	}
}
