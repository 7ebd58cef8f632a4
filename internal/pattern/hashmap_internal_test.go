package pattern

import (
	"maps"
	"math/rand/v2"
	"testing"
)

// TestHashMap compares a hashMap with a map, and holds that older maps stay what
// they were. Few different hashes make deep and crowded tries.
func TestHashMap(t *testing.T) {
	t.Parallel()
	const seed = 3
	rnd := rand.New(rand.NewPCG(seed, seed))
	for _, hash := range []func() uint64{
		rnd.Uint64,
		func() uint64 { return rnd.Uint64N(300) },
		func() uint64 { return rnd.Uint64N(20) << 60 },
		func() uint64 { return mix(rnd.Uint64N(100)) },
	} {
		var m, old hashMap[int]
		want, oldWant := map[uint64]int{}, map[uint64]int{}
		for i := range 3000 {
			if i == 1500 {
				old = m
				maps.Copy(oldWant, want)
			}
			h := hash()
			if rnd.IntN(3) == 0 {
				m = m.remove(h)
				delete(want, h)
			} else {
				m = m.put(h, &i)
				want[h] = i
			}
		}
		sameMap(t, m, want)
		sameMap(t, old, oldWant)
		for h := range want {
			m = m.remove(h)
		}
		if !m.empty() {
			t.Error("a map from which everything was removed is not empty")
		}
	}
}

func sameMap(t *testing.T, m hashMap[int], want map[uint64]int) {
	t.Helper()
	n := 0
	m.each(func(*int) bool { n++; return true })
	if n != len(want) {
		t.Errorf("the map has %d values, want %d", n, len(want))
	}
	for h, v := range want {
		if got := m.get(h); got == nil || *got != v {
			t.Errorf("get(%x) = %v, want %d", h, got, v)
		}
	}
}

// TestCanonical holds what the index relies on: if an operand of
// equals-ignore-case has a canonical spelling, then the values that it allows
// are those with the same canonical spelling.
func TestCanonical(t *testing.T) {
	t.Parallel()
	byCanonical := map[string][]rune{}
	const last = 0x1FFFF // there are no cases above
	for r := rune(1); r <= last; r++ {
		if r < 0xD800 || r > 0xDFFF {
			c := string(appendCanonical(nil, []byte(string(r))))
			byCanonical[c] = append(byCanonical[c], r)
		}
	}
	indexed := 0
	for r := rune(1); r <= last; r++ {
		if r >= 0xD800 && r <= 0xDFFF {
			continue
		}
		f := newFold(string(r), foldWhole).(*fold)
		c, ok := f.canonical()
		if !ok {
			continue
		}
		indexed++
		allowed := map[string]bool{string(f.chars[0].lower): true, string(f.chars[0].upper): true}
		for _, same := range byCanonical[c] {
			if !allowed[string(same)] {
				t.Errorf("%U has the canonical spelling %q of %U, which does not allow it", same, c, r)
			}
			delete(allowed, string(same))
		}
		for left := range allowed {
			t.Errorf("%U allows %q, whose canonical spelling is not %q", r, left, c)
		}
	}
	if indexed < last/2 {
		t.Errorf("only %d characters have a canonical spelling", indexed)
	}
}
