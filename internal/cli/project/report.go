package project

import (
	"slices"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/codegen"
	"stormbus/internal/plan"
)

// Report is what one look at a project came to, for programs. Paths are such as
// a person at the terminal can open.
type Report struct {
	OK        bool             `json:"ok"`        // there are no problems but warnings
	Saved     []string         `json:"saved"`     // what was looked at: the board, or else the files that were saved
	Files     []codegen.Change `json:"files"`     // what was done about files
	Resources []deploy.Change  `json:"resources"` // what was done on the server, but for what is as it was
	Unchanged int              `json:"unchanged"` // how many resources are as they were
	Missing   []plan.Missing   `json:"missing"`   // what the board does not say yet
	Problems  []Problem        `json:"problems"`  // all that is wrong now, also what was told before
	MS        int64            `json:"ms"`        // since the first of it was saved
}

// newReport returns a report of nothing. In JSON a list without elements is still a
// list.
func newReport() Report {
	return Report{Saved: []string{}, Files: []codegen.Change{}, Resources: []deploy.Change{}, Missing: []plan.Missing{}, Problems: []Problem{}}
}

func (l *Live) report(r *round, saved []string) Report {
	out := newReport()
	out.OK, out.Saved, out.Unchanged, out.MS = !r.bad(), saved, unchanged(r.resources), l.Clock.Now().Sub(r.since).Milliseconds()
	for _, c := range r.files {
		c.Path = l.Project.shown(c.Path)
		if c.From != "" {
			c.From = l.Project.shown(c.From)
		}
		out.Files = append(out.Files, c)
	}
	for _, c := range r.resources {
		if c.Action != deploy.Unchanged {
			out.Resources = append(out.Resources, c)
		}
	}
	if l.good != nil {
		out.Missing = append(out.Missing, l.good.Plan.Missing...)
	}
	for _, n := range r.notices {
		if !slices.Contains(out.Problems, n.problem) {
			out.Problems = append(out.Problems, n.problem)
		}
	}
	return out
}
