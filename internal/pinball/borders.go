package pinball

import (
	"fmt"
	"slices"
	"strings"

	"stormbus/internal/board"
)

// sharedStores is DAT-1.
func sharedStores(g *graph) []Finding {
	var found []Finding
	for _, name := range board.Names(g.Triggers) {
		handler := g.Handler(name)
		for _, view := range g.Triggers[name].Reads {
			owner := g.ViewOwner(view)
			if handler == "" || owner == "" || handler == owner {
				continue
			}
			found = append(found, Finding{
				Section: "triggers", Item: name, Path: []string{handler, owner},
				Message: fmt.Sprintf("%s reads the view %s, which %s keeps", handler, view, owner),
			})
		}
	}
	return found
}

// splitThings is DAT-2.
func splitThings(g *graph) []Finding {
	var found []Finding
	for _, context := range board.Names(g.Contexts) {
		for _, thing := range g.Contexts[context].Things {
			if owners := g.OwnersOf(thing, context); len(owners) > 1 {
				found = append(found, Finding{
					Section: "things", Item: thing, Path: owners,
					Message: fmt.Sprintf("in the context %q it is owned by %s", context, strings.Join(owners, " and ")),
				})
			}
		}
	}
	for _, name := range board.Names(g.Services) {
		s := g.Services[name]
		context := g.Contexts[s.In]
		if context == nil {
			continue
		}
		for _, thing := range s.Owns {
			if g.Things[thing] != nil && !slices.Contains(context.Things, thing) {
				found = append(found, Finding{
					Section: "services", Item: name, Path: []string{name, thing},
					Message: fmt.Sprintf("it owns %s, which is no thing of its context %q", thing, s.In),
				})
			}
		}
	}
	return found
}

// mergedThings is DAT-3.
func mergedThings(g *graph) []Finding {
	var found []Finding
	all := map[string][]string{} // services that own a thing
	for _, name := range board.Names(g.Services) {
		for _, thing := range g.Services[name].Owns {
			all[thing] = append(all[thing], name)
		}
	}
	for _, thing := range board.Names(g.Things) {
		contexts, owners := g.ContextsOf(thing), all[thing]
		if len(contexts) > 1 && len(owners) == 1 {
			found = append(found, Finding{
				Section: "things", Item: thing, Path: owners,
				Message: fmt.Sprintf("it is in the contexts %s, and %s alone owns it", strings.Join(contexts, " and "), owners[0]),
			})
		}
	}
	return found
}

// leakyContexts is CTX-1.
func leakyContexts(g *graph) []Finding {
	var found []Finding
	for _, s := range g.contextScores() {
		if across := s.All - s.Inside; s.All >= g.limits.Arrows && across > s.Inside {
			found = append(found, Finding{
				Section: "contexts", Item: s.Name,
				Message: fmt.Sprintf("%d arrows cross its border and %d stay inside", across, s.Inside),
			})
		}
	}
	return found
}

// hubs is CTX-2.
func hubs(g *graph) []Finding {
	most := max(g.limits.Fan, len(g.Services)*g.limits.FanShare/100)
	sends, reads := map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(of map[string]map[string]bool, service, other string) {
		if of[service] == nil {
			of[service] = map[string]bool{}
		}
		of[service][other] = true
	}
	for _, a := range g.arrows {
		if a.From != a.To {
			note(sends, a.From, a.To)
			note(reads, a.To, a.From)
		}
	}
	var found []Finding
	for _, name := range board.Names(g.Services) {
		if to, from := len(sends[name]), len(reads[name]); to > most || from > most {
			found = append(found, Finding{
				Section: "services", Item: name,
				Message: fmt.Sprintf("it sends to %d services and reads from %d; at most %d is healthy here", to, from, most),
			})
		}
	}
	return found
}

// privateEvents is CTX-3. The events of a context with one service are public
// unless they are said to be private.
func privateEvents(g *graph) []Finding {
	var found []Finding
	for _, event := range board.Names(g.Events) {
		home := g.ContextOfEvent(event)
		context := g.Contexts[home]
		if context == nil || slices.Contains(context.Published, event) {
			continue
		}
		if !g.Events[event].Private && g.inside[home] < 2 {
			continue
		}
		for _, reader := range g.readers[event] {
			if other := g.context(reader); other != home {
				found = append(found, Finding{
					Section: "events", Item: event, Path: []string{g.Producer(event), reader},
					Message: fmt.Sprintf("%s of the context %q reads it, and %q does not publish it", reader, other, home),
				})
			}
		}
	}
	return found
}

// twoTeams is CTX-4.
func twoTeams(g *graph) []Finding {
	var found []Finding
	services := map[string][]string{} // of a context
	for _, name := range board.Names(g.Services) {
		services[g.Services[name].In] = append(services[g.Services[name].In], name)
	}
	for _, context := range board.Names(g.Contexts) {
		var teams []string
		if team := g.Contexts[context].Team; team != "" {
			teams = append(teams, team)
		}
		for _, name := range services[context] {
			if s := g.Services[name]; s.Team != "" && !slices.Contains(teams, s.Team) {
				teams = append(teams, s.Team)
			}
		}
		if len(teams) > 1 {
			found = append(found, Finding{
				Section: "contexts", Item: context, Path: teams,
				Message: "teams " + strings.Join(teams, " and ") + " work in it",
			})
		}
	}
	return found
}
