package codegen

import "stormbus/internal/plan"

// A name that was renamed on the board goes on working in handlers, which nobody
// writes anew at the moment when the board is saved. It does not if something
// else has it now.

// alias is a name of Python and what it stands for.
type alias struct{ name, of string }

// former writes aliases under the names that are taken, each once.
func (s *source) former(taken *names, aliases []alias) {
	first := true
	for _, a := range aliases {
		if a.name == a.of || a.name == "" || taken.give(a.name) != a.name {
			continue
		}
		if first {
			s.line("")
			s.line("")
			s.line("# Former names, as the board remembers them.")
			first = false
		}
		s.statement(a.name + " = " + a.of)
	}
}

// formerClasses are the names that classes of events had.
func formerClasses(events []*event) (aliases []alias) {
	for _, e := range events {
		if e.was != "" {
			aliases = append(aliases, alias{className(e.was), e.class})
		}
	}
	return aliases
}

// formerPublishers are the names that functions had that publish events.
func formerPublishers(events []*event) (taken *names, aliases []alias) {
	taken = newNames()
	for _, e := range events {
		taken.give(e.function)
		if e.was != "" {
			aliases = append(aliases, alias{snake(e.was), e.function})
		}
	}
	return taken, aliases
}

// formerTriggers are the names that decorators had, and types of their events.
func (g *generator) formerTriggers(functions []plan.Function) (taken *names, aliases []alias) {
	taken = newNames("Callable", "Context", "Handler", "Received", "Request", "Tick")
	for i := range functions {
		f := &functions[i]
		taken.give(handlerName(f))
		union := f.Cause == plan.ByEvents && len(f.Events) > 1
		if union {
			taken.give(unionName(f))
		}
		was := g.functionWas(f)
		if was == "" {
			continue
		}
		if union {
			aliases = append(aliases, alias{className(was) + "Events", unionName(f)})
		}
		aliases = append(aliases, alias{was, handlerName(f)})
	}
	return taken, aliases
}
