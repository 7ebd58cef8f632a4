package pinball

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes a report for people: findings, each with its place, what to
// do, and then the scores.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	ignored := 0
	for _, f := range r.Findings {
		if f.Ignored != "" {
			ignored++
			fmt.Fprintf(&b, "ignored  %s  %s.%s: until %s, %s\n", f.Rule, f.Section, f.Item, f.Until, f.Ignored)
			continue
		}
		fmt.Fprintf(&b, "%-7s  %s  %s.%s: %s\n", f.Severity, f.Rule, f.Section, f.Item, f.Message)
		fmt.Fprintf(&b, "                %s\n", f.Fix)
	}
	if len(r.Findings) == ignored {
		b.WriteString("no findings\n")
	}
	for _, i := range r.Idle {
		fmt.Fprintf(&b, "\nignores.%s accepts nothing: %s\n", i.Item, i.Why)
	}
	for _, part := range []struct {
		name   string
		scores []Score
	}{{"services", r.Services}, {"contexts", r.Contexts}} {
		if len(part.scores) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s: arrows inside, of all\n", part.name)
		width := 0
		for _, s := range part.scores {
			width = max(width, len(s.Name))
		}
		for _, s := range part.scores {
			fmt.Fprintf(&b, "  %-*s  %d of %d\n", width, s.Name, s.Inside, s.All)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
