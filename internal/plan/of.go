package plan

import (
	"fmt"
	"slices"
	"strings"

	"stormbus/internal/board"
)

// Of plans a board. read returns the content of a file beside the board, whose
// path has slashes; it is asked for the schemas that the board keeps in files,
// and may be nil if there are none.
// An error is of type [Problems].
func Of(b *board.Board, read func(path string) ([]byte, error)) (*Plan, error) {
	p := &planner{
		board: b, read: read, plan: &Plan{Name: b.Name, Bus: Bus{Name: b.Bus.Name}},
		taken: map[string]string{}, pulls: map[string][]string{}, triggers: map[string]*Function{},
	}
	if b.Name == "" || board.Slug(b.Name) != b.Name {
		p.problem("the board has no name, and all names begin with it", `write "name: cinema" at its top`, "name")
		return nil, p.problems
	}
	if p.plan.Bus.Name == "" {
		p.plan.Bus.Name = b.Name
	}
	p.claim(BusKind, p.plan.Bus.Name, maxBusName, "bus")
	for _, name := range board.Names(b.Reactions) {
		p.pulls[b.Reactions[name].Do] = append(p.pulls[b.Reactions[name].Do], name)
	}
	p.events()
	p.schemas()
	p.functions()
	p.reactions()
	p.views()
	p.invoked()
	p.tables()
	p.actors()
	return p.finish()
}

// planner makes one plan.
type planner struct {
	board     *board.Board
	read      func(path string) ([]byte, error)
	plan      *Plan
	problems  Problems
	taken     map[string]string    // kind and name of a resource: the item that has it
	pulls     map[string][]string  // reactions by the trigger that they pull
	wildcards []string             // items whose patterns have wildcards
	triggers  map[string]*Function // by the trigger that they carry out
}

func (p *planner) problem(message, remedy string, items ...string) {
	p.problems = append(p.problems, Problem{Items: items, Message: message, Remedy: remedy})
}

func (p *planner) missing(item, why string) {
	p.plan.Missing = append(p.plan.Missing, Missing{Item: item, Why: why})
}

// finish puts everything in order.
func (p *planner) finish() (*Plan, error) {
	if len(p.wildcards) > maxWildcards {
		p.problem(fmt.Sprintf("%d rules have wildcards, and a bus takes %d", len(p.wildcards), maxWildcards),
			"use prefix and suffix where they do", p.wildcards[maxWildcards])
	}
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b Problem) int { return strings.Compare(a.Items[0], b.Items[0]) })
		return nil, p.problems
	}
	l := p.plan
	slices.SortFunc(l.Schemas, func(a, b Schema) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Queues, func(a, b Queue) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Tables, func(a, b Table) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Functions, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Routes, func(a, b Route) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.Schedules, func(a, b Schedule) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(l.SignIns, func(a, b SignIn) int { return strings.Compare(a.Name, b.Name) })
	slices.SortStableFunc(l.Missing, func(a, b Missing) int { return strings.Compare(a.Item, b.Item) })
	l.Missing = slices.Compact(l.Missing)
	present := l.resources()
	for _, kind := range Kinds() {
		if !kind.Served() && slices.ContainsFunc(present, func(r resource) bool { return r.kind == kind }) {
			l.NotServed = append(l.NotServed, kind)
		}
	}
	return l, nil
}
