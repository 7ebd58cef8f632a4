package transform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// template is text with placeholders, such as <name>.
type template struct {
	isText bool // a quoted text, as opposed to JSON
	parts  []part
	paths  map[string]path
}

// part is literal text and the placeholder behind it.
type part struct {
	text        string
	placeholder string // empty at the end of the template
	quoted      bool   // the placeholder stands between quotation marks
}

// newTemplate splits a template at its placeholders. It returns the first one
// that stands for nothing.
func newTemplate(c Transformer) (t *template, unknown string) {
	t = &template{
		isText: strings.HasPrefix(strings.TrimLeft(c.InputTemplate, " \t\r\n"), `"`),
		paths:  map[string]path{},
	}
	for name, text := range c.InputPathsMap {
		t.paths[name] = parsePath(text)
	}
	text, quoted, start := c.InputTemplate, false, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case '<':
			name, ok := placeholder(text[i+1:])
			if !ok {
				continue
			}
			if _, mapped := t.paths[name]; !mapped && !isReserved(name) {
				return nil, name
			}
			t.parts = append(t.parts, part{text: text[start:i], placeholder: name, quoted: quoted})
			i += len(name) + 1
			start = i + 1
		}
	}
	t.parts = append(t.parts, part{text: text[start:]})
	return t, ""
}

// placeholder returns the name at the beginning of s, up to a closing angle
// bracket. Any other text in angle brackets is just text.
func placeholder(s string) (string, bool) {
	name, _, ok := strings.Cut(s, ">")
	if !ok || name == "" {
		return "", false
	}
	for _, c := range []byte(name) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '.' && c != '-' && c != '_' {
			return "", false
		}
	}
	return name, true
}

// fill puts the values of one event into the template.
func (t *template) fill(event []byte, vars Vars) ([]byte, error) {
	var out bytes.Buffer
	values := map[string]json.RawMessage{}
	for _, p := range t.parts {
		out.WriteString(p.text)
		if p.placeholder == "" {
			continue
		}
		v, ok := values[p.placeholder]
		if !ok {
			v = t.value(p.placeholder, event, vars)
			values[p.placeholder] = v
		}
		if err := t.put(&out, p, v); err != nil {
			return nil, err
		}
	}
	if t.isText {
		return out.Bytes(), nil
	}
	if !json.Valid(out.Bytes()) {
		return nil, fmt.Errorf("%w: the template did not become JSON", ErrNotDelivered)
	}
	return compact(out.Bytes())
}

// value returns what a placeholder stands for, nil if that is missing.
func (t *template) value(name string, event []byte, vars Vars) json.RawMessage {
	if isReserved(name) {
		return reservedValue(name, event, vars)
	}
	p := t.paths[name]
	return p.find(event)
}

// put writes one value.
func (t *template) put(out *bytes.Buffer, p part, v json.RawMessage) error {
	isContainer := len(v) > 0 && (v[0] == '{' || v[0] == '[')
	switch {
	case t.isText && isContainer:
		small, err := compact(v)
		if err != nil {
			return err
		}
		out.Write(bytes.ReplaceAll(small, []byte{'"'}, nil))
	case isContainer && p.quoted:
		return fmt.Errorf("%w: <%s> is an object or a list between quotation marks", ErrNotDelivered, p.placeholder)
	case t.isText || p.quoted:
		putBare(out, v)
	case v == nil:
		out.WriteString(`""`)
	default:
		out.Write(v)
	}
	return nil
}

// putBare writes a scalar as it is: a string without its quotation marks and
// with its escapes resolved, a missing value as nothing.
func putBare(out *bytes.Buffer, v json.RawMessage) {
	if len(v) > 0 && v[0] == '"' {
		out.WriteString(unquote(v))
		return
	}
	out.Write(v)
}
