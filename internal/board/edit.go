package board

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Op is a kind of edit.
type Op string

// The edits: all changes of boards are made of them.
const (
	Put    Op = "put"    // set a field; the item is made if it is not there
	Delete Op = "delete" // remove an item, or one field of it
	Rename Op = "rename" // give an item another name, also where it is referred to
	Rank   Op = "rank"   // move an event on the timeline
)

// Edit is one change of a board. Fields of the file's head have no section, and
// those of the bus have the section "bus"; neither has a key.
type Edit struct {
	Op      Op     `json:"op"`
	Section string `json:"section,omitempty"`
	Key     string `json:"key,omitempty"`
	// Field is what Put sets and Delete removes. A Put without a field makes an
	// item, a Delete without one removes it.
	Field string          `json:"field,omitempty"`
	Value json.RawMessage `json:"value,omitempty"` // of Put
	To    string          `json:"to,omitempty"`    // new name, of Rename
	After string          `json:"after,omitempty"` // of Rank: the event before it; "" for the first place
}

// busSection is the section of edits that change the bus.
const busSection = "bus"

// rankGap is the distance between ranks that are given anew.
const rankGap = 10

// Apply makes all edits or, if one of them cannot be made or the result would
// not be a legal board, none. It returns the board after them as a new file and
// leaves f as it is. Diff of the two, the other way round, undoes them.
func (f *File) Apply(edits ...Edit) (*File, error) {
	made := f.clone()
	for i := range edits {
		e := &edits[i]
		if err := made.edit(e); err != nil {
			return nil, fmt.Errorf("%s %s: %w", e.Op, e.path(), err)
		}
	}
	for _, e := range entries(made.root) {
		if name := e.key.Value; isEmpty(e.value) && e.value.Kind == yaml.MappingNode && valueOf(f.root, name) == nil {
			_ = unset(made.root, name) // it is there, for something that is not any more
		}
	}
	return made.again()
}

// again reads a file whose tree was changed.
func (f *File) again() (*File, error) { return Parse(f.name, f.Format()) }

func (e *Edit) path() string {
	path := e.Section
	for _, part := range []string{e.Key, e.Field} {
		switch {
		case part == "":
		case path == "":
			path = part
		default:
			path += "." + part
		}
	}
	return path
}

// clone returns a file with a tree of its own.
func (f *File) clone() *File {
	made := &File{name: f.name, document: cloneNode(f.document)}
	if made.document == nil {
		made.document = &yaml.Node{Kind: yaml.DocumentNode, HeadComment: f.Comment(), Content: []*yaml.Node{newMap()}}
	}
	made.root = made.document.Content[0]
	return made
}

// Comment returns the text of a file that is nothing but comments.
func (f *File) Comment() string {
	if f.root != nil {
		return ""
	}
	return string(f.Format())
}

func cloneNode(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	made := *n
	made.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		made.Content[i] = cloneNode(child)
	}
	return &made
}

func newMap() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func newText(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

// Place is the place that words of a command line name: a section, an item, and a
// field of it; the bus and a field of it; or a field of the file's head. It returns
// the words that are left.
func Place(words ...string) (Edit, []string) {
	var e Edit
	if len(words) > 0 && ruleNamed(scalars(head), words[0]) != nil {
		e.Field = words[0]
		return e, words[1:]
	}
	into := []*string{&e.Section, &e.Key, &e.Field}
	if len(words) > 0 && words[0] == busSection {
		into = []*string{&e.Section, &e.Field}
	}
	n := min(len(into), len(words))
	for i := range n {
		*into[i] = words[i]
	}
	return e, words[n:]
}

// known adds to an error what was most likely meant.
func known(err error, got string, names []string) error {
	if remedy := didYouMean(got, names); remedy != "" {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	return err
}

func fieldNames(rules []rule) []string {
	names := make([]string, len(rules))
	for i := range rules {
		names[i] = rules[i].name
	}
	return names
}

// noItem is the error of an item that is not there.
func (f *File) noItem(section, name string) error { return known(errNoItem, name, f.names()[section]) }

var (
	errNoSection = errors.New("there is no such section")
	errNoItem    = errors.New("there is no such item")
	errNoField   = errors.New("there is no such field")
	errTaken     = errors.New("the name is taken; remove the other item first, or choose another name")
)

// edit makes one edit in the tree.
func (f *File) edit(e *Edit) error {
	if e.Key == "" {
		return f.editHead(e)
	}
	s := sectionNamed(e.Section)
	if s == nil {
		return known(errNoSection, e.Section, topNames())
	}
	if e.Field != "" && ruleNamed(s.fields, e.Field) == nil {
		return known(errNoField, e.Field, fieldNames(s.fields))
	}
	switch e.Op {
	case Put:
		return f.put(e)
	case Delete:
		return f.remove(e)
	case Rename:
		return f.rename(e)
	case Rank:
		return f.rank(e)
	}
	return errors.New("there is no such edit")
}

// editHead edits a field of the file itself, or of the bus.
func (f *File) editHead(e *Edit) error {
	at, rules := f.root, head
	if e.Section == busSection {
		at, rules = child(f.root, busSection), ruleNamed(head, busSection).fields
	} else if e.Section != "" {
		return errors.New("the edit names no item")
	}
	if ruleNamed(rules, e.Field) == nil {
		return known(errNoField, e.Field, fieldNames(rules))
	}
	switch e.Op {
	case Put:
		return set(at, e.Field, e.Value)
	case Delete:
		return unset(at, e.Field)
	}
	return errors.New("the edit needs an item")
}

func (f *File) put(e *Edit) error {
	item := child(child(f.root, e.Section), e.Key)
	if e.Field == "" {
		return nil
	}
	return set(item, e.Field, e.Value)
}

func (f *File) remove(e *Edit) error {
	_, items := pairOf(f.root, e.Section)
	if items == nil {
		return f.noItem(e.Section, e.Key)
	}
	_, item := pairOf(items, e.Key)
	switch {
	case item == nil:
		return f.noItem(e.Section, e.Key)
	case e.Field != "":
		return unset(item, e.Field)
	}
	if err := unset(items, e.Key); err != nil || len(items.Content) > 0 {
		return err
	}
	return unset(f.root, e.Section) // an empty section says nothing
}

// child returns the map below key, which it makes if it is not there.
func child(n *yaml.Node, key string) *yaml.Node {
	_, value := pairOf(n, key)
	switch {
	case value == nil:
		value = newMap()
		n.Content = append(n.Content, newText(key), value)
	case isNull(value):
		value.Kind, value.Tag, value.Value, value.Style = yaml.MappingNode, "!!map", "", 0
	}
	return value
}

// set sets a field. Its comments stay.
func set(n *yaml.Node, field string, value json.RawMessage) error {
	made, err := fromJSON(value)
	if err != nil {
		return err
	}
	setNode(n, field, made)
	return nil
}

func setNode(n *yaml.Node, field string, made *yaml.Node) {
	if _, old := pairOf(n, field); old != nil {
		takeComments(made, old)
		*old = *made
		return
	}
	n.Content = append(n.Content, newText(field), made)
}

func unset(n *yaml.Node, key string) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return nil
		}
	}
	return errNoField
}

// rename gives an item another name. The name that it had before all renames is
// kept as was, unless it is that one again.
func (f *File) rename(e *Edit) error {
	if err := f.relabel(e); err != nil || ruleNamed(sectionNamed(e.Section).fields, was.name) == nil {
		return err
	}
	item := child(child(f.root, e.Section), e.To)
	switch _, former := pairOf(item, was.name); {
	case former == nil:
		item.Content = append(item.Content, newText(was.name), newText(e.Key))
	case former.Value == e.To:
		return unset(item, was.name)
	}
	return nil
}

// relabel gives an item another name, also where it is referred to.
func (f *File) relabel(e *Edit) error {
	_, items := pairOf(f.root, e.Section)
	if items == nil {
		return f.noItem(e.Section, e.Key)
	}
	key, _ := pairOf(items, e.Key)
	if key == nil {
		return f.noItem(e.Section, e.Key)
	}
	if taken, _ := pairOf(items, e.To); taken != nil {
		return errTaken
	}
	f.refer(e.Section, e.Key, e.To)
	key.Value, key.Style, key.Tag = e.To, 0, "!!str"
	return nil
}

// refer makes all references to an item refer to its new name. A name that items
// of two sections have, where both may be meant, stays.
func (f *File) refer(to, from, name string) {
	for i := range sections {
		_, items := pairOf(f.root, sections[i].name)
		if items == nil {
			continue
		}
		for _, item := range entries(items) {
			for _, field := range ordered(item.value, sections[i].fields) {
				if slices.Contains(field.rule.to, to) && !f.ambiguous(field.rule.to, to, from) {
					replaceName(field.value, from, name)
				}
			}
		}
	}
}

// ambiguous reports whether a section of to other than section has the name.
func (f *File) ambiguous(to []string, section, name string) bool {
	for _, other := range to {
		if other == section {
			continue
		}
		if _, items := pairOf(f.root, other); items != nil {
			if key, _ := pairOf(items, name); key != nil {
				return true
			}
		}
	}
	return false
}

// replaceName gives a reference its new name, or those in a list, in which a name
// stands once.
func replaceName(n *yaml.Node, from, to string) {
	if n.Kind == yaml.ScalarNode && n.Value == from {
		n.Value, n.Style = to, 0
	}
	if has(n, from) && has(n, to) {
		n.Content = slices.DeleteFunc(n.Content, func(element *yaml.Node) bool { return element.Value == to })
	}
	for _, element := range n.Content {
		replaceName(element, from, to)
	}
}

// rank puts an event behind another one, or first. Where there is no rank left
// between two, all events get new ones.
func (f *File) rank(e *Edit) error {
	made, err := f.again()
	if err != nil {
		return err
	}
	b := made.Board()
	switch {
	case e.Section != "events":
		return errors.New("only events have a rank")
	case b.Events[e.Key] == nil:
		return f.noItem(e.Section, e.Key)
	case e.After == e.Key:
		return errors.New("an event cannot come after itself")
	case e.After != "" && b.Events[e.After] == nil:
		return fmt.Errorf("after %s: %w", e.After, f.noItem(e.Section, e.After))
	}
	order := slices.DeleteFunc(b.Timeline(), func(name string) bool { return name == e.Key })
	place := slices.Index(order, e.After) + 1
	if at, ok := between(b, order, place); ok {
		return f.setRank(e.Key, at)
	}
	for i, name := range slices.Insert(order, place, e.Key) {
		if err := f.setRank(name, (i+1)*rankGap); err != nil {
			return err
		}
	}
	return nil
}

// between finds a rank for the place in the order, if there is one left.
func between(b *Board, order []string, place int) (int, bool) {
	before := 0
	if place > 0 {
		at := b.Events[order[place-1]].At
		if at == nil {
			return 0, false
		}
		before = *at
	}
	if place == len(order) || b.Events[order[place]].At == nil {
		return before + rankGap, true
	}
	after := *b.Events[order[place]].At
	at := before + (after-before)/2
	return at, at > before && at < after
}

func (f *File) setRank(event string, at int) error {
	return set(child(child(f.root, "events"), event), "at", json.RawMessage(strconv.Itoa(at)))
}
