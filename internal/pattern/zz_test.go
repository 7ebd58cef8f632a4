package pattern_test

import (
	"fmt"
	"runtime"
	"stormbus/internal/pattern/patterntest"
	"testing"
)

func BenchmarkZZ(b *testing.B) {
	ps := compileAll(b, patterntest.MixA.Rules(100000, 1))
	snap := matcherOf(b, ps).Snapshot()
	runtime.GC()
	for _, n := range []int{1, 16, 128, 1024} {
		docs := mixDocs(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkMatch(b, snap, docs) })
	}
}
