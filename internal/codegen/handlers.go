package codegen

import (
	"strings"

	"stormbus/internal/plan"
)

// writeHandlers writes the places for what people write.
func (g *generator) writeHandlers(s *service) {
	var was []string
	if s.was != "" {
		was = []string{s.was + "/handlers/__init__.py"}
	}
	g.put(File{Path: s.folder + "/handlers/__init__.py", Zone: Once, Item: "services." + s.name, Was: was})
	for i := range s.functions {
		f := &s.functions[i]
		g.put(File{
			Path: s.folder + "/" + strings.ReplaceAll(f.Module, ".", "/") + ".py", Zone: Once, Item: itemPath(f),
			Content: []byte(g.handlerSource(f)), First: g.firstItem(f), Was: g.handlerWas(s, f),
		})
	}
}

// handlerWas are the paths that a handler may have had before its item, its
// service or both were renamed: in a project each rename may be known already,
// alone, because what is saved is generated at once.
func (g *generator) handlerWas(s *service, f *plan.Function) []string {
	names := []string{handlerName(f)}
	if was := g.functionWas(f); was != "" {
		names = append(names, was)
	}
	folders := []string{s.folder}
	if s.was != "" {
		folders = []string{s.was, s.folder}
	}
	var paths []string
	for _, folder := range folders {
		for _, name := range names {
			if folder != s.folder || name != handlerName(f) {
				paths = append(paths, folder+"/handlers/"+name+".py")
			}
		}
	}
	return paths
}

// firstItem is what a function's item was called first: the board's was keeps
// that name when the item is renamed again.
func (g *generator) firstItem(f *plan.Function) string {
	switch trigger, view := g.board.Triggers[f.Trigger], g.board.Views[f.View]; {
	case f.View != "" && view != nil && view.Was != "":
		return "views." + view.Was
	case f.View == "" && trigger != nil && trigger.Was != "":
		return "triggers." + trigger.Was
	}
	return ""
}

// functionWas is the name that a function's module had before its item was
// renamed, or "".
func (g *generator) functionWas(f *plan.Function) string {
	switch trigger, view := g.board.Triggers[f.Trigger], g.board.Views[f.View]; {
	case f.View != "" && view != nil && view.Was != "":
		return "view_" + plan.Module(view.Was)
	case f.View == "" && trigger != nil && trigger.Was != "":
		return plan.Module(trigger.Was)
	}
	return ""
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
