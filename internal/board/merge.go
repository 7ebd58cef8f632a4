package board

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Conflict is a field that both sides of a merge changed, and not in the same
// way.
type Conflict struct {
	Path   string `json:"path"` // such as events.SeatsHeld.at
	Base   string `json:"base"` // values in one line; empty if not there
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`

	about string // the item, or ""
}

// String says what the conflict is.
func (c Conflict) String() string {
	return fmt.Sprintf("%s: ours %s, theirs %s, before %s", c.Path, said(c.Ours), said(c.Theirs), said(c.Base))
}

func said(value string) string { return orElse(value, "nothing") }

// Merge brings what theirs changed since base into ours. It is a merge of what
// the boards say, field by field, not of their lines: only a field that both
// sides changed differently is a conflict. Ours holds there, and the board gets
// a hotspot that asks about it, so that the result always is a board. Lists of
// names are merged as sets, and renames of either side are followed.
//
// The result is formatted but not checked: two new items may share a folder's
// name. Parse tells.
func Merge(base, ours, theirs *File) ([]byte, []Conflict) {
	m := &merger{}
	b, o, t := base.filled(), ours.filled(), theirs.filled()
	m.renames(b, o, t)
	root := m.maps(nil, nil, b.root, o.root, t.root)
	for _, c := range m.conflicts {
		addSpot(root, c)
	}
	document := o.document
	document.HeadComment = mergeText(b.document.HeadComment, o.document.HeadComment, t.document.HeadComment)
	document.FootComment = mergeText(b.document.FootComment, o.document.FootComment, t.document.FootComment)
	document.Content = []*yaml.Node{root}
	return (&File{name: ours.name, document: document, root: root}).Format(), m.conflicts
}

type merger struct{ conflicts []Conflict }

func (m *merger) conflict(path []string, base, ours, theirs *yaml.Node) {
	c := Conflict{Path: strings.Join(path, "."), Base: inLine(base), Ours: inLine(ours), Theirs: inLine(theirs)}
	if len(path) > 1 && sectionNamed(path[0]) != nil {
		c.about = path[1]
	}
	m.conflicts = append(m.conflicts, c)
}

// filled is a copy in which items without fields are empty maps.
func (f *File) filled() *File {
	made := f.clone()
	for i := range sections {
		items := valueOf(made.root, sections[i].name)
		if items != nil && isNull(items) {
			items = child(made.root, sections[i].name)
		}
		for _, e := range itemsOf(items) {
			child(items, e.key.Value)
		}
	}
	return made
}

// inLine is a value in one line, "" if there is none.
func inLine(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	text, _ := flow(n, rule{})
	return text
}

// renames gives each item the same name on all sides.
func (m *merger) renames(base, ours, theirs *File) {
	for i := range sections {
		s := &sections[i]
		for _, e := range itemsOf(valueOf(base.root, s.name)) {
			name := e.key.Value
			o, t := renamed(ours, s, name), renamed(theirs, s, name)
			switch {
			case o == "" && t == "":
			case o != "" && t != "" && o != t:
				m.conflicts = append(m.conflicts, Conflict{Path: s.name + "." + name, Base: name, Ours: o, Theirs: t, about: o})
				follow(theirs, s, t, o)
				follow(base, s, name, o)
			case o != "":
				follow(base, s, name, o)
				follow(theirs, s, name, o)
			default:
				follow(base, s, name, t)
				follow(ours, s, name, t)
			}
		}
	}
}

// renamed returns the name that an item of the base has on one side, "" if it
// has the same or is gone.
func renamed(side *File, s *section, name string) string {
	items := valueOf(side.root, s.name)
	if valueOf(items, name) != nil {
		return ""
	}
	for _, e := range itemsOf(items) {
		if former := valueOf(e.value, was.name); former != nil && former.Value == name {
			return e.key.Value
		}
	}
	return ""
}

// follow renames an item on the side that did not do so. It does nothing if
// there is none, or if the side has used the new name for another one.
func follow(f *File, s *section, from, to string) {
	// The merge itself brings the field "was", or keeps it.
	items := valueOf(f.root, s.name)
	if key, _ := pairIn(items, from); key != nil && valueOf(items, to) == nil {
		f.refer(s.name, from, to)
		key.Value, key.Style = to, 0
	}
}

// pairIn is pairOf for a map that may be nil.
func pairIn(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil {
		return nil, nil
	}
	return pairOf(n, name)
}

// maps merges three maps. Ours gives the order; what only theirs has comes last.
func (m *merger) maps(path []string, r *rule, base, ours, theirs *yaml.Node) *yaml.Node {
	made := newMap()
	keys := keysOf(ours)
	for _, key := range keysOf(theirs) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, name := range keys {
		baseKey, b := pairIn(base, name)
		ourKey, o := pairIn(ours, name)
		theirKey, t := pairIn(theirs, name)
		if value := m.value(append(slices.Clip(path), name), ruleBelow(path, r, name), b, o, t); value != nil {
			made.Content = append(made.Content, mergeComments(baseKey, ourKey, theirKey), value)
		}
	}
	if ours != nil {
		made.HeadComment, made.LineComment, made.FootComment = ours.HeadComment, ours.LineComment, ours.FootComment
	}
	return made
}

func keysOf(n *yaml.Node) []string {
	var keys []string
	for _, e := range itemsOf(n) {
		keys = append(keys, e.key.Value)
	}
	return keys
}

// ruleBelow is the rule of a key below a path, nil if there is none: the path
// and the key are those of a section or an item.
func ruleBelow(path []string, r *rule, name string) *rule {
	switch {
	case len(path) == 0:
		return ruleNamed(head, name)
	case r != nil && r.kind == record:
		return ruleNamed(r.fields, name)
	case r != nil:
		return r
	case len(path) == 2:
		return ruleNamed(sectionNamed(path[0]).fields, name)
	}
	return nil
}

// value merges three values, any of which may be missing. Nil is none.
func (m *merger) value(path []string, r *rule, base, ours, theirs *yaml.Node) *yaml.Node {
	switch {
	case isMapping(ours) && isMapping(theirs) && (base == nil || isMapping(base)):
		return mergeComments(base, m.maps(path, r, base, ours, theirs), theirs)
	case same(ours, theirs), same(base, theirs):
		if ours == nil {
			return nil
		}
		return mergeComments(base, ours, theirs)
	case same(base, ours):
		return theirs
	case ours == nil || theirs == nil:
		// One side removed what the other changed: what was changed stays.
		m.conflict(path, base, ours, theirs)
		if ours == nil {
			return theirs
		}
		return ours
	case r != nil && r.kind == names && ours.Kind == yaml.SequenceNode && theirs.Kind == yaml.SequenceNode:
		return mergeSets(base, ours, theirs)
	}
	m.conflict(path, base, ours, theirs)
	return ours
}

func isMapping(n *yaml.Node) bool { return n != nil && n.Kind == yaml.MappingNode }

// mergeSets merges lists in which the order says nothing.
func mergeSets(base, ours, theirs *yaml.Node) *yaml.Node {
	made := *ours
	made.Content = nil
	for _, n := range ours.Content {
		if has(theirs, n.Value) || !has(base, n.Value) {
			made.Content = append(made.Content, n)
		}
	}
	for _, n := range theirs.Content {
		if !has(ours, n.Value) && !has(base, n.Value) {
			made.Content = append(made.Content, n)
		}
	}
	return &made
}

func has(list *yaml.Node, value string) bool {
	return list != nil && slices.ContainsFunc(list.Content, func(n *yaml.Node) bool { return n.Value == value })
}

// mergeComments returns ours, or theirs if there is no ours, with the comments
// of both.
func mergeComments(base, ours, theirs *yaml.Node) *yaml.Node {
	switch {
	case ours == nil:
		return theirs
	case theirs == nil:
		return ours
	}
	if base == nil {
		base = &yaml.Node{}
	}
	made := *ours
	made.HeadComment = mergeText(base.HeadComment, ours.HeadComment, theirs.HeadComment)
	made.LineComment = mergeText(base.LineComment, ours.LineComment, theirs.LineComment)
	made.FootComment = mergeText(base.FootComment, ours.FootComment, theirs.FootComment)
	return &made
}

// mergeText merges a comment. Where both sides changed it, both are kept.
func mergeText(base, ours, theirs string) string {
	switch {
	case ours == theirs, theirs == base:
		return ours
	case ours == base, ours == "":
		return theirs
	case theirs == "":
		return ours
	}
	return ours + "\n" + theirs
}

// addSpot makes a conflict a hotspot.
func addSpot(root *yaml.Node, c Conflict) {
	spots := child(root, "spots")
	name := "merge-" + Slug(c.Path)
	for i := 2; valueOf(spots, name) != nil; i++ {
		name = fmt.Sprintf("merge-%s-%d", Slug(c.Path), i)
	}
	spot := child(spots, name)
	if c.about != "" {
		_ = set(spot, "about", quoted(c.about))
	}
	_ = set(spot, "ask", quoted("Merge: "+c.String()+". Which holds?"))
	_ = set(spot, "open", json.RawMessage("true"))
}

// quoted is a text as JSON, which [set] always takes.
func quoted(s string) json.RawMessage { return json.RawMessage(quoteJSON(s)) }
