package schema

import (
	"bytes"
	"encoding/json"
)

// dialect is a way to write a schema.
type dialect int

const (
	draft4   dialect = iota
	openAPI3         // null is a value by "nullable"
)

// JSONSchema returns the schema as JSON Schema, draft 4, which is what AWS's
// schema registry knows. The same schema gives the same bytes, and [Parse] reads
// it back.
func (s Schema) JSONSchema() []byte {
	document := newRecord().put("$schema", "http://json-schema.org/draft-04/schema#")
	document.members = append(document.members, s.record(draft4).members...)
	return document.indented()
}

// record is the schema as an object.
func (s Schema) record(d dialect) *record {
	r := newRecord()
	switch {
	case s.Kind == Any:
	case s.Nullable && d == draft4:
		r.put("type", []string{string(s.Kind), "null"})
	default:
		r.put("type", s.Kind)
		if s.Nullable {
			r.put("nullable", true)
		}
	}
	if s.Description != "" {
		r.put("description", s.Description)
	}
	if s.Personal {
		r.put("x-pii", true)
	}
	s.putRules(r)
	if s.Kind == Array {
		r.put("items", s.Items.record(d))
	}
	s.putFields(r, d)
	return r
}

func (s Schema) putRules(r *record) {
	if s.Format != "" {
		r.put("format", s.Format)
	}
	if s.Enum != nil {
		values := []any{}
		for _, v := range s.Enum {
			values = append(values, v)
		}
		if s.Nullable {
			values = append(values, nil)
		}
		r.put("enum", values)
	}
	if s.Pattern != "" {
		r.put("pattern", s.Pattern)
	}
	for _, b := range []struct {
		name  string
		value *int64
	}{{"minLength", s.MinLength}, {"maxLength", s.MaxLength}, {"minItems", s.MinItems}, {"maxItems", s.MaxItems}} {
		if b.value != nil {
			r.put(b.name, *b.value)
		}
	}
	if s.Minimum != nil {
		r.put("minimum", *s.Minimum)
	}
	if s.Maximum != nil {
		r.put("maximum", *s.Maximum)
	}
}

func (s Schema) putFields(r *record, d dialect) {
	if s.Kind != Object || len(s.Fields) == 0 {
		return
	}
	required := []string{}
	properties := newRecord()
	for _, f := range s.Fields {
		properties.put(f.Name, f.Schema.record(d))
		if f.Required {
			required = append(required, f.Name)
		}
	}
	if len(required) > 0 { // draft 4 forbids an empty list
		r.put("required", required)
	}
	r.put("properties", properties)
}

// record is a JSON object whose members keep their order.
type record struct{ members []recordMember }

type recordMember struct {
	name  string
	value any
}

func newRecord() *record { return &record{} }

func (r *record) put(name string, value any) *record {
	r.members = append(r.members, recordMember{name, value})
	return r
}

// MarshalJSON writes the members in their order.
func (r *record) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range r.members {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.name, m.value} {
			if j == 1 {
				b.WriteByte(':')
			}
			text, err := marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal is json.Marshal that leaves <, > and & as they are.
func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func (r *record) indented() []byte {
	text, err := r.MarshalJSON()
	var b bytes.Buffer
	if err == nil {
		err = json.Indent(&b, text, "", "  ")
	}
	if err != nil {
		panic(err) // texts, numbers and lists of them can be marshalled
	}
	b.WriteByte('\n')
	return b.Bytes()
}
