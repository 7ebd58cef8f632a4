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
	uses := m.uses()
	n := &names{model: m, renamed: map[string]string{}, alias: map[string]string{}}
	taken := map[string]string{}
	for _, op := range ops {
		n.nameOne(op+"Input", m.Operations[op].Input, uses, taken)
		n.nameOne(op+"Output", m.Operations[op].Output, uses, taken)
	}
	for goName, of := range taken {
		if uses[goName] > 0 && of != goName && n.renamed[goName] == "" {
			return nil, fmt.Errorf("type %s would be both a shape of the model and the name of %s", goName, of)
		}
	}
	return n, nil
}

// uses counts the uses of every shape that an operation or an error needs.
// Models have other shapes too, which nothing needs.
func (m *model) uses() map[string]int {
	uses := map[string]int{}
	var count func(r *ref)
	count = func(r *ref) {
		if r == nil {
			return
		}
		if uses[r.Shape]++; uses[r.Shape] == 1 {
			m.Shapes[r.Shape].each(count)
		}
	}
	for _, op := range m.Operations {
		count(op.Input)
		count(op.Output)
	}
	for _, s := range m.Shapes {
		if s.Exception {
			s.each(count)
		}
	}
	return uses
}

// each calls fn for every shape that s is made of. A nil shape has none.
func (s *shape) each(fn func(*ref)) {
	if s == nil {
		return
	}
	for i := range s.Members {
		fn(&s.Members[i].Ref)
	}
	fn(s.Member)
	fn(s.Key)
	fn(s.Value)
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

// modelName is what every package calls its model. API Gateway has a structure
// of that name.
const modelName = "Model"

// typeName returns the Go name of a structure.
func (n *names) typeName(shape string) string {
	if name, ok := n.renamed[shape]; ok {
		return name
	}
	if name := exported(shape); name != modelName {
		return name
	}
	return modelName + "Type"
}

// types returns the names of all Go types: of the structures among shapes, and
// of inputs and outputs without one of their own.
func (n *names) types(shapes []string) map[string]bool {
	all := map[string]bool{modelName: true}
	for _, name := range shapes {
		if n.model.Shapes[name].Type == "structure" {
			all[n.typeName(name)] = true
		}
	}
	for name := range n.alias {
		all[name] = true
	}
	for _, name := range n.empty {
		all[name] = true
	}
	return all
}

// scalars are the Go types of single values, by the model's word.
var scalars = map[string]string{
	"string": "string", "character": "string", "integer": "int64", "long": "int64",
	"float": "float64", "double": "float64", "boolean": "bool", "timestamp": "time.Time",
}

// goType returns the Go type of values of a shape inside a list or a map.
func (n *names) goType(name string) (string, error) {
	s, ok := n.model.Shapes[name]
	switch {
	case !ok:
		return "", fmt.Errorf("shape %s does not exist", name)
	case s.Document:
		return "json.RawMessage", nil
	case s.Type == "structure":
		return n.typeName(name), nil
	case s.Type == "blob":
		return "[]byte", nil
	case s.Type == "list":
		elem, err := n.goType(s.Member.Shape)
		return "[]" + elem, err
	case s.Type == "map":
		value, err := n.goType(s.Value.Shape)
		return "map[string]" + value, err
	case scalars[s.Type] == "":
		return "", fmt.Errorf("shape %s has the unknown type %q", name, s.Type)
	}
	return scalars[s.Type], nil
}

// memberType returns the Go type of a structure's member.
func (n *names) memberType(r ref) (string, error) {
	t, err := n.goType(r.Shape)
	if err != nil {
		return "", err
	}
	s := n.model.Shapes[r.Shape]
	switch {
	case s.EventStream:
		return "iter.Seq2[*" + t + ", error]", nil
	case (r.Streaming || s.Streaming) && s.Type != "blob":
		return "", fmt.Errorf("shape %s is streaming, but not a blob", r.Shape)
	case r.Streaming || s.Streaming:
		return "io.Reader", nil
	case s.Document, s.Type == "blob", s.Type == "list", s.Type == "map":
		return t, nil
	}
	return "*" + t, nil
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
