package codegen

import (
	"strings"

	"stormbus/internal/plan"
)

// writeHandlers writes the places for what people write.
func (g *generator) writeHandlers(s *service) {
	was := func(name string) string {
		if s.was == "" {
			return ""
		}
		return s.was + "/handlers/" + name
	}
	g.put(File{Path: s.folder + "/handlers/__init__.py", Zone: Once, Item: "services." + s.name, Was: was("__init__.py")})
	for i := range s.functions {
		f := &s.functions[i]
		g.put(File{
			Path: s.folder + "/" + strings.ReplaceAll(f.Module, ".", "/") + ".py", Zone: Once, Item: itemPath(f),
			Content: []byte(g.handlerSource(f)), Was: g.handlerWas(s, f),
		})
	}
}

// handlerWas is the path that a handler had before its item, or its service, was
// renamed.
func (g *generator) handlerWas(s *service, f *plan.Function) string {
	name := handlerName(f)
	switch trigger, view := g.board.Triggers[f.Trigger], g.board.Views[f.View]; {
	case f.View != "" && view != nil && view.Was != "":
		name = "view_" + plan.Module(view.Was)
	case f.View == "" && trigger != nil && trigger.Was != "":
		name = plan.Module(trigger.Was)
	case s.was == "":
		return ""
	}
	folder := s.folder
	if s.was != "" {
		folder = s.was
	}
	return folder + "/handlers/" + name + ".py"
}

// handlerSource is a handler that is still to be written.
func (g *generator) handlerSource(f *plan.Function) string {
	out := &source{}
	var more []string
	if len(f.Outcomes) > 0 {
		more = []string{"It results in " + list(f.Outcomes, "or") + "."}
	}
	out.docstring("", g.sentence(f), more...)
	out.line("")
	input := g.inputType(f, "events", "triggers.")
	imports := []string{"Context", strings.SplitN(input, "[", 2)[0]}
	argument := map[plan.Cause]string{plan.ByRequest: "request", plan.BySchedule: "tick"}[f.Cause]
	if argument == "" {
		argument = "event"
	}
	if strings.Contains(input, "[events.") {
		imports = append(imports, "events")
	}
	out.line("from gen import %s", strings.Join(append(imports, "triggers"), ", "))
	out.line("")
	out.line("")
	out.line("@triggers.%s", handlerName(f))
	result := "None"
	if f.Cause == plan.ByRequest {
		result = "object"
	}
	out.def("def handler", []string{argument + ": " + input, "context: Context"}, result)
	for _, name := range f.Outcomes {
		e := g.events[name]
		out.line("    # publish.%s(events.%s(...)), with publish and events from gen", e.function, e.class)
	}
	out.statement("    raise NotImplementedError(" + pythonString(toDo(f)) + ")")
	return out.b.String()
}

// toDo says what is to be written.
func toDo(f *plan.Function) string {
	if f.View != "" {
		return f.View + ": keep what the view shows"
	}
	if len(f.Outcomes) == 0 {
		return f.Trigger
	}
	return f.Trigger + ": publish " + list(f.Outcomes, "or")
}
