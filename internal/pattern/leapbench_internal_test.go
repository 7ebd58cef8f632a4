package pattern

import (
	"testing"

	"stormbus/internal/pattern/patterntest"
)

// BenchmarkSkip compares skipping a detail with and without checking it.
func BenchmarkSkip(b *testing.B) {
	data := []byte(patterntest.Events(1, 1)[0].Detail)
	for name, run := range map[string]func(*sweep) error{"check": (*sweep).skip, "leap": (*sweep).leap} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			var s sweep
			for b.Loop() {
				s.data, s.pos = data, 0
				if err := run(&s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
