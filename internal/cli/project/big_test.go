package project

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"stormbus/internal/board/boardtest"
)

// TestBigBoard saves large boards over a small one: one that is no further than
// the first step, and some of 50,000 lines that are broken at the end, in the
// middle and in many places. What is said stays short.
func TestBigBoard(t *testing.T) {
	t.Parallel()
	big := boardtest.Big(3280, 656)
	if lines := bytes.Count(big, []byte("\n")); lines < 50_000 {
		t.Fatalf("the board has %d lines", lines)
	}
	var begun strings.Builder
	begun.WriteString(shop[:strings.Index(shop, "events:")] + "events:\n")
	for n := range 2_000 {
		fmt.Fprintf(&begun, "  Thing%dHappened: {}\n", n)
	}
	b := newShop(t)
	b.save(BoardFile, begun.String())
	got := b.sync()
	if !strings.Contains(got, "storm.yaml: ") || !strings.Contains(got, " more; `stormbus plan` shows all") || len(got) > 4000 {
		t.Errorf("said %d bytes: %.2000s", len(got), got)
	}
	middle := bytes.Index(big, []byte("\ntriggers:"))
	for _, broken := range []string{
		string(big) + "services: {\n",
		string(big[:middle]) + "\n\tx" + string(big[middle:]),
		strings.ReplaceAll(string(big), "by: ", "buy: "),
		strings.Replace(string(big), "by: Do", "by: Undo", 100),
	} {
		b.save(BoardFile, broken)
		got := b.sync()
		lines := strings.Count(got, "\n")
		if !strings.HasPrefix(got, "storm.yaml:") || lines < 2 || lines > maxTold+2 || len(got) > 8000 {
			t.Errorf("said %d lines: %.2000s", lines, got)
		}
	}
}
