package pattern_test

import (
	"fmt"
	"runtime"
	"testing"

	"stormbus/internal/pattern"
	"stormbus/internal/pattern/patterntest"
)

// benchSizes are the numbers of rules that the speed is measured with: one, the
// quota of a bus, a raised quota, subscribers of a bus, one rule per tenant.
var benchSizes = [...]int{1, 300, 2000, 10000, 100000}

func compileAll(tb testing.TB, texts []string) []*pattern.Pattern {
	tb.Helper()
	out := make([]*pattern.Pattern, len(texts))
	for i, text := range texts {
		p, err := compile(text)
		if err != nil {
			tb.Fatalf("Compile(%s) = %v", text, err)
		}
		out[i] = p
	}
	return out
}

func matcherOf(tb testing.TB, patterns []*pattern.Pattern) *pattern.Matcher {
	tb.Helper()
	m := pattern.NewMatcher(pattern.Options{})
	ops := make([]pattern.Op, len(patterns))
	for i, p := range patterns {
		ops[i] = pattern.Op{ID: pattern.ID(i), Filters: []pattern.Scoped{{Pattern: p}}}
	}
	if err := m.Apply(1, ops...); err != nil {
		tb.Fatal(err)
	}
	return m
}

func mixDocs(n int) []pattern.Doc {
	docs := make([]pattern.Doc, n)
	for i, e := range patterntest.Events(n, 2) {
		docs[i] = pattern.Doc{Data: []byte(e.Detail), Env: &pattern.Envelope{
			Version: "0", ID: e.ID, Source: e.Source, DetailType: e.DetailType,
			Account: patterntest.Account, Region: patterntest.Region, Time: patterntest.Time,
		}}
	}
	return docs
}

// BenchmarkMix matches events of a kilobyte with the rule sets A to D. cpu-ns/op
// is what the thread used: on a busy machine, look at that.
func BenchmarkMix(b *testing.B) {
	docs := mixDocs(1024)
	for _, mix := range []patterntest.Mix{patterntest.MixA, patterntest.MixB, patterntest.MixC, patterntest.MixD} {
		for _, n := range benchSizes {
			b.Run(fmt.Sprintf("%c/rules=%d", mix, n), func(b *testing.B) {
				snap := matcherOf(b, compileAll(b, mix.Rules(n, 1))).Snapshot()
				runtime.GC()
				benchmarkMatch(b, snap, docs)
			})
		}
	}
}

// BenchmarkMixText is BenchmarkMix with whole events as unchecked text.
func BenchmarkMixText(b *testing.B) {
	var docs []pattern.Doc
	for _, e := range patterntest.Events(1024, 2) {
		docs = append(docs, pattern.Doc{Data: []byte(e.Whole())})
	}
	for _, mix := range []patterntest.Mix{patterntest.MixA, patterntest.MixB, patterntest.MixC, patterntest.MixD} {
		for _, n := range benchSizes {
			b.Run(fmt.Sprintf("%c/rules=%d", mix, n), func(b *testing.B) {
				snap := matcherOf(b, compileAll(b, mix.Rules(n, 1))).Snapshot()
				runtime.GC()
				benchmarkMatch(b, snap, docs)
			})
		}
	}
}

func benchmarkMatch(b *testing.B, snap pattern.Snapshot, docs []pattern.Doc) {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var r pattern.Result
	match := func(i int) int {
		if err := snap.Match(&docs[i%len(docs)], &r); err != nil || len(r.Undecided) > 0 {
			b.Fatal(err, r.Undecided)
		}
		return len(r.IDs)
	}
	for i := range docs {
		match(i)
	}
	b.ReportAllocs()
	i, matched := 0, 0
	began := patterntest.ThreadTime()
	for b.Loop() {
		matched += match(i)
		i++
	}
	b.ReportMetric(float64(patterntest.ThreadTime()-began)/float64(i), "cpu-ns/op")
	b.ReportMetric(float64(matched)/float64(i), "matches/op")
}
