package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

func TestBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := clock.NewVirtual(time.Unix(1, 0))
	b := &bar{to: &out, clock: now}
	b.show(store.Progress{Stage: "tables", Done: 1, Total: 3})
	b.show(store.Progress{Stage: "tables", Done: 2, Total: 3}) // too soon
	now.Advance(barEvery)
	b.show(store.Progress{Stage: "rows", Done: 16384})
	now.Advance(barEvery)
	b.show(store.Progress{Stage: "copying", Done: 2_500_000, Total: 2_500_000, Bytes: true})
	b.clear()
	var shown []string
	for line := range strings.SplitSeq(out.String(), "\r") {
		if line = strings.TrimRight(line, " "); line != "" {
			shown = append(shown, line)
		}
	}
	want := []string{
		"tables     [##########....................]  33 %  1",
		"rows       16384",
		"copying    [##############################] 100 %  2.5 MB",
	}
	if strings.Join(shown, "\n") != strings.Join(want, "\n") {
		t.Errorf("shown:\n%s\nwant:\n%s", strings.Join(shown, "\n"), strings.Join(want, "\n"))
	}
	if !strings.HasSuffix(out.String(), " \r") {
		t.Errorf("the bar was not cleared: %q", out.String())
	}
}

// TestBarElsewhere: where nobody looks, nothing is drawn.
func TestBarElsewhere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := newBar(Env{Stderr: &out})
	b.show(store.Progress{Stage: "rows", Done: 1})
	b.clear()
	if out.Len() > 0 {
		t.Errorf("drawn: %q", &out)
	}
}
