package pinball

import (
	"fmt"
	"slices"
	"strings"

	"stormbus/internal/board"
)

// syncCalls is ASY-1.
func syncCalls(g *graph) []Finding {
	var found []Finding
	for _, from := range board.Names(g.Services) {
		for _, to := range g.calls[from] {
			if g.context(from) == g.context(to) {
				continue
			}
			trigger := g.callers[[2]string{from, to}]
			found = append(found, Finding{
				Section: "triggers", Item: trigger, Path: []string{from, to},
				Message: fmt.Sprintf("%s calls %s of the context %q and waits", from, to, g.context(to)),
			})
		}
	}
	return found
}

// syncChains is ASY-2. A circle is told once, from its first service by name; a
// chain from where it begins.
func syncChains(g *graph) []Finding {
	var found []Finding
	inCircle := map[string]bool{}
	circular := inCycles(board.Names(g.Services), g.calls)
	for _, from := range board.Names(g.Services) {
		if inCircle[from] || !circular[from] {
			continue
		}
		if circle := cycleFrom(from, g.calls); circle != nil {
			for _, service := range circle {
				inCircle[service] = true
			}
			found = append(found, Finding{
				Section: "services", Item: from, Path: circle,
				Message: "services wait for each other in a circle: " + way(circle),
			})
		}
	}
	chains, called := map[string][]string{}, map[string]bool{}
	for _, all := range g.calls {
		for _, to := range all {
			called[to] = true
		}
	}
	for _, from := range board.Names(g.Services) {
		if chain := g.chain(from, chains, inCircle); len(chain) > g.limits.Chain && !called[from] {
			found = append(found, Finding{
				Section: "services", Item: from, Path: chain,
				Message: fmt.Sprintf("%d services wait for each other in a chain: %s", len(chain), way(chain)),
			})
		}
	}
	return found
}

// chain is the longest chain of calls from a service that is in no circle; known
// has those that were found before.
func (g *graph) chain(from string, known map[string][]string, inCircle map[string]bool) []string {
	if chain, ok := known[from]; ok {
		return chain
	}
	if inCircle[from] {
		return nil
	}
	var best []string
	for _, to := range g.calls[from] {
		if chain := g.chain(to, known, inCircle); len(chain) > len(best) {
			best = chain
		}
	}
	known[from] = append([]string{from}, best...)
	return known[from]
}

// eventAsRequest is ASY-3. On a design only a call shows that somebody waits.
func eventAsRequest(g *graph) []Finding {
	var found []Finding
	for _, event := range board.Names(g.Events) {
		sender, readers := g.Producer(event), g.readers[event]
		if sender == "" || len(readers) != 1 || readers[0] == sender || !slices.Contains(g.calls[sender], readers[0]) {
			continue
		}
		for _, name := range board.Names(g.Reactions) {
			r := g.Reactions[name]
			answers := g.Outcomes(r.Do)
			if r.When != event || len(answers) != 1 || !slices.Equal(g.readers[answers[0]], []string{sender}) {
				continue
			}
			found = append(found, Finding{
				Section: "events", Item: event, Path: []string{event, answers[0]},
				Message: fmt.Sprintf("%s asks %s with it, which answers with %s and does nothing else", sender, readers[0], answers[0]),
			})
		}
	}
	return found
}

// eventCycles is ASY-4. A cycle is told once, from its first event by name.
func eventCycles(g *graph) []Finding {
	next := map[string][]string{} // by reactions without a condition
	for _, name := range board.Names(g.Reactions) {
		if r := g.Reactions[name]; len(r.Match) == 0 && r.When != "" {
			next[r.When] = append(next[r.When], g.Outcomes(r.Do)...)
		}
	}
	var found []Finding
	told := map[string]bool{}
	circular := inCycles(board.Names(g.Events), next)
	for _, event := range board.Names(g.Events) {
		if told[event] || !circular[event] || len(found) == maxCycles {
			continue
		}
		cycle := cycleFrom(event, next)
		if cycle == nil {
			continue
		}
		for _, e := range cycle {
			told[e] = true
		}
		found = append(found, Finding{
			Section: "events", Item: event, Path: cycle,
			Message: "the event causes itself, and nothing can stop that: " + way(cycle),
		})
	}
	return found
}

// maxCycles is how many cycles of events are told: a board with more has one cause
// for many of them.
const maxCycles = 100

// inCycles finds all that can come back to itself: what is in a strongly connected
// component of more than one, or follows itself. It takes time linear in the arrows
// (Tarjan's algorithm, with a stack of its own).
func inCycles(names []string, next map[string][]string) map[string]bool {
	type frame struct {
		name string
		done int // of what is next
	}
	index, low := map[string]int{}, map[string]int{}
	open := map[string]bool{}
	found := map[string]bool{}
	var path []string
	for _, root := range names {
		if index[root] != 0 {
			continue
		}
		calls := []frame{{name: root}}
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if f.done == 0 {
				index[f.name] = len(index) + 1
				low[f.name] = index[f.name]
				open[f.name] = true
				path = append(path, f.name)
			}
			if f.done < len(next[f.name]) {
				to := next[f.name][f.done]
				f.done++
				switch {
				case to == f.name:
					found[to] = true
				case index[to] == 0:
					calls = append(calls, frame{name: to})
				case open[to]:
					low[f.name] = min(low[f.name], index[to])
				}
				continue
			}
			if low[f.name] == index[f.name] {
				single := path[len(path)-1] == f.name
				for open[f.name] { // down to this one
					name := path[len(path)-1]
					path = path[:len(path)-1]
					open[name] = false
					found[name] = found[name] || !single
				}
			}
			name := f.name
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				caller := calls[len(calls)-1].name
				low[caller] = min(low[caller], low[name])
			}
		}
	}
	return found
}

// cycleFrom returns a shortest way from an event to itself, or nil.
func cycleFrom(start string, next map[string][]string) []string {
	before := map[string]string{}
	queue := []string{start}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, to := range next[at] {
			if to == start {
				path := []string{start}
				for e := at; e != start; e = before[e] {
					path = append(path, e)
				}
				path = append(path, start)
				slices.Reverse(path)
				return path
			}
			if _, seen := before[to]; !seen {
				before[to] = at
				queue = append(queue, to)
			}
		}
	}
	return nil
}

// backInTime is PIN-4.
func backInTime(g *graph) []Finding {
	var found []Finding
	for _, name := range board.Names(g.Reactions) {
		r := g.Reactions[name]
		cause := g.Events[r.When]
		if cause == nil || cause.At == nil {
			continue
		}
		for _, outcome := range g.Outcomes(r.Do) {
			if at := g.Events[outcome].At; at != nil && *at <= *cause.At {
				found = append(found, Finding{
					Section: "reactions", Item: name, Path: []string{r.When, outcome},
					Message: fmt.Sprintf("%s at %d comes from %s at %d", outcome, *at, r.When, *cause.At),
				})
			}
		}
	}
	return found
}

// deadEnds is DED-1.
func deadEnds(g *graph) []Finding {
	var found []Finding
	for _, event := range board.Names(g.Events) {
		if g.read[event] {
			continue
		}
		f := Finding{Section: "events", Item: event, Message: "nobody reads it"}
		for _, bad := range []string{"Failed", "Expired", "Rejected"} {
			if strings.Contains(event, bad) {
				f.Severity, f.Message = Warn, "nobody reads it, though it tells that something went wrong"
			}
		}
		found = append(found, f)
	}
	return found
}
