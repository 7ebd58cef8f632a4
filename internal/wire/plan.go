package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"stormbus/internal/shape"
)

// plan says how values of one Go type are read, checked and written: a shape of
// the model and the type, walked through side by side once. Plans are shared
// and never change after they are made. A plan of a recursive shape points to
// itself.
type plan struct {
	shape  *shape.Shape
	kind   shape.Kind     // that of the shape, or one of those below
	fields []field        // of a structure
	body   map[string]int // its fields that are in the body, by wire name
	xml    map[string]int // its fields that are elements, by the elements' names
	// payload is the field that is the whole body, or nil.
	payload *field
	events  *field // the field that is an event stream, or nil
	elem    *plan  // of a list's elements, a map's values
	key     *plan  // of a map's keys
	rule    *rule  // what a value must satisfy, or nil
	rules   bool   // whether there is any rule in it or below
}

// Kinds of values that no protocol reads or writes as a part of something
// else: they are read and written while the operation runs.
const (
	reader      shape.Kind = 254 // a streaming blob: io.Reader
	eventStream shape.Kind = 255 // iter.Seq2[*T, error]; the plan's elem is of T
)

// field is one member of a structure.
type field struct {
	member  *shape.Member
	index   int    // of the Go field
	name    string // on the wire
	element string // in XML and in forms
	bean    string // in messages
	plan    *plan
	flat    bool   // a list or map without an element of its own in XML and forms
	format  string // of a timestamp; empty means the protocol's default
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	bytesType    = reflect.TypeFor[[]byte]()
	documentType = reflect.TypeFor[json.RawMessage]()
	readerType   = reflect.TypeFor[io.Reader]()
	errorType    = reflect.TypeFor[error]()
)

// planner makes the plans of one service.
type planner struct {
	model *shape.Service
	done  map[planKey]*plan
	rules map[*shape.Shape]*rule
}

type planKey struct {
	shape string
	typ   reflect.Type
}

func newPlanner(m *shape.Service) *planner {
	return &planner{model: m, done: map[planKey]*plan{}, rules: map[*shape.Shape]*rule{}}
}

// emptyPlan is of an input or output that the model does not have.
func emptyPlan() *plan {
	return &plan{shape: &shape.Shape{Kind: shape.Structure}, kind: shape.Structure}
}

// plan makes the plan for an input or output of type t.
func (p *planner) plan(name string, t reflect.Type) (*plan, error) {
	if name == "" {
		return emptyPlan(), nil
	}
	made, err := p.value(name, t)
	if err != nil {
		return nil, err
	}
	for _, m := range p.done {
		m.rules = m.hasRules(map[*plan]bool{})
	}
	return made, nil
}

// value makes the plan for values of type t, which is not a pointer.
func (p *planner) value(name string, t reflect.Type) (*plan, error) {
	key := planKey{name, t}
	if made, ok := p.done[key]; ok {
		return made, nil
	}
	s := p.model.Shape(name)
	if s == nil {
		return nil, fmt.Errorf("shape %s is not in the model of %s", name, p.model.Name)
	}
	if !matches(s, t) {
		return nil, fmt.Errorf("type %s cannot hold shape %s of %s", t, name, p.model.Name)
	}
	made := &plan{shape: s, kind: s.Kind, rule: p.ruleOf(s)}
	p.done[key] = made
	var err error
	switch {
	case t == readerType:
		made.kind, made.rule = reader, nil
		return made, nil
	case t.Kind() == reflect.Func:
		made.kind = eventStream
		made.elem, err = p.value(name, eventType(t))
		return made, err
	}
	switch s.Kind {
	case shape.Structure:
		err = p.structure(made, t)
	case shape.List:
		made.elem, err = p.value(s.Elem, t.Elem())
	case shape.Map:
		if made.key, err = p.value(s.Key, t.Key()); err == nil {
			made.elem, err = p.value(s.Elem, t.Elem())
		}
	}
	return made, err
}

// eventType returns T of the type iter.Seq2[*T, error], or nil if t is another
// type.
func eventType(t reflect.Type) reflect.Type {
	if t.Kind() != reflect.Func || t.NumIn() != 1 || t.NumOut() != 0 {
		return nil
	}
	yield := t.In(0)
	if yield.Kind() != reflect.Func || yield.NumIn() != 2 || yield.In(1) != errorType || yield.In(0).Kind() != reflect.Pointer {
		return nil
	}
	return yield.In(0).Elem()
}

// matches reports whether t can hold values of shape s.
func matches(s *shape.Shape, t reflect.Type) bool {
	switch s.Kind {
	case shape.Structure:
		if s.EventStream && eventType(t) != nil {
			return true
		}
		return t.Kind() == reflect.Struct && t != timeType
	case shape.List:
		return t.Kind() == reflect.Slice && t != bytesType
	case shape.Map:
		return t.Kind() == reflect.Map && t.Key().Kind() == reflect.String
	case shape.String:
		return t.Kind() == reflect.String
	case shape.Integer, shape.Long:
		return t.Kind() == reflect.Int64
	case shape.Float, shape.Double:
		return t.Kind() == reflect.Float64
	case shape.Boolean:
		return t.Kind() == reflect.Bool
	case shape.Timestamp:
		return t == timeType
	case shape.Blob:
		return t == bytesType || t == readerType
	case shape.Document:
		return t == documentType
	}
	return false
}

func (p *planner) structure(made *plan, t reflect.Type) error {
	s := made.shape
	made.fields = make([]field, len(s.Members))
	made.body, made.xml = make(map[string]int, len(s.Members)), make(map[string]int, len(s.Members))
	for i := range s.Members {
		m := &s.Members[i]
		goName := strings.ToUpper(m.Name[:1]) + m.Name[1:]
		f, ok := t.FieldByName(goName)
		if !ok {
			return fmt.Errorf("type %s has no field for member %s of shape %s", t, m.Name, s.Name)
		}
		typ := f.Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		plan, err := p.value(m.Shape, typ)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", s.Name, m.Name, err)
		}
		if isPointer := f.Type.Kind() == reflect.Pointer; isPointer != plan.pointed() {
			return fmt.Errorf("type %s cannot hold member %s of shape %s", f.Type, m.Name, s.Name)
		}
		format := m.TimestampFormat
		if format == "" {
			format = plan.shape.TimestampFormat
		}
		flat := m.Flattened || plan.shape.Flattened
		made.fields[i] = field{
			member: m, index: f.Index[0], name: m.Wire(), element: elementName(m, plan, flat), bean: beanName(m.Name),
			plan: plan, flat: flat, format: format,
		}
		if m.Location == shape.Headers {
			made.fields[i].name = m.WireName // a prefix, which may be empty
		}
		if plan.kind == eventStream {
			made.events = &made.fields[i]
		}
		switch {
		case m.Name == s.Payload:
			made.payload = &made.fields[i]
		case m.Location == shape.Body:
			made.body[m.Wire()] = i
			made.xml[localName(made.fields[i].element)] = i
		}
	}
	return nil
}

// pointed reports whether a member of this shape is a pointer in Go.
func (p *plan) pointed() bool {
	switch p.kind {
	case shape.List, shape.Map, shape.Blob, shape.Document, reader, eventStream:
		return false
	}
	return true
}

// elementName is the name of a member in XML and forms. The elements of a
// flattened list may have a name of their own, which then replaces the list's.
func elementName(m *shape.Member, p *plan, flat bool) string {
	switch {
	case m.QueryName != "":
		return m.QueryName
	case flat && p.kind == shape.List && p.shape.ElemName != "":
		return p.shape.ElemName
	}
	return m.Wire()
}

// localName is a name of XML without its prefix.
func localName(name string) string {
	if colon := strings.LastIndexByte(name, ':'); colon >= 0 {
		return name[colon+1:]
	}
	return name
}

// hasRules reports whether anything must hold for values of p.
func (p *plan) hasRules(seen map[*plan]bool) bool {
	if p == nil || seen[p] {
		return false
	}
	seen[p] = true
	if p.rule != nil || p.elem.hasRules(seen) || p.key.hasRules(seen) {
		return true
	}
	for i := range p.fields {
		if p.fields[i].member.Required || p.fields[i].plan.hasRules(seen) {
			return true
		}
	}
	return false
}

// beanName is the name of a member in AWS's messages.
func beanName(member string) string {
	return strings.ToLower(member[:1]) + member[1:]
}
