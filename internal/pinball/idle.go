package pinball

import (
	"slices"
	"time"

	"stormbus/internal/board"
)

// Idle is an item of the board's section ignores that accepts no finding.
type Idle struct {
	Item string `json:"item"`
	Why  string `json:"why"`
}

// idleIgnores returns what of the section ignores accepts nothing, and why: what
// ended, or was misspelt, would else look like a rule that does not listen.
func idleIgnores(b *board.Board, findings []Finding, today time.Time) (idle []Idle) {
	for _, name := range board.Names(b.Ignores) {
		if why := idleness(b.Ignores[name], findings, today); why != "" {
			idle = append(idle, Idle{name, why})
		}
	}
	return idle
}

// idleness is why an item accepts nothing, "" if it accepts a finding.
func idleness(i *board.Ignore, findings []Finding, today time.Time) string {
	switch {
	case i.Rule == "":
		return "it names no rule"
	case !slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == i.Rule }):
		return "there is no rule " + i.Rule
	case i.Why == "":
		return "it says no why"
	case i.Until == "":
		return "it says no day, until"
	case today.Format(time.DateOnly) > i.Until:
		return "it ended on " + i.Until
	case slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == i.Rule && (i.About == "" || i.About == f.Item) }):
		return ""
	case i.About == "":
		return i.Rule + " finds nothing"
	}
	return i.Rule + " finds nothing about " + i.About
}
