package pattern_test

import (
	"fmt"
	"runtime"
	"testing"

	"stormbus/internal/pattern"
	"stormbus/internal/pattern/patterntest"
)

// BenchmarkChange adds a rule to others and removes it again; an op is one of
// the two. B/rule is what the index keeps for a rule, without its compiled
// pattern.
func BenchmarkChange(b *testing.B) {
	for _, mix := range []patterntest.Mix{patterntest.MixA, patterntest.MixC} {
		for _, n := range benchSizes {
			b.Run(fmt.Sprintf("%c/rules=%d", mix, n), func(b *testing.B) {
				patterns := compileAll(b, mix.Rules(n+256, 1))
				before := heapSize()
				m := matcherOf(b, patterns[:n])
				perRule := float64(heapSize()-before) / float64(n)
				i := 0
				for b.Loop() {
					p := patterns[n+i/2%256]
					op := pattern.Op{ID: pattern.ID(n), Filters: []pattern.Scoped{{Pattern: p}}, Remove: i%2 == 1}
					if err := m.Apply(m.Rev()+1, op); err != nil {
						b.Fatal(err)
					}
					i++
				}
				b.ReportMetric(perRule, "B/rule")
				runtime.KeepAlive(patterns)
			})
		}
	}
}

func heapSize() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// TestChangeForgets holds that a matcher keeps nothing of rules that are gone.
func TestChangeForgets(t *testing.T) {
	t.Parallel()
	m := pattern.NewMatcher(pattern.Options{})
	d := newDifferential(*seed)
	for id := range pattern.ID(300) {
		if err := m.Add(id, pattern.Scoped{Pattern: d.pattern()}); err != nil {
			t.Fatal(err)
		}
	}
	if s := m.Stats(); s.Rules != 300 || s.SubRules < 300 || s.Conditions == 0 || s.Predicates == 0 || s.Fields == 0 {
		t.Errorf("Stats = %+v", s)
	}
	for id := range pattern.ID(300) {
		m.Remove(id)
	}
	if s := m.Stats(); s != (pattern.Stats{}) {
		t.Errorf("Stats without rules = %+v, want nothing", s)
	}
}
