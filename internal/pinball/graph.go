package pinball

import (
	"slices"
	"strings"

	"stormbus/internal/board"
)

// graph is a board with what follows from it, as the rules ask for it.
type graph struct {
	*board.Board

	limits  Limits
	arrows  []board.Arrow       // those with both ends known
	readers map[string][]string // of an event: services, sorted
	read    map[string]bool     // events that anything waits for, also if nobody knows yet which service that is
	calls   map[string][]string // of a service: the services that it calls and waits for
	callers map[[2]string]string
	inside  map[string]int // of a context: how many services it has
}

func newGraph(b *board.Board, limits Limits) *graph {
	g := &graph{Board: b, limits: limits, readers: map[string][]string{}, read: map[string]bool{}, calls: map[string][]string{}, callers: map[[2]string]string{}, inside: map[string]int{}}
	for _, s := range b.Services {
		g.inside[s.In]++
	}
	for _, a := range b.Arrows() {
		g.read[a.Event] = true
		if a.To != "" && !slices.Contains(g.readers[a.Event], a.To) {
			g.readers[a.Event] = append(g.readers[a.Event], a.To)
		}
		if a.From != "" && a.To != "" {
			g.arrows = append(g.arrows, a)
		}
	}
	for event := range g.readers {
		slices.Sort(g.readers[event])
	}
	for _, name := range board.Names(b.Triggers) {
		from, to := b.Handler(name), b.Triggers[name].Calls
		if from == "" || b.Services[to] == nil || from == to {
			continue
		}
		if !slices.Contains(g.calls[from], to) {
			g.calls[from] = append(g.calls[from], to)
			g.callers[[2]string{from, to}] = name
		}
	}
	return g
}

// context returns the context of a service.
func (g *graph) context(service string) string {
	if s := g.Services[service]; s != nil {
		return s.In
	}
	return ""
}

// scores counts the arrows inside and at the border of what place puts the ends
// of an arrow into.
func (g *graph) scores(names []string, place func(service string) string) []Score {
	all := make([]Score, len(names))
	index := make(map[string]int, len(names))
	for i, name := range names {
		all[i].Name = name
		index[name] = i
	}
	for _, a := range g.arrows {
		from, to := place(a.From), place(a.To)
		if i, ok := index[from]; ok {
			all[i].All++
			if from == to {
				all[i].Inside++
			}
		}
		if i, ok := index[to]; ok && from != to {
			all[i].All++
		}
	}
	return all
}

func (g *graph) serviceScores() []Score {
	return g.scores(board.Names(g.Services), func(service string) string { return service })
}

func (g *graph) contextScores() []Score {
	return g.scores(board.Names(g.Contexts), g.context)
}

// arrow writes a way.
func way(path []string) string { return strings.Join(path, " -> ") }
