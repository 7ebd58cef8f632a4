package board

import (
	"encoding/json"

	"go.yaml.in/yaml/v4"
)

// Diff returns edits that make what to says of what from says, in the order of
// the file. Comments do not count. A renamed item is a removed and a new one.
func Diff(from, to *File) []Edit {
	var edits []Edit
	edits = append(edits, diffFields(Edit{}, from.root, to.root, scalars(head))...)
	edits = append(edits, diffFields(Edit{Section: busSection}, valueOf(from.root, busSection), valueOf(to.root, busSection), ruleNamed(head, busSection).fields)...)
	for i := range sections {
		s := &sections[i]
		edits = append(edits, diffItems(s, valueOf(from.root, s.name), valueOf(to.root, s.name))...)
	}
	return edits
}

// scalars are the rules that are no records.
func scalars(rules []rule) []rule {
	var all []rule
	for _, r := range rules {
		if r.kind != record {
			all = append(all, r)
		}
	}
	return all
}

func diffItems(s *section, from, to *yaml.Node) []Edit {
	var edits []Edit
	for _, e := range itemsOf(from) {
		if valueOf(to, e.key.Value) == nil {
			edits = append(edits, Edit{Op: Delete, Section: s.name, Key: e.key.Value})
		}
	}
	for _, e := range itemsOf(to) {
		at := Edit{Section: s.name, Key: e.key.Value}
		old := valueOf(from, e.key.Value)
		fields := diffFields(at, old, e.value, s.fields)
		if old == nil && len(fields) == 0 {
			at.Op = Put
			fields = []Edit{at}
		}
		edits = append(edits, fields...)
	}
	return edits
}

// diffFields compares the fields of one item.
func diffFields(at Edit, from, to *yaml.Node, rules []rule) []Edit {
	var edits []Edit
	for _, r := range rules {
		old, made := valueOf(from, r.name), valueOf(to, r.name)
		at.Field = r.name
		switch {
		case made == nil && old != nil:
			at.Op, at.Value = Delete, nil
		case made != nil && !same(old, made):
			at.Op, at.Value = Put, toJSON(made)
		default:
			continue
		}
		edits = append(edits, at)
	}
	return edits
}

// valueOf is the value of a key, or nil. n may be nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	_, value := pairOf(n, key)
	return value
}

func itemsOf(n *yaml.Node) []entry {
	if n == nil {
		return nil
	}
	return entries(n)
}

// same reports whether two values say the same. Nil differs from all others.
func same(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if isEmpty(a) && isEmpty(b) && a.Kind != yaml.SequenceNode && b.Kind != yaml.SequenceNode {
		return true // null and {}
	}
	if a.Kind != b.Kind || a.Kind == yaml.ScalarNode && (a.Tag != b.Tag || a.Value != b.Value) || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// toJSON is a value as JSON, with the author's order of fields.
func toJSON(n *yaml.Node) json.RawMessage { return appendJSON(nil, n) }

func appendJSON(b []byte, n *yaml.Node) []byte {
	switch {
	case n.Kind == yaml.MappingNode:
		b = append(b, '{')
		for i, e := range entries(n) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, quoteJSON(e.key.Value)...)
			b = appendJSON(append(b, ':'), e.value)
		}
		return append(b, '}')
	case n.Kind == yaml.SequenceNode:
		b = append(b, '[')
		for i, element := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, element)
		}
		return append(b, ']')
	case isNull(n):
		return append(b, "null"...)
	case n.Tag != "!!str" && json.Valid([]byte(n.Value)):
		return append(b, n.Value...)
	}
	return append(b, quoteJSON(n.Value)...)
}
