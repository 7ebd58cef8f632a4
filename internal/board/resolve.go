package board

import (
	"slices"
	"strings"
)

// What follows from a board is never written into it. These methods say what
// follows; where the board does not say enough yet, the answer is "". Callers
// must not change the lists that they get.

// ContextsOf returns the contexts that speak of a thing, sorted.
func (b *Board) ContextsOf(thing string) []string { return b.derive().contexts[thing] }

// contextOf is the context of a thing: in, if it is given, else the only one.
func (b *Board) contextOf(thing, in string) string {
	if in != "" {
		return in
	}
	if all := b.ContextsOf(thing); len(all) == 1 {
		return all[0]
	}
	return ""
}

// OwnersOf returns the services that own a thing in a context, sorted. There
// should be one.
func (b *Board) OwnersOf(thing, context string) []string {
	return b.derive().owners[[2]string{thing, context}]
}

// owner is the service that owns a thing.
func (b *Board) owner(thing, in string) string {
	context := b.contextOf(thing, in)
	if thing == "" || context == "" {
		return ""
	}
	if all := b.OwnersOf(thing, context); len(all) == 1 {
		return all[0]
	}
	return ""
}

// ContextOfEvent returns the context of an event.
func (b *Board) ContextOfEvent(event string) string {
	if e := b.Events[event]; e != nil {
		return b.contextOf(e.Of, e.In)
	}
	return ""
}

// Producer returns the service that sends an event: the owner of the thing that
// it is a fact about.
func (b *Board) Producer(event string) string {
	if e := b.Events[event]; e != nil {
		return b.owner(e.Of, e.In)
	}
	return ""
}

// Outcomes returns the events that a trigger causes, sorted.
func (b *Board) Outcomes(trigger string) []string { return b.derive().outcomes[trigger] }

// Handler returns the service that carries out a trigger: the one that sends
// the events that it causes. A trigger whose events come from several services
// has none.
func (b *Board) Handler(trigger string) string {
	handler := ""
	for _, event := range b.Outcomes(trigger) {
		switch p := b.Producer(event); {
		case p == "" || handler != "" && handler != p:
			return ""
		default:
			handler = p
		}
	}
	return handler
}

// Consumer returns the service that a reaction runs in.
func (b *Board) Consumer(reaction string) string {
	if r := b.Reactions[reaction]; r != nil {
		return b.Handler(r.Do)
	}
	return ""
}

// ViewOwner returns the service that keeps a view.
func (b *Board) ViewOwner(view string) string {
	if v := b.Views[view]; v != nil {
		return b.owner(v.Of, v.In)
	}
	return ""
}

// Source returns the source of a service's events.
func (b *Board) Source(service string) string {
	return strings.Replace(orElse(b.Bus.Source, servicePlace), servicePlace, Slug(service), 1)
}

// Arrow is an event on its way from one service to another, or to itself.
type Arrow struct {
	Event    string `json:"event"`
	From     string `json:"from"` // services; "" if not known yet
	To       string `json:"to"`
	Reaction string `json:"reaction,omitempty"` // by which it goes on, or
	View     string `json:"view,omitempty"`     // which it feeds
}

// Arrows returns all arrows, by reaction and then by view.
func (b *Board) Arrows() []Arrow {
	var all []Arrow
	for _, name := range Names(b.Reactions) {
		if r := b.Reactions[name]; r.When != "" {
			all = append(all, Arrow{Event: r.When, From: b.Producer(r.When), To: b.Consumer(name), Reaction: name})
		}
	}
	for _, name := range Names(b.Views) {
		for _, event := range b.Views[name].From {
			all = append(all, Arrow{Event: event, From: b.Producer(event), To: b.ViewOwner(name), View: name})
		}
	}
	return all
}

// Timeline returns the names of the events by rank and then by name. Events
// without a rank come last.
func (b *Board) Timeline() []string {
	all := Names(b.Events)
	slices.SortStableFunc(all, func(x, y string) int {
		a, c := b.Events[x].At, b.Events[y].At
		switch {
		case a == nil && c == nil:
			return 0
		case a == nil:
			return 1
		case c == nil:
			return -1
		}
		return *a - *c
	})
	return all
}

// Names returns the names of the items of a section, sorted.
func Names[T any](section map[string]*T) []string {
	all := make([]string, 0, len(section))
	for name := range section {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Line returns the line of an item, from 1, or 0 if it is not there.
func (f *File) Line(section, item string) int {
	key, _ := pairIn(valueOf(f.root, section), item)
	if key == nil {
		return 0
	}
	return key.Line
}
