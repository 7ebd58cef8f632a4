package main

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// names decides what the Go types of a service are called.
type names struct {
	model *model
	// renamed shapes are the input or output of one operation and nothing
	// else, so they are called after it.
	renamed map[string]string
	// alias types are inputs and outputs whose shape has other uses too.
	alias map[string]string
	// empty types are inputs and outputs that the model does not have.
	empty []string
}

// nameTypes looks at the whole model, not only at what is listed, so that
// listing one more operation renames nothing.
func nameTypes(m *model, ops []string) (*names, error) {
	uses := map[string]int{}
	count := func(r *ref) {
		if r != nil {
			uses[r.Shape]++
		}
	}
	for _, s := range m.Shapes {
		for i := range s.Members {
			count(&s.Members[i].Ref)
		}
		count(s.Member)
		count(s.Key)
		count(s.Value)
	}
	for _, op := range m.Operations {
		count(op.Input)
		count(op.Output)
	}
	n := &names{model: m, renamed: map[string]string{}, alias: map[string]string{}}
	taken := map[string]string{}
	for _, op := range ops {
		n.nameOne(op+"Input", m.Operations[op].Input, uses, taken)
		n.nameOne(op+"Output", m.Operations[op].Output, uses, taken)
	}
	for goName, of := range taken {
		if _, exists := m.Shapes[goName]; exists && of != goName && n.renamed[goName] == "" {
			return nil, fmt.Errorf("type %s would be both a shape of the model and the name of %s", goName, of)
		}
	}
	return n, nil
}

func (n *names) nameOne(goName string, r *ref, uses map[string]int, taken map[string]string) {
	switch {
	case r == nil:
		n.empty = append(n.empty, goName)
		taken[goName] = "nothing"
	case r.Shape == goName:
	case uses[r.Shape] == 1:
		n.renamed[r.Shape] = goName
		taken[goName] = r.Shape
	default:
		n.alias[goName] = r.Shape
		taken[goName] = r.Shape
	}
}

// typeName returns the Go name of a structure.
func (n *names) typeName(shape string) string {
	if name, ok := n.renamed[shape]; ok {
		return name
	}
	return exported(shape)
}

// goType returns the Go type of values of a shape inside a list or a map;
// pointer says whether it is a member of a structure instead.
func (n *names) goType(name string, pointer bool) (string, error) {
	s, ok := n.model.Shapes[name]
	if !ok {
		return "", fmt.Errorf("shape %s does not exist", name)
	}
	if s.EventStream || s.Document {
		return "", fmt.Errorf("shape %s: event streams and documents are not supported", name)
	}
	var scalar string
	switch s.Type {
	case "structure":
		scalar = n.typeName(name)
	case "string", "character":
		scalar = "string"
	case "integer", "long":
		scalar = "int64"
	case "float", "double":
		scalar = "float64"
	case "boolean":
		scalar = "bool"
	case "timestamp":
		scalar = "time.Time"
	case "blob":
		return "[]byte", nil
	case "list":
		elem, err := n.goType(s.Member.Shape, false)
		return "[]" + elem, err
	case "map":
		value, err := n.goType(s.Value.Shape, false)
		return "map[string]" + value, err
	default:
		return "", fmt.Errorf("shape %s has the unknown type %q", name, s.Type)
	}
	if pointer {
		return "*" + scalar, nil
	}
	return scalar, nil
}

// exported returns name with an upper-case first letter.
func exported(name string) string {
	return strings.ToUpper(name[:1]) + name[1:]
}

// constName makes an identifier from an enum's value: parts in capitals become
// words (IN_PROGRESS is InProgress), other parts keep their capitals.
func constName(value string) string {
	var b strings.Builder
	parts := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, p := range parts {
		if p == strings.ToUpper(p) {
			p = strings.ToLower(p)
		}
		b.WriteString(exported(p))
	}
	return b.String()
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
