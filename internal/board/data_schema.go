package board

import (
	"regexp"
	"strconv"

	shape "stormbus/internal/schema"
)

// Schema returns what the short form says as a schema. What makes no sense, which
// [Data.Faults] tells, is left out of it.
func (d Data) Schema() shape.Schema {
	s := shape.Schema{Kind: shape.Object}
	for _, f := range d {
		s.Fields = append(s.Fields, shape.Field{Name: f.Name, Required: !f.Optional, Schema: f.Type.schema()})
	}
	return s
}

// simpleSchemas are the simple types.
var simpleSchemas = map[string]shape.Schema{
	"string":   {Kind: shape.String},
	"uuid":     {Kind: shape.String, Format: "uuid"},
	"uri":      {Kind: shape.String, Format: "uri"},
	"datetime": {Kind: shape.String, Format: "date-time"},
	"date":     {Kind: shape.String, Format: "date"},
	"email":    {Kind: shape.String, Format: "email"},
	"integer":  {Kind: shape.Integer},
	"number":   {Kind: shape.Number},
	"boolean":  {Kind: shape.Boolean},
	"any":      {Kind: shape.Any},
}

// Money is the schema of the type money: a number, and the three letters of its
// currency.
func Money() shape.Schema {
	return shape.Schema{Kind: shape.Object, Fields: []shape.Field{
		{Name: "amount", Required: true, Schema: shape.Schema{Kind: shape.Number}},
		{Name: "currency", Required: true, Schema: shape.Schema{Kind: shape.String, Pattern: "^[A-Z]{3}$"}},
	}}
}

func (t *Type) schema() shape.Schema {
	var s shape.Schema
	switch t.Name {
	case "array":
		items := t.Elem.schema()
		s = shape.Schema{Kind: shape.Array, Items: &items}
	case "enum":
		s = shape.Schema{Kind: shape.String, Enum: t.Values}
	case "object":
		s = t.Fields.Schema()
	case "money":
		s = Money()
	default:
		s = simpleSchemas[t.Name]
	}
	s.Personal, s.Description = t.PII, t.About
	t.bounds(&s)
	return s
}

// bounds puts min, max and pattern where they belong: to the value of a number,
// to the length of a text or an array.
func (t *Type) bounds(s *shape.Schema) {
	low, high := bound(t.Min), bound(t.Max)
	switch s.Kind {
	case shape.Integer, shape.Number:
		s.Minimum, s.Maximum = low, high
	case shape.String:
		s.MinLength, s.MaxLength = length(low), length(high)
		if _, err := regexp.Compile(t.Pattern); err == nil {
			s.Pattern = t.Pattern
		}
	case shape.Array:
		s.MinItems, s.MaxItems = length(low), length(high)
	}
}

// bound is a bound as a number, nil if there is none or it is out of all range.
func bound(text string) *float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &f
}

const maxLength = 1 << 31 // of a text or an array

// length is a bound as a length, nil if it cannot be one.
func length(f *float64) *int64 {
	if f == nil || *f < 0 || *f > maxLength || *f != float64(int64(*f)) {
		return nil
	}
	n := int64(*f)
	return &n
}

// Fault is what is wrong with the short form of a schema.
type Fault struct {
	Path    string // below the event: data.seats
	Message string
}

// Faults returns bounds and patterns that make no sense, in the order of the
// fields.
func (d Data) Faults() []Fault { return d.faults("data") }

func (d Data) faults(path string) []Fault {
	var all []Fault
	for _, f := range d {
		all = append(all, f.Type.faults(path+"."+f.Name)...)
	}
	return all
}

func (t *Type) faults(path string) []Fault {
	var all []Fault
	add := func(message string) { all = append(all, Fault{path, message}) }
	s := t.schema()
	isLength := s.Kind == shape.String || s.Kind == shape.Array
	isNumber := s.Kind == shape.Integer || s.Kind == shape.Number
	low, high := bound(t.Min), bound(t.Max)
	switch {
	case (t.Min != "" || t.Max != "") && !isNumber && !isLength:
		add("min and max bound numbers and lengths, and a value of type " + t.Name + " has none")
	case isLength && (t.Min != "" && length(low) == nil || t.Max != "" && length(high) == nil):
		add("the bound of a length is a whole number from 0")
	case t.Min != "" && low == nil || t.Max != "" && high == nil:
		add("the bound is out of range")
	case low != nil && high != nil && *low > *high:
		add("min is larger than max")
	}
	if _, err := regexp.Compile(t.Pattern); err != nil {
		add("the pattern is not legal: " + err.Error())
	} else if t.Pattern != "" && s.Kind != shape.String {
		add("only texts have a pattern")
	}
	if t.Elem != nil {
		all = append(all, t.Elem.faults(path)...)
	}
	return append(all, t.Fields.faults(path)...)
}
