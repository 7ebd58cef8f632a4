package pinball

import (
	"fmt"
	"slices"
	"strings"

	"stormbus/internal/board"
)

// noSchemas is SCH-1.
func noSchemas(g *graph) []Finding {
	var found []Finding
	for _, event := range board.Names(g.Events) {
		if !g.Events[event].HasSchema() {
			found = append(found, Finding{Section: "events", Item: event, Message: "it has neither data nor schema"})
		}
	}
	return found
}

// commandShaped is SCH-3.
func commandShaped(g *graph) []Finding {
	fields := map[string][]string{} // of a thing, in all its events
	for _, name := range board.Names(g.Events) {
		e := g.Events[name]
		for _, f := range e.Data {
			if !slices.Contains(fields[e.Of], f.Name) {
				fields[e.Of] = append(fields[e.Of], f.Name)
			}
		}
	}
	var found []Finding
	for _, name := range board.Names(g.Events) {
		e := g.Events[name]
		switch {
		case !board.IsPast(name):
			found = append(found, Finding{Section: "events", Item: name, Message: "its name has no word in the past tense"})
		case e.Of != "" && strings.HasSuffix(board.Slug(name), "updated") && len(fields[e.Of]) > 1 &&
			len(e.Data)*100 > len(fields[e.Of])*g.limits.Updated:
			found = append(found, Finding{
				Section: "events", Item: name,
				Message: fmt.Sprintf("it has %d of the %d fields known of %s: it copies the row instead of telling what happened", len(e.Data), len(fields[e.Of]), e.Of),
			})
		}
	}
	return found
}

// unreliable is REL-1.
func unreliable(g *graph) []Finding {
	var found []Finding
	for _, name := range board.Names(g.Reactions) {
		r := g.Reactions[name]
		if !r.DLQ {
			found = append(found, Finding{Section: "reactions", Item: name, Message: "it has no dead-letter queue"})
		}
		for _, event := range g.Outcomes(r.Do) {
			if thing := g.Things[g.Events[event].Of]; thing != nil && thing.Key == "" {
				found = append(found, Finding{
					Section: "reactions", Item: name, Path: []string{event, g.Events[event].Of},
					Message: fmt.Sprintf("it changes %s, which has no key, so that a second delivery cannot be recognised", g.Events[event].Of),
				})
			}
		}
	}
	return found
}
