package wire

import (
	"fmt"
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
	kind   shape.Kind
	fields []field        // of a structure
	body   map[string]int // its fields that are in the body, by wire name
	// payload is the field that is the whole body, or nil.
	payload *field
	elem    *plan // of a list's elements, a map's values
	key     *plan // of a map's keys
	rule    *rule // what a value must satisfy, or nil
	rules   bool  // whether there is any rule in it or below
}

// field is one member of a structure.
type field struct {
	member *shape.Member
	index  int    // of the Go field
	name   string // on the wire
	bean   string // in messages
	plan   *plan
	format string // of a timestamp; empty means the protocol's default
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	bytesType = reflect.TypeFor[[]byte]()
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
	if !matches(s.Kind, t) {
		return nil, fmt.Errorf("type %s cannot hold shape %s of %s", t, name, p.model.Name)
	}
	made := &plan{shape: s, kind: s.Kind, rule: p.ruleOf(s)}
	p.done[key] = made
	var err error
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

// matches reports whether t can hold values of kind k.
func matches(k shape.Kind, t reflect.Type) bool {
	switch k {
	case shape.Structure:
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
		return t == bytesType
	}
	return false
}

func (p *planner) structure(made *plan, t reflect.Type) error {
	s := made.shape
	made.fields = make([]field, len(s.Members))
	made.body = make(map[string]int, len(s.Members))
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
		made.fields[i] = field{
			member: m, index: f.Index[0], name: m.Wire(), bean: beanName(m.Name), plan: plan, format: format,
		}
		if m.Location == shape.Headers {
			made.fields[i].name = m.WireName // a prefix, which may be empty
		}
		switch {
		case m.Name == s.Payload:
			made.payload = &made.fields[i]
		case m.Location == shape.Body:
			made.body[m.Wire()] = i
		}
	}
	return nil
}

// pointed reports whether a member of this shape is a pointer in Go.
func (p *plan) pointed() bool {
	return p.kind != shape.List && p.kind != shape.Map && p.kind != shape.Blob
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
