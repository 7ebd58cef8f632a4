package pinball

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestInCycles: what is found to be in a cycle is what has a way to itself.
func TestInCycles(t *testing.T) {
	t.Parallel()
	in, out := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(12)
		names, next := make([]string, n), map[string][]string{}
		for i := range names {
			names[i] = fmt.Sprint("n", i)
		}
		for range r.IntN(2 * n) {
			from := names[r.IntN(n)]
			next[from] = append(next[from], names[r.IntN(n)])
		}
		found := inCycles(names, next)
		for _, name := range names {
			want := cycleFrom(name, next) != nil
			if found[name] != want {
				t.Fatalf("seed %d: %s in a cycle: %t, want %t in %v", seed, name, found[name], want, next)
			}
			if want {
				in++
			} else {
				out++
			}
		}
	}
	if in < 100 || out < 100 {
		t.Errorf("%d in cycles, %d not: the test proves little", in, out)
	}
}
