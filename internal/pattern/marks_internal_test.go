package pattern

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestMarks compares every way to mark special bytes with the definition, for
// every byte at every position in texts of every length around a block.
func TestMarks(t *testing.T) {
	t.Parallel()
	const seed = 3
	rnd := rand.New(rand.NewPCG(seed, seed))
	marks := markSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} // what is left from the text before
	for n := range 3*blockSize + 2 {
		for range 20 {
			data := make([]byte, n)
			for i := range data {
				data[i] = byte(rnd.Uint32())
			}
			marks = marks.mark(data)
			sameMarks(t, data, marks)
		}
		marks = marks.mark(bytes.Repeat([]byte{'x'}, n))
		if end := marks.after(0); end != n {
			t.Errorf("a text of %d ordinary bytes ends at %d", n, end)
		}
	}
	for b := range 256 {
		for at := range blockSize {
			data := bytes.Repeat([]byte{'a'}, blockSize)
			data[at] = byte(b)
			sameMarks(t, data, marks.mark(data))
		}
	}
}

func sameMarks(t *testing.T, data []byte, marks markSet) {
	t.Helper()
	portable := make(markSet, len(data)/blockSize)
	markPortable(portable, data)
	for i := range len(data)/blockSize*blockSize + blockSize {
		want := i >= len(data) || data[i] == '"' || data[i] == '\\' || data[i] < ' '
		if got := marks[i/blockSize]>>(i%blockSize)&1 != 0; got != want {
			t.Fatalf("mark(%q) says %v of byte %d, want %v", data, got, i, want)
		}
		if i < len(portable)*blockSize && portable[i/blockSize]>>(i%blockSize)&1 != 0 != want {
			t.Fatalf("markPortable(%q) says %v of byte %d, want %v", data, !want, i, want)
		}
	}
}
