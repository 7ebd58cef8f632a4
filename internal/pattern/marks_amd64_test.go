package pattern

import (
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

// TestMarksWithAndWithoutWide compares both ways to mark on amd64, of which a
// machine uses one, with the portable one.
func TestMarksWithAndWithoutWide(t *testing.T) {
	t.Parallel()
	const seed, blocks = 5, 3
	rnd := rand.New(rand.NewPCG(seed, seed))
	for range 2000 {
		data := make([]byte, blocks*blockSize)
		for i := range data {
			data[i] = byte(rnd.Uint32())
			if rnd.IntN(4) == 0 {
				const near = "\"\\\x00\x1f !#[]\x7f\x80\x9f\xa2\xdc\xff"
				data[i] = near[rnd.IntN(len(near))]
			}
		}
		want, got := make(markSet, blocks), make(markSet, blocks)
		markPortable(want, data)
		if markVectors(&got[0], &data[0], blocks); !slices.Equal(got, want) {
			t.Fatalf("markVectors(%q) = %x, want %x", data, got, want)
		}
		if !cpu.X86.HasAVX2 {
			continue
		}
		clear(got)
		if markWide(&got[0], &data[0], blocks); !slices.Equal(got, want) {
			t.Fatalf("markWide(%q) = %x, want %x", data, got, want)
		}
	}
}
