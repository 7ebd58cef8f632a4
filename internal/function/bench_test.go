//go:build unix

package function_test

import (
	"slices"
	"testing"
	"time"

	"stormbus/internal/clock"
)

// measured runs f b.N times and reports percentiles beside the mean.
func measured(b *testing.B, f func()) {
	b.Helper()
	host := clock.Real()
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := host.Now()
		f()
		took = append(took, host.Now().Sub(begin))
	}
	slices.Sort(took)
	at := func(p int) float64 { return float64(took[(len(took)-1)*p/100]) / float64(time.Millisecond) }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
}

const trivial = `
def run(event, context): return {"ok": True, "n": event.get("n")}
`

const smallEvent = `{"n": 1, "detail-type": "OrderPlaced", "source": "shop.orders", "account": "123456789012", "detail": {"order": "0123456789", "customer": "42", "lines": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}], "note": "leave it at the door, please; the bell does not work, and the dog does not bite"}, "resources": [], "region": "eu-west-1"}`

// BenchmarkWarmInvoke is an invocation in an environment that is there.
func BenchmarkWarmInvoke(b *testing.B) {
	s := open(b, nil)
	spec := s.spec(trivial)
	s.invoke(spec, smallEvent)
	measured(b, func() { s.invoke(spec, smallEvent) })
}

// BenchmarkWarmInvokeUnfrozen is the same without freezing idle environments.
func BenchmarkWarmInvokeUnfrozen(b *testing.B) {
	s := open(b, noFreeze)
	spec := s.spec(trivial)
	s.invoke(spec, smallEvent)
	measured(b, func() { s.invoke(spec, smallEvent) })
}

// BenchmarkColdStart is a first invocation: environment, process, module,
// handler.
func BenchmarkColdStart(b *testing.B) {
	s := open(b, nil)
	spec := s.spec(trivial)
	s.invoke(spec, smallEvent) // the interpreter's files are in the page cache
	measured(b, func() {
		s.Retire(spec.ARN)
		s.invoke(spec, smallEvent)
	})
}
