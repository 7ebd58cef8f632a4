package deploy

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes changes for people, one a line. What is unchanged or not
// served is counted only.
func WriteText(w io.Writer, changes []Change) error {
	var b strings.Builder
	unchanged, notServed := 0, 0
	for _, c := range changes {
		switch c.Action {
		case Unchanged:
			unchanged++
			continue
		case NotServed:
			notServed++
			continue
		}
		fmt.Fprintf(&b, "%-6s  %-8s  %s", c.Action, c.Kind, c.Name)
		if len(c.Fields) > 0 {
			b.WriteString("  (" + strings.Join(c.Fields, ", ") + ")")
		}
		if c.Note != "" {
			b.WriteString(": " + c.Note)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d to change, %d unchanged, %d not served yet\n", len(changes)-unchanged-notServed, unchanged, notServed)
	_, err := io.WriteString(w, b.String())
	return err
}
