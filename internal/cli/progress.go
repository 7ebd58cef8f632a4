package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

const (
	barWidth = 30
	barEvery = 100 * time.Millisecond
)

// bar draws on a terminal how far long work has come. Elsewhere it draws
// nothing: what a program reads is the result.
type bar struct {
	to    io.Writer // nil: nobody looks
	clock clock.Clock
	drawn time.Time
	width int // of what stands on the line
}

func newBar(env Env) *bar {
	b := &bar{clock: clock.Real()}
	if isTerminal(env.Stderr) {
		b.to = env.Stderr
	}
	return b
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// show draws p, unless something was drawn a moment ago.
func (b *bar) show(p store.Progress) {
	if b.to == nil {
		return
	}
	now := b.clock.Now()
	if now.Sub(b.drawn) < barEvery {
		return
	}
	b.drawn = now
	b.draw(barLine(p))
}

func barLine(p store.Progress) string {
	count := fmt.Sprintf("%d", p.Done)
	if p.Bytes {
		count = formatBytes(p.Done)
	}
	if p.Total <= 0 {
		return fmt.Sprintf("%-10s %s", p.Stage, count)
	}
	full := int(barWidth * min(p.Done, p.Total) / p.Total)
	return fmt.Sprintf("%-10s [%s%s] %3d %%  %s", p.Stage,
		strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*min(p.Done, p.Total)/p.Total, count)
}

// draw writes over what stands on the line.
func (b *bar) draw(line string) {
	fmt.Fprintf(b.to, "\r%-*s", b.width, line)
	b.width = len(line)
}

// clear takes the bar away.
func (b *bar) clear() {
	if b.to != nil && b.width > 0 {
		b.draw("")
		fmt.Fprint(b.to, "\r")
	}
}

// formatBytes returns a size as a person reads it.
func formatBytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, unit := float64(n), 0
	for f >= 1000 && unit < len(units)-1 {
		f /= 1000
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[unit])
}
