package bench

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"stormbus/internal/board"
	"stormbus/internal/board/boardtest"
	"stormbus/internal/pinball"
)

// The board of a whole company, on which the figures of boards are taken.
const (
	bigEvents   = 1000
	bigServices = 200
)

// BenchmarkBoardStatus is what `stormbus board status` does with a big board: read
// it, follow its references, look for signs of a distributed monolith, and ask all
// checks of the eight steps.
func BenchmarkBoardStatus(b *testing.B) {
	text := boardtest.Big(bigEvents, bigServices)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := board.Parse("storm.yaml", text)
		if err != nil {
			b.Fatal(err)
		}
		report := pinball.Check(f.Board(), pinball.Limits{}, time.Time{})
		if problems := f.Check(); len(problems) > 0 {
			b.Fatal(problems)
		}
		for _, step := range f.Steps(report.Concerns()) {
			if !step.Done {
				b.Fatalf("step %d is not done", step.Number)
			}
		}
	}
}

// BenchmarkBoardParse reads a big board.
func BenchmarkBoardParse(b *testing.B) {
	text := boardtest.Big(bigEvents, bigServices)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := board.Parse("storm.yaml", text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBoardFormat writes a big board in its canonical form.
func BenchmarkBoardFormat(b *testing.B) {
	f, err := board.Parse("storm.yaml", boardtest.Big(bigEvents, bigServices))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(f.Format())))
	}
}

// BenchmarkBoardParseWide reads boards with many items in one section. Four times
// as many take about four times as long, and not sixteen times.
func BenchmarkBoardParseWide(b *testing.B) {
	for _, events := range []int{12_500, 50_000} {
		b.Run(fmt.Sprintf("events=%d", events), func(b *testing.B) {
			var text bytes.Buffer
			text.WriteString("events:\n")
			for i := range events {
				fmt.Fprintf(&text, "  Thing%06dSold: {at: %d}\n", i, i)
			}
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				if _, err := board.Parse("storm.yaml", text.Bytes()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
