package plan

import (
	"fmt"
	"strings"

	"stormbus/internal/board"
)

// until ends a sentence about what is not known yet with the step of the method
// that says it.
func until(step int, format string, args ...any) string {
	return fmt.Sprintf(format, args...) + fmt.Sprintf(": step %d", step)
}

// events lists those that nobody can send yet.
func (p *planner) events() {
	for _, name := range board.Names(p.board.Events) {
		if p.board.Producer(name) != "" {
			continue
		}
		e := p.board.Events[name]
		why, step := p.ownerless(e.Of, e.In)
		p.missing("events."+name, until(step, "%s", why))
	}
}

// ownerless says why no service is known that owns a thing, and which step would
// say it.
func (p *planner) ownerless(thing, in string) (why string, step int) {
	switch contexts := p.board.ContextsOf(thing); {
	case thing == "":
		return "it is about no thing yet", 4
	case in == "" && len(contexts) == 0:
		return thing + " is in no context yet", 5
	case in == "" && len(contexts) > 1:
		return fmt.Sprintf("%s is in several contexts, and it does not say in which: %s", thing, strings.Join(contexts, ", ")), 5
	case in == "":
		in = contexts[0]
	}
	if owners := p.board.OwnersOf(thing, in); len(owners) > 1 {
		return fmt.Sprintf("%s has several services in %s: %s", thing, in, strings.Join(owners, ", ")), 6
	}
	return fmt.Sprintf("no service owns %s in %s yet", thing, in), 6
}

// unsent says why an event has no sender; it is "" if it has one.
func (p *planner) unsent(event string) string {
	e := p.board.Events[event]
	switch {
	case event == "":
		return until(3, "it does not say which event it waits for")
	case e == nil:
		return until(1, "there is no event %s", event)
	case p.board.Producer(event) == "":
		_, step := p.ownerless(e.Of, e.In)
		return until(step, "%s has no owner yet", event)
	}
	return ""
}

// unowned says why a trigger has no service that carries it out.
func (p *planner) unowned(trigger string) string {
	outcomes := p.board.Outcomes(trigger)
	if len(outcomes) == 0 {
		return until(3, "no event is caused by it yet")
	}
	for _, event := range outcomes {
		if why := p.unsent(event); why != "" {
			return why
		}
	}
	return until(3, "its events come from several services, so give each its own trigger (%s)", strings.Join(outcomes, ", "))
}
