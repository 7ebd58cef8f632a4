package codegen

import (
	"fmt"
	"slices"
	"strings"

	"stormbus/internal/board"
	"stormbus/internal/plan"
	"stormbus/internal/schema"
)

// Files returns all files of the project of a board, in order of their paths.
// p is the plan of the board. The same board gives the same bytes. An error is
// of type [plan.Problems].
func Files(b *board.Board, p *plan.Plan) ([]File, error) {
	g := &generator{board: b, plan: p, events: map[string]*event{}}
	g.nameEvents()
	g.judge()
	if len(g.problems) > 0 {
		return nil, g.problems
	}
	g.put(File{Path: ".gitattributes", Zone: Once, Content: []byte(attributes)})
	for _, s := range g.services() {
		if len(s.sends)+len(s.functions) > 0 {
			g.writeService(s)
		}
	}
	if len(g.problems) > 0 {
		return nil, g.problems
	}
	slices.SortFunc(g.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return g.files, nil
}

// attributes tell git which files are generated, and to leave their line ends
// alone: what is changed is taken for edited.
const attributes = "services/*/gen/** linguist-generated text eol=lf\nstorm.lock linguist-generated text eol=lf\n"

// generator makes the files of one board.
type generator struct {
	board    *board.Board
	plan     *plan.Plan
	events   map[string]*event // by name on the board
	problems plan.Problems
	files    []File
}

// event is an event with its names in Python.
type event struct {
	name     string // on the board
	was      string // on the board, before it was renamed, or ""
	class    string
	function string // that publishes it
	constant string // its entry in the catalogue
	version  int
	source   string
	service  string        // that sends it
	data     schema.Schema // without what the bus carries
	detail   schema.Schema // with it
}

func (g *generator) put(f File) { g.files = append(g.files, f) }

func (g *generator) problem(item, remedy, format string, args ...any) {
	g.problems = append(g.problems, plan.Problem{Items: []string{item}, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}

// nameEvents gives all events of the board their names, which are the same in
// every service.
func (g *generator) nameEvents() {
	known := map[string]plan.Schema{}
	for _, s := range g.plan.Schemas {
		known[s.Event] = s
	}
	classes, functions := newNames(append([]string{moneyClass}, takenClasses...)...), newNames()
	for _, name := range board.Names(g.board.Events) {
		e := &event{name: name, was: g.formerEvent(name), class: classes.give(className(name)), function: functions.give(snake(name)), version: 1}
		e.constant = strings.ToUpper(e.function)
		e.service = g.board.Producer(name)
		e.source = g.board.Source(e.service)
		e.detail = schema.Schema{Kind: schema.Object}
		if s, ok := known[name]; ok {
			e.version, e.source, e.service, e.detail = max(s.Version, 1), s.Source, s.Service, s.Detail
		}
		e.data = schema.Uncarry(e.detail, g.board.Bus.Carry)
		e.detail = schema.Carry(e.data, g.board.Bus.Carry)
		g.events[name] = e
	}
}

// formerEvent is the former name of an event, unless another one has it now.
func (g *generator) formerEvent(name string) string {
	was := g.board.Events[name].Was
	if g.board.Events[was] != nil {
		return ""
	}
	return was
}

// judge finds what the board says and Python cannot.
func (g *generator) judge() {
	for _, name := range board.Names(g.board.Events) {
		e, item := g.board.Events[name], "events."+name
		for _, f := range e.Data.Faults() {
			g.problem(item, "change it on the board", "%s: %s", f.Path, f.Message)
		}
		if clash := schema.Clash(e.Data.Schema(), g.board.Bus.Carry); clash != "" {
			g.problem(item, "name the field otherwise, or take it from bus.carry", "data.%s: the bus carries such a field along", clash)
		}
		if g.events[name].detail.Kind != schema.Object {
			g.problem(item, "describe an object", "the data of an event is an object")
		}
		if e.Example == nil {
			continue
		}
		for _, p := range g.events[name].data.Validate(map[string]any(e.Example)) {
			g.problem(item, "change the example or the data", "example: %s", p)
		}
	}
}

// service is what a service has to do with.
type service struct {
	name      string
	folder    string
	was       string          // folder before the service was renamed, or ""
	models    string          // kind of the classes of its events
	functions []plan.Function // in order of their modules
	sends     []*event
	knows     []*event      // what it sends and what it receives
	arrows    []board.Arrow // that lead to it
}

// services returns all services in order of their names. It looks at each function,
// event and arrow once: a large board has thousands of each.
func (g *generator) services() []*service {
	var all []*service
	byName := map[string]*service{}
	for _, name := range board.Names(g.board.Services) {
		s := g.service(name)
		all, byName[name] = append(all, s), s
	}
	receivers := map[string][]*service{} // by event
	for _, f := range g.plan.Functions {
		s := byName[f.Service]
		if s == nil {
			continue
		}
		s.functions = append(s.functions, f)
		for _, e := range f.Events {
			receivers[e] = append(receivers[e], s)
		}
	}
	for _, event := range board.Names(g.board.Events) {
		e := g.events[event]
		know := receivers[event]
		if s := byName[e.service]; s != nil {
			s.sends = append(s.sends, e)
			know = append(know, s)
		}
		for _, s := range know {
			if n := len(s.knows); n == 0 || s.knows[n-1] != e { // several functions may receive it
				s.knows = append(s.knows, e)
			}
		}
	}
	for _, a := range g.board.Arrows() {
		if s := byName[a.To]; s != nil {
			s.arrows = append(s.arrows, a)
		}
	}
	for _, s := range all {
		slices.SortFunc(s.functions, func(a, b plan.Function) int { return strings.Compare(a.Module, b.Module) })
	}
	return all
}

// service returns a service with its names.
func (g *generator) service(name string) *service {
	item := g.board.Services[name]
	s := &service{name: name, models: item.Models, folder: "services/" + board.Slug(name)}
	if s.models == "" {
		s.models = "dataclass"
	}
	if item.Was != "" && board.Slug(item.Was) != board.Slug(name) {
		s.was = "services/" + board.Slug(item.Was)
	}
	return s
}

// writeService writes all files of a service.
func (g *generator) writeService(s *service) {
	python := func(name, body string) {
		g.put(File{Path: s.folder + "/gen/" + name, Zone: Generated, Content: generated(body)})
	}
	for name, body := range runtime(s.models) {
		python(name, body)
	}
	python("__init__.py", packageSource(s))
	python("_catalog.py", g.catalogSource(s))
	python("_settings.py", g.settingsSource(s))
	python("events.py", eventsSource(s))
	python("publish.py", publishSource(s))
	python("triggers.py", g.triggersSource(s))
	python("test_contract.py", g.contractSource(s))
	g.put(File{Path: s.folder + "/gen/py.typed", Zone: Generated})
	g.writeData(s)
	g.writeHandlers(s)
}
