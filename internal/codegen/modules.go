package codegen

import (
	"slices"
	"strconv"
	"strings"

	"stormbus/internal/board"
	"stormbus/internal/plan"
)

func itoa(n int) string { return strconv.Itoa(n) }

// packageSource is what a handler imports everything from.
func packageSource(s *service) string {
	out := &source{}
	out.docstring("", "What "+s.name+" knows of the bus: its events, and how to send and handle them.")
	out.line("")
	out.line("from . import events as events")
	out.line("from . import publish as publish")
	out.line("from . import triggers as triggers")
	for _, from := range []struct {
		module string
		names  []string
	}{
		{"_client", []string{"Client", "Recorder", "use_client"}},
		{"_handle", []string{"Context", "PublishFailed", "Received", "Refused", "Request", "Tick", "UnexpectedEvent"}},
		{"_schema", []string{"InvalidData"}},
	} {
		for _, name := range from.names {
			out.line("from .%s import %s as %s", from.module, name, name)
		}
	}
	return out.b.String()
}

func (g *generator) settingsSource(s *service) string {
	out := &source{}
	out.docstring("", "What the board says about the bus.")
	out.line("")
	out.statement("SERVICE = " + pythonString(s.name))
	out.statement("BUS = " + pythonString(g.plan.Bus.Name))
	carry := make([]string, len(g.board.Bus.Carry))
	for i, name := range g.board.Bus.Carry {
		carry[i] = pythonString(name)
	}
	if len(carry) == 0 {
		out.line("CARRY: list[str] = []")
	} else {
		out.statement(strings.Split("CARRY: list[str] = "+pythonList(carry), "\n")...)
	}
	return out.b.String()
}

// catalogSource is the module that knows how the events are called on the bus.
func (g *generator) catalogSource(s *service) string {
	out := &source{}
	out.docstring("", "The events, as they are known on the bus.")
	if len(s.knows) == 0 {
		return out.b.String()
	}
	out.line("")
	out.line("from __future__ import annotations")
	out.line("")
	out.line("from . import events")
	out.line("from ._event_type import EventType")
	out.line("")
	for _, e := range s.knows {
		sources, types := []string{pythonString(e.source)}, []string{pythonString(e.name)}
		if svc := g.board.Services[e.service]; svc != nil && svc.Was != "" {
			sources = append(sources, pythonString(g.board.Source(svc.Was)))
		}
		if was := g.board.Events[e.name].Was; was != "" {
			types = append(types, pythonString(was))
		}
		out.call("", e.constant+" = EventType",
			"events."+e.class, pythonString(e.class), "version="+itoa(e.version),
			"sources="+pythonList(slices.Compact(sources)), "detail_types="+pythonList(types))
	}
	return out.b.String()
}

// publishSource is the module with a function per event that is sent.
func publishSource(s *service) string {
	out := &source{}
	out.docstring("", "How "+s.name+" publishes its events.",
		"Each function checks the data, sends the event, and returns its id. It raises",
		"InvalidData, and PublishFailed if the bus does not take the event.")
	if len(s.sends) == 0 {
		return out.b.String()
	}
	out.line("")
	out.line("from __future__ import annotations")
	out.line("")
	out.line("from . import _catalog, _handle")
	out.line("from . import events as _events")
	for _, e := range s.sends {
		out.line("")
		out.line("")
		out.def("def "+e.function, []string{"event: _events." + e.class}, "str")
		out.docstring("    ", "Publish "+e.name+" and return its id.")
		out.statement("    return _handle.publish(_catalog." + e.constant + ", event)")
	}
	out.former(formerPublishers(s.sends))
	return out.b.String()
}

// def writes the first lines of a function: in one, if that is short enough.
func (s *source) def(start string, args []string, result string) {
	if one := start + "(" + strings.Join(args, ", ") + ") -> " + result + ":"; len(one) <= width {
		s.line("%s", one)
		return
	}
	lines := []string{start + "("}
	for _, arg := range args {
		lines = append(lines, "    "+arg+",")
	}
	s.statement(append(lines, ") -> "+result+":")...)
}

// handlerName is the name of a function's module within handlers, and of its
// decorator.
func handlerName(f *plan.Function) string { return f.Module[strings.LastIndexByte(f.Module, '.')+1:] }

// inputType is the type of what a function is given, as its handler writes it.
func (g *generator) inputType(f *plan.Function, events, triggers string) string {
	switch f.Cause {
	case plan.ByRequest:
		return "Request"
	case plan.BySchedule:
		return "Tick"
	}
	if len(f.Events) == 1 {
		return "Received[" + events + "." + g.events[f.Events[0]].class + "]"
	}
	return "Received[" + triggers + unionName(f) + "]"
}

// unionName is the name of the type of all events that a function is given.
func unionName(f *plan.Function) string { return className(handlerName(f)) + "Events" }

// triggersSource is the module with a decorator per function.
func (g *generator) triggersSource(s *service) string {
	out := &source{}
	out.docstring("", "The decorators of the handlers of "+s.name+".",
		"Each makes a function of Lambda of a handler that is given what its trigger",
		"gives: an event, a request, or a tick of the clock.")
	if len(s.functions) == 0 {
		return out.b.String()
	}
	uses, byEvents := map[string]bool{"Context": true, "Handler": true}, false
	for _, f := range s.functions {
		uses[map[plan.Cause]string{plan.ByRequest: "Request", plan.BySchedule: "Tick", plan.ByEvents: "Received"}[f.Cause]] = true
		byEvents = byEvents || f.Cause == plan.ByEvents
	}
	used := []string{}
	for name := range uses {
		used = append(used, name)
	}
	slices.Sort(used)
	out.line("")
	out.line("from __future__ import annotations")
	out.line("")
	out.line("from collections.abc import Callable")
	out.line("")
	if byEvents {
		out.line("from . import _catalog, _handle")
		out.line("from . import events as _events")
	} else {
		out.line("from . import _handle")
	}
	out.line("from ._handle import %s", strings.Join(used, ", "))
	for i := range s.functions {
		g.unionSource(out, &s.functions[i])
	}
	for i := range s.functions {
		g.decoratorSource(out, &s.functions[i])
	}
	out.former(g.formerTriggers(s.functions))
	return out.b.String()
}

func (g *generator) unionSource(out *source, f *plan.Function) {
	if f.Cause != plan.ByEvents || len(f.Events) < 2 {
		return
	}
	parts := make([]string, len(f.Events))
	for i, name := range f.Events {
		parts[i] = "_events." + g.events[name].class
	}
	out.line("")
	if one := unionName(f) + " = " + strings.Join(parts, " | "); len(one) <= width {
		out.line("%s", one)
		return
	}
	lines := []string{unionName(f) + " = ("}
	for i, part := range parts {
		if i > 0 {
			part = "| " + part
		}
		lines = append(lines, "    "+part)
	}
	out.statement(append(lines, ")")...)
}

func (g *generator) decoratorSource(out *source, f *plan.Function) {
	result, maker, args := "None", "", []string{pythonString(itemName(f))}
	switch f.Cause {
	case plan.ByRequest:
		result, maker = "object", "by_request"
	case plan.BySchedule:
		maker = "by_schedule"
	default:
		maker = "by_events"
		types := make([]string, len(f.Events))
		for i, name := range f.Events {
			types[i] = "_catalog." + g.events[name].constant
		}
		args = append(args, pythonList(types))
	}
	out.line("")
	out.line("")
	out.statement("def "+handlerName(f)+"(",
		"    function: Callable[["+g.inputType(f, "_events", "")+", Context], "+result+"],",
		") -> Handler:")
	out.docstring("    ", g.sentence(f))
	out.call("    ", "return _handle."+maker, append(args, "function")...)
}

// itemName is the name of a function's item on the board.
func itemName(f *plan.Function) string {
	if f.View != "" {
		return f.View
	}
	return f.Trigger
}

// itemPath is the path of a function's item on the board.
func itemPath(f *plan.Function) string {
	if f.View != "" {
		return "views." + f.View
	}
	return "triggers." + f.Trigger
}

// sentence says what a function is, in the words of the board.
func (g *generator) sentence(f *plan.Function) string {
	if f.View != "" {
		return "Keep the view " + f.View + ", which " + list(f.Events, "and") + " feed" + singularS(f.Events) + "."
	}
	text := f.Trigger
	switch trigger := g.board.Triggers[f.Trigger]; {
	case f.Cause == plan.ByEvents:
		text += ", whenever " + list(f.Events, "or") + " happened."
	case f.Cause == plan.BySchedule:
		text += ", by the clock: " + trigger.Every + "."
	case trigger != nil && trigger.HTTP != "":
		text += ", asked for by " + orUnknown(trigger.From) + " with " + trigger.HTTP + "."
	case trigger != nil:
		text += ", asked for by " + orUnknown(trigger.From) + "."
	}
	return text
}

func singularS(names []string) string {
	if len(names) == 1 {
		return "s"
	}
	return ""
}

// list joins names as a sentence does.
func list(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + word + " " + names[len(names)-1]
}

// contractSource is the module with a test per arrow.
func (g *generator) contractSource(s *service) string {
	out := &source{}
	out.docstring("", "What "+s.name+" and the services around it expect of each other.",
		"A handler that is not written yet is skipped.")
	if len(s.knows) == 0 {
		return out.b.String()
	}
	out.line("")
	out.line("from __future__ import annotations")
	out.line("")
	out.line("from . import _catalog, _contract")
	out.line("")
	out.line("")
	out.line("class Contract(_contract.ContractTest):")
	out.docstring("    ", "One test per arrow that leads here, and one per event.")
	taken := newNames()
	for _, a := range s.arrows {
		g.arrowSource(out, s, a, taken)
	}
	for _, e := range s.knows {
		out.line("")
		out.def("    def "+taken.give("test_sample_of_"+e.function), []string{"self"}, "None")
		out.docstring("        ", "The sample of "+e.name+" is what its schema says.")
		out.statement("        self.check_sample(_catalog." + e.constant + ")")
	}
	return out.b.String()
}

func (g *generator) arrowSource(out *source, s *service, a board.Arrow, taken *names) {
	name, target := "test_"+snake(a.Reaction), ""
	if a.Reaction != "" {
		target = g.board.Reactions[a.Reaction].Do
	}
	i := slices.IndexFunc(s.functions, func(f plan.Function) bool {
		return (f.View == a.View && a.View != "" || f.Trigger == target && target != "") && slices.Contains(f.Events, a.Event)
	})
	if i < 0 {
		return // nothing was planned for it yet
	}
	f := &s.functions[i]
	if a.View != "" {
		name = "test_" + snake(a.View) + "_on_" + snake(a.Event)
	}
	args := []string{pythonString(f.Module), pythonString(g.events[a.Event].class)}
	for _, outcome := range f.Outcomes {
		args = append(args, pythonString(outcome))
	}
	out.line("")
	out.def("    def "+taken.give(name), []string{"self"}, "None")
	out.docstring("        ", orUnknown(a.From)+" sends "+a.Event+" to "+itemName(f)+".")
	out.call("        ", "self.check_arrow", args...)
}
