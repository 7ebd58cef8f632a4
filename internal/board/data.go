package board

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Data is the schema of an event in short form: its fields in the author's
// order. Without fields it says that the event has none; nil says nothing yet.
type Data []DataField

// DataField is one field of an event's data.
type DataField struct {
	Name     string
	Optional bool // the file says so with a question mark after the name
	Type     Type
}

// Type is the type of a field.
type Type struct {
	Name    string   // one of the simple types, or "array", "enum", "object"
	Elem    *Type    // of an array
	Values  []string // of an enum
	Fields  Data     // of an object
	PII     bool     // personal data, to be redacted where it is shown
	About   string   // for people
	Min     string   // bound of a number or of a length, as written; may be empty
	Max     string
	Pattern string // regular expression that a string must satisfy
}

// The types that are not made of others.
var simpleTypes = []string{"string", "uuid", "uri", "datetime", "date", "email", "integer", "number", "boolean", "money", "any"}

// typeKeys are the fields of a type's long form.
var typeKeys = []string{"type", "pii", "min", "max", "pattern", "about", "fields"}

const maxDataDepth = 16 // objects and arrays within each other

// UnmarshalYAML reads the short form. That it is right was checked before, with
// places; what is wrong now is left out.
func (d *Data) UnmarshalYAML(n *yaml.Node) error {
	p := &parser{}
	*d = p.data(n, "data", 0)
	return p.problems.err()
}

// data reads the fields of an object.
func (p *parser) data(n *yaml.Node, path string, depth int) Data {
	if !p.isMap(n, path) || p.tooDeep(n, path, depth) {
		return nil
	}
	d := Data{} // not nil: {} says that there are no fields
	seen := map[string]bool{}
	p.pairs(n, path, func(key, value *yaml.Node, at string) {
		name, optional := strings.CutSuffix(key.Value, "?")
		if wrong := fieldForm(name); wrong != "" {
			p.add(key, at, "the name of the field is not legal: "+wrong, "")
			return
		}
		if seen[name] {
			p.add(key, at, "the field is there twice, with and without a question mark", "remove one")
			return
		}
		seen[name] = true
		d = append(d, DataField{Name: name, Optional: optional, Type: p.typeOf(value, at, depth+1)})
	})
	return d
}

func (p *parser) tooDeep(n *yaml.Node, path string, depth int) bool {
	if depth < maxDataDepth {
		return false
	}
	p.add(n, path, "the types are nested too deeply", "put it into a JSON Schema file and name that with schema")
	return true
}

// typeOf reads a type: a short form, an object, or the long form, which is a map
// that has a plain "type".
func (p *parser) typeOf(n *yaml.Node, path string, depth int) Type {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			p.add(n, path, "the field has no type", "write one of "+strings.Join(simpleTypes, ", "))
			return Type{}
		}
		return p.shortType(n, n.Value, path, depth)
	case yaml.MappingNode:
		if long := childOf(n, "type"); long != nil && long.Kind == yaml.ScalarNode {
			return p.longType(n, path, depth)
		}
		return Type{Name: "object", Fields: p.data(n, path, depth)}
	case yaml.SequenceNode:
		if len(n.Content) != 1 {
			p.add(n, path, "an array has one type of elements", `write it as "[string]"`)
			return Type{}
		}
		if p.tooDeep(n, path, depth) {
			return Type{}
		}
		elem := p.typeOf(n.Content[0], path, depth+1)
		return Type{Name: "array", Elem: &elem}
	}
	p.add(n, path, "this is no type", "write one of "+strings.Join(simpleTypes, ", "))
	return Type{}
}

// shortType reads a type that is one text: "uuid", "[string]", "card|voucher".
func (p *parser) shortType(n *yaml.Node, text, path string, depth int) Type {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		if !closed {
			p.add(n, path, "the array "+quote(text)+" is not closed", `write it as "[string]"`)
			return Type{}
		}
		if p.tooDeep(n, path, depth) {
			return Type{}
		}
		elem := p.shortType(n, inner, path, depth+1)
		return Type{Name: "array", Elem: &elem}
	}
	if strings.Contains(text, "|") {
		return p.enum(n, text, path)
	}
	for _, t := range simpleTypes {
		if t == text {
			return Type{Name: t}
		}
	}
	p.add(n, path, "there is no type "+quote(text), didYouMean(text, simpleTypes))
	return Type{}
}

func (p *parser) enum(n *yaml.Node, text, path string) Type {
	t := Type{Name: "enum"}
	seen := map[string]bool{}
	for value := range strings.SplitSeq(text, "|") {
		value = strings.TrimSpace(value)
		if value == "" || seen[value] {
			p.add(n, path, "the values of "+quote(text)+" are not all there and different", `write them as "card|voucher"`)
			return t
		}
		seen[value] = true
		t.Values = append(t.Values, value)
	}
	return t
}

// longType reads {type: email, pii: true, min: 3}.
func (p *parser) longType(n *yaml.Node, path string, depth int) Type {
	var t Type
	fields := Data(nil)
	var rest Type
	p.pairs(n, path, func(key, value *yaml.Node, at string) {
		switch key.Value {
		case "type":
			if value.Value != "object" {
				t = p.shortType(value, value.Value, at, depth)
			} else {
				t.Name = "object"
			}
		case "pii":
			p.flag(value, at)
			rest.PII = value.Value == "true"
		case "min":
			rest.Min = p.bound(value, at)
		case "max":
			rest.Max = p.bound(value, at)
		case "pattern":
			rest.Pattern = p.text(value, at)
		case "about":
			rest.About = p.text(value, at)
		case "fields":
			fields = p.data(value, at, depth+1)
		default:
			p.add(key, at, "a type has no "+quote(key.Value), didYouMean(key.Value, typeKeys))
		}
	})
	if fields != nil && t.Name != "object" {
		p.add(n, path, "only a type that is an object has fields", "write type: object")
	}
	t.Fields, t.PII, t.Min, t.Max, t.Pattern, t.About = fields, rest.PII, rest.Min, rest.Max, rest.Pattern, rest.About
	return t
}

func (p *parser) bound(n *yaml.Node, path string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" {
		p.add(n, path, "a bound is a number", "")
		return ""
	}
	return figure(n.Tag, n.Value)
}
