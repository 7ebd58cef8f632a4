package pinball

import (
	"slices"
	"strings"
	"time"

	"stormbus/internal/board"
)

// Severity is how bad a finding is.
type Severity string

// The severities, worst first.
const (
	Error Severity = "error"
	Warn  Severity = "warn"
	Note  Severity = "note"
)

// rank orders severities.
func (s Severity) rank() int { return slices.Index([]Severity{Note, Warn, Error}, s) }

// AtLeast reports whether s is as bad as other.
func (s Severity) AtLeast(other Severity) bool { return s.rank() >= other.rank() }

// Finding is one sign of trouble.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Section  string   `json:"section"` // of the board
	Item     string   `json:"item"`    // what it is about
	// Path is the way that shows it, such as services or events in order.
	Path    []string `json:"path,omitempty"`
	Message string   `json:"message"`
	Fix     string   `json:"fix"`
	// Ignored is why somebody accepted it, and Until the last day of that.
	Ignored string `json:"ignored,omitempty"`
	Until   string `json:"until,omitempty"`
}

// Score is how much of what a service or a context sends and reads stays inside.
type Score struct {
	Name   string `json:"name"`
	Inside int    `json:"inside"` // arrows with both ends in it
	All    int    `json:"all"`    // arrows with an end in it
}

// Report is what Check found.
type Report struct {
	Findings []Finding `json:"findings"`       // worst first, then by rule and item; ignored ones last
	Idle     []Idle    `json:"idle,omitempty"` // what of the section ignores accepts none of them
	Services []Score   `json:"services"`       // by name
	Contexts []Score   `json:"contexts"`
}

// Worst returns the severity of the worst finding that is not ignored, "" if
// there is none.
func (r *Report) Worst() Severity {
	for _, f := range r.Findings {
		if f.Ignored == "" {
			return f.Severity
		}
	}
	return ""
}

// Check looks at a board with all rules. Today decides which accepted findings
// still are: their last day counts.
func Check(b *board.Board, limits Limits, today time.Time) *Report {
	g := newGraph(b, limits.orDefaults())
	ignores := board.Names(b.Ignores)
	report := &Report{Findings: []Finding{}, Services: g.serviceScores(), Contexts: g.contextScores()}
	for i := range rules {
		r := &rules[i]
		for _, f := range r.check(g) {
			f.Rule, f.Fix = r.ID, r.Fix
			if f.Severity == "" {
				f.Severity = r.Severity
			}
			f.accept(b, ignores, today)
			report.Findings = append(report.Findings, f)
		}
	}
	report.Idle = idleIgnores(b, report.Findings, today)
	slices.SortStableFunc(report.Findings, func(a, b Finding) int {
		if (a.Ignored == "") != (b.Ignored == "") {
			return map[bool]int{true: -1, false: 1}[a.Ignored == ""]
		}
		if c := b.Severity.rank() - a.Severity.rank(); c != 0 {
			return c
		}
		if c := strings.Compare(a.Rule, b.Rule); c != 0 {
			return c
		}
		return strings.Compare(a.Item, b.Item)
	})
	return report
}

// accept marks a finding that the board accepts today.
func (f *Finding) accept(b *board.Board, ignores []string, today time.Time) {
	for _, name := range ignores {
		i := b.Ignores[name]
		if i.Rule == f.Rule && (i.About == "" || i.About == f.Item) && i.Why != "" && today.Format(time.DateOnly) <= i.Until {
			f.Ignored, f.Until = i.Why, i.Until
			return
		}
	}
}

// Concerns are the findings that nobody accepted, as the steps of the board ask
// for them.
func (r *Report) Concerns() []board.Concern {
	var all []board.Concern
	for _, f := range r.Findings {
		if f.Ignored == "" {
			all = append(all, board.Concern{Rule: f.Rule, Path: f.Section + "." + f.Item, Message: f.Message})
		}
	}
	return all
}
