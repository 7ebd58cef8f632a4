package bench

import (
	"fmt"
	"os"
	"testing"

	"stormbus/internal/board"
	"stormbus/internal/board/boardtest"
	"stormbus/internal/plan"
)

// BenchmarkPlan derives what boards of companies need to run.
func BenchmarkPlan(b *testing.B) {
	for _, size := range []struct{ events, services int }{{100, 20}, {1000, 200}} {
		b.Run(fmt.Sprintf("events=%d/services=%d", size.events, size.services), func(b *testing.B) {
			f, err := board.Parse("storm.yaml", boardtest.Big(size.events, size.services))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				p, err := plan.Of(f.Board(), os.ReadFile)
				if err != nil {
					b.Fatal(err)
				}
				if len(p.Functions) != size.events+size.services {
					b.Fatalf("%d functions", len(p.Functions))
				}
			}
		})
	}
}

// BenchmarkPlanDiff compares two plans of a company that are the same.
func BenchmarkPlanDiff(b *testing.B) {
	f, err := board.Parse("storm.yaml", boardtest.Big(1000, 200))
	if err != nil {
		b.Fatal(err)
	}
	p, err := plan.Of(f.Board(), os.ReadFile)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if changes := plan.Diff(p, p); len(changes) > 0 {
			b.Fatal(changes)
		}
	}
}
