package board

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Check finds references that lead nowhere and statements that contradict each
// other. A board in the middle of a workshop has such; one that shall run has
// none. It returns them in the order of the file.
func (f *File) Check() Problems {
	if f.root == nil {
		return nil
	}
	p := &parser{file: f.name}
	c := checker{parser: p, board: f.board, names: f.names(), has: map[string]map[string]bool{}, pulled: map[string]bool{}, unknown: map[[2]int]func() string{}}
	for section, names := range c.names {
		c.has[section] = map[string]bool{}
		for _, name := range names {
			c.has[section][name] = true
		}
	}
	for _, r := range f.board.Reactions {
		c.pulled[r.Do] = true
	}
	for i := range sections {
		s := &sections[i]
		_, items := pairOf(f.root, s.name)
		if items == nil || isEmpty(items) {
			continue
		}
		for _, e := range entries(items) {
			c.references(e.value, s, s.name+"."+e.key.Value)
			c.consistent(e, s)
		}
	}
	problems := Problems(nil)
	if err, ok := p.problems.err().(Problems); ok {
		problems = err
	}
	for i := range problems {
		if remedy := c.unknown[[2]int{problems[i].Line, problems[i].Column}]; remedy != nil && problems[i].Remedy == "" {
			problems[i].Remedy = remedy()
		}
	}
	return problems
}

// names are the names of the items of each section.
func (f *File) names() map[string][]string {
	all := map[string][]string{}
	for i := range sections {
		for _, e := range itemsOf(valueOf(f.root, sections[i].name)) {
			all[sections[i].name] = append(all[sections[i].name], e.key.Value)
		}
	}
	return all
}

type checker struct {
	*parser

	board   *Board
	names   map[string][]string // by section
	has     map[string]map[string]bool
	pulled  map[string]bool          // triggers that a reaction pulls
	unknown map[[2]int]func() string // remedies, by line and column: they take time, and not all are told
}

// references follows the names in the fields of an item.
func (c *checker) references(item *yaml.Node, s *section, path string) {
	if item.Kind != yaml.MappingNode {
		return
	}
	for _, e := range ordered(item, s.fields) {
		if len(e.rule.to) == 0 {
			continue
		}
		at := path + "." + e.key.Value
		if e.value.Kind == yaml.SequenceNode {
			for _, child := range e.value.Content {
				c.reference(child, e.rule, at)
			}
			continue
		}
		c.reference(e.value, e.rule, at)
	}
}

func (c *checker) reference(n *yaml.Node, r rule, path string) {
	if slices.Contains(r.besides, n.Value) {
		return
	}
	for _, section := range r.to {
		if c.has[section][n.Value] {
			return
		}
	}
	c.add(n, path, strings.Join(r.to, " or ")+" has no "+quote(n.Value), "")
	c.unknown[[2]int{n.Line, n.Column}] = func() string {
		known := slices.Clone(r.besides)
		for _, section := range r.to {
			known = append(known, c.names[section]...)
		}
		if nearest(n.Value, known) == "" {
			return "add it to " + strings.Join(r.to, " or ")
		}
		return didYouMean(n.Value, known)
	}
}

// consistent holds the fields of one item against each other and the rest.
func (c *checker) consistent(e entry, s *section) {
	name, path := e.key.Value, s.name+"."+e.key.Value
	switch s.name {
	case "events":
		c.event(e, c.board.Events[name], path)
	case "triggers":
		c.trigger(e, name, path)
	case "views":
		v := c.board.Views[name]
		c.context(e, v.Of, v.In, path)
	case "contexts":
		c.published(e, name, path)
	case "ignores":
		c.ignore(e, c.board.Ignores[name], path)
	}
}

func (c *checker) event(e entry, event *Event, path string) {
	if event.Schema != "" && event.Data != nil {
		c.add(e.key, path, "it has both data and schema", "remove one of them")
	}
	c.context(e, event.Of, event.In, path)
}

// context holds the context of an event or a view against its thing.
func (c *checker) context(e entry, thing, in, path string) {
	if thing == "" || c.board.Things[thing] == nil {
		return
	}
	all := c.board.ContextsOf(thing)
	switch {
	case in == "" && len(all) > 1:
		c.add(e.key, path, quote(thing)+" is in several contexts: "+strings.Join(all, ", "), "say with in which one is meant")
	case in != "" && c.board.Contexts[in] != nil && !slices.Contains(all, in):
		_, n := pairOf(e.value, "in")
		c.add(n, path+".in", "the context "+quote(in)+" has no thing "+quote(thing), "add it to the context's things")
	}
}

// trigger holds the causes of a trigger against each other.
func (c *checker) trigger(e entry, name, path string) {
	t := c.board.Triggers[name]
	pulled := c.pulled[name]
	switch {
	case t.From == fromReaction && !pulled:
		c.add(e.key, path, "it comes from a reaction, but no reaction pulls it", "add a reaction with do: "+name)
	case t.From != fromReaction && t.From != "" && pulled:
		c.add(e.key, path, "a reaction pulls it, but it comes from "+quote(t.From), "write from: reaction, or give the reaction a trigger of its own")
	}
	switch {
	case t.From == fromSchedule && t.Every == "":
		c.add(e.key, path, "it comes from a schedule, but there is none", "add every: rate(…) or cron(…)")
	case t.From != fromSchedule && t.Every != "":
		c.add(e.key, path, "it has a schedule, but does not come from one", "write from: schedule, or remove every")
	}
}

// published holds the published events of a context against where they are.
func (c *checker) published(e entry, name, path string) {
	_, list := pairOf(e.value, "published")
	if list == nil {
		return
	}
	for _, n := range list.Content {
		event := c.board.Events[n.Value]
		if event == nil {
			continue // told as a reference
		}
		if in := c.board.ContextOfEvent(n.Value); in != "" && in != name {
			c.add(n, path+".published", quote(n.Value)+" is an event of "+quote(in), "publish it there")
		}
		if event.Private {
			c.add(n, path+".published", quote(n.Value)+" is private", "remove private, or do not publish it")
		}
	}
}

// ignore: a finding is accepted until a day and for a reason, or not at all.
func (c *checker) ignore(e entry, ignore *Ignore, path string) {
	for _, field := range []struct{ name, value string }{{"rule", ignore.Rule}, {"until", ignore.Until}, {"why", ignore.Why}} {
		if field.value == "" {
			c.add(e.key, path, "it has no "+field.name, "say which rule is meant, until which day, and why")
			return
		}
	}
}
