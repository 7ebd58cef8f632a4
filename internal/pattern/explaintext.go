package pattern

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
)

// WriteText writes the explanation as text, one line per clause:
//
//	no match: 1 of 3 clauses held
//	  ✔ source        "cinema"
//	  ✗ detail.seat   missing path: the event has detail.seats; wanted {"exists": true}
//	  ✗ detail.total  value differs: 12 is 2 above 10; wanted {"numeric": ["<=", 10]}
//
// With $or, the branches follow one another, the closest first; of a match, only
// the branch that matches is shown. Control characters of patterns and events
// are replaced, so a terminal can show it.
func (e *Explanation) WriteText(w io.Writer) error {
	buf := bufio.NewWriter(w)
	fmt.Fprintln(buf, e.headline())
	shown := e.Branches
	if e.Matched {
		shown = shown[:1]
	}
	for i := range shown {
		shown[i].write(buf, e.of)
	}
	if more := e.of - len(shown); more > 0 && !e.Matched {
		fmt.Fprintf(buf, "  and %s\n", plural(more, "more branch"))
	}
	for _, note := range e.Notes {
		fmt.Fprintf(buf, "  note: %s\n", note)
	}
	return buf.Flush()
}

// headline says in one line how it went.
func (e *Explanation) headline() string {
	best := &e.Branches[0]
	switch {
	case e.Matched && e.of > 1:
		return fmt.Sprintf("match: one of %d branches", e.of)
	case e.Matched:
		return "match: " + best.score()
	case e.of > 1:
		return fmt.Sprintf("no match: %s in the closest of %d branches", best.score(), e.of)
	default:
		return "no match: " + best.score()
	}
}

// score says how many clauses held.
func (b *Branch) score() string { return fmt.Sprintf("%d of %s held", b.Held, plural(b.Of, "clause")) }

// write writes one of several branches.
func (b *Branch) write(w io.Writer, of int) {
	if of > 1 {
		fmt.Fprintf(w, "\n  %s: %s\n", plain(strings.Join(b.Choice, ", ")), b.score())
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range b.Clauses {
		c := &b.Clauses[i]
		if c.Held {
			fmt.Fprintf(table, "  ✔ %s\t%s\n", plain(cut(c.Path)), plain(c.evidence()))
		} else {
			fmt.Fprintf(table, "  ✗ %s\t%s: %s\n", plain(cut(c.Path)), c.Reason.words(), plain(c.detail()))
		}
	}
	// A tabwriter fails only if w does, and that shows when w is flushed.
	_ = table.Flush()
	if b.More > 0 {
		fmt.Fprintf(w, "  and %s\n", plural(b.More, "more clause"))
	}
}

// evidence is the value by which a clause holds.
func (c *ClauseReport) evidence() string {
	switch {
	case len(c.Found) == 0 && c.Near != nil:
		return "absent: " + c.Near.Text
	case len(c.Found) == 0:
		return "absent"
	case c.Found[0].At != cut(c.Path):
		return c.Found[0].Value + " at " + c.Found[0].At
	}
	return c.Found[0].Value
}

// detail says what is wrong with a clause.
func (c *ClauseReport) detail() string {
	wanted := strings.Join(c.Wanted, ", ")
	if c.MoreWanted > 0 {
		wanted += fmt.Sprintf(" and %d more", c.MoreWanted)
	}
	if c.Near == nil {
		return "wanted " + wanted
	}
	text := c.Near.Text
	if len(c.Found) > 0 && c.Found[0].At != cut(c.Path) && c.Reason != ArrayElement {
		text += " at " + c.Found[0].At
	}
	return text + c.others() + "; wanted " + wanted
}

// others lists the values beside the one that counts, each once.
func (c *ClauseReport) others() string {
	if len(c.Found) < 2 || c.Reason != ValueDiffers && c.Reason != WrongType {
		return ""
	}
	const listed = 3
	var values []string
	for _, f := range c.Found[1:] {
		if f.Value != c.Found[0].Value && !slices.Contains(values, f.Value) {
			values = append(values, f.Value)
		}
	}
	more := c.MoreFound + max(len(values)-listed, 0)
	text := strings.Join(values[:min(len(values), listed)], ", ")
	switch {
	case text == "" && more == 0:
		return ""
	case text == "":
		return fmt.Sprintf(" (and %s)", plural(more, "more value"))
	case more > 0:
		return fmt.Sprintf(" (also there: %s and %d more)", text, more)
	}
	return " (also there: " + text + ")"
}

// words returns the reason for people.
func (r Reason) words() string {
	switch r {
	case MissingPath:
		return "missing path"
	case WrongType:
		return "wrong type"
	case ValueDiffers:
		return "value differs"
	case ArrayElement:
		return "other array element"
	case MustBeAbsent:
		return "must be absent"
	default:
		return string(r)
	}
}

// plain replaces what would break a line or a terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
