package codegen

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// BenchmarkReadLock reads locks of big projects. Four times as many files take
// about four times as long, and not sixteen times.
func BenchmarkReadLock(b *testing.B) {
	for _, files := range []int{6_000, 24_000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			l := newLock()
			for i := range files {
				l.Generated[fmt.Sprintf("services/desk-%06d/gen/events.py", i)] = hashOf([]byte{byte(i)})
			}
			root := fstest.MapFS{LockFile: {Data: l.text()}}
			b.SetBytes(int64(len(root[LockFile].Data)))
			for b.Loop() {
				got, _, err := readLock(root)
				if err != nil || len(got.Generated) != files {
					b.Fatal(len(got.Generated), err)
				}
			}
		})
	}
}
