package wire

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"stormbus/internal/shape"
)

// The number of violations that are told. A small body can break more rules
// than its size would suggest, and each is a sentence.
const maxViolations = 100

// The bytes of values that are printed into one answer. AWS prints values whole;
// a value that would make the answer larger than this is left out of it.
const maxPrinted = 1 << 20

// validate checks v, the input of an operation, against the model. Found are
// violations that were seen while decoding.
func validate(m *shape.Service, p *plan, v reflect.Value, found []string) *Error {
	c := &checker{found: found}
	switch {
	case m.Lenient && m.Protocol == shape.RestXML:
		return c.present(p, v)
	case m.Lenient:
		return c.lenient(p, v, "")
	}
	if p.rules {
		c.children(p, v)
	}
	if len(c.found) == 0 {
		return nil
	}
	noun := "errors"
	if len(c.found) == 1 {
		noun = "error"
	}
	message := fmt.Sprintf("%d validation %s detected: %s", len(c.found), noun, strings.Join(c.found, "; "))
	return commonError(http.StatusBadRequest, m.ValidationError, "%s", message)
}

// checker collects violations.
type checker struct {
	found   []string
	path    []byte
	printed int // bytes of values in found
}

// addViolation appends a violation, unless there are too many already. The
// value is as it is printed, with quotes; it is empty if it must not be told.
func addViolation(found []string, value, path, constraint string) []string {
	if len(found) >= maxViolations {
		return found
	}
	if value != "" {
		value += " "
	}
	return append(found, "Value "+value+"at '"+path+"' failed to satisfy constraint: "+constraint)
}

func appendStep(path []byte, name string) []byte {
	if len(path) > 0 {
		path = append(path, '.')
	}
	return append(path, name...)
}

func appendIndex(path []byte, n int) []byte {
	path = strconv.AppendInt(append(path, '.'), int64(n), 10)
	return append(path, ".member"...)
}

func appendKey(path []byte, key string) []byte {
	return append(append(append(path, '.'), key...), ".member"...)
}

func (c *checker) add(p *plan, v reflect.Value, constraint string) {
	if len(c.found) >= maxViolations {
		return // do not print a value for nothing
	}
	value := ""
	if !p.sensitive() {
		if text := appendJava(nil, p, v); c.printed+len(text) <= maxPrinted {
			c.printed += len(text)
			value = "'" + string(text) + "'"
		}
	}
	c.found = addViolation(c.found, value, string(c.path), constraint)
}

// value checks v itself and what is in it.
func (c *checker) value(p *plan, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if p.rule != nil {
		for _, constraint := range p.rule.broken(v) {
			c.add(p, v, constraint)
		}
	}
	c.children(p, v)
}

// children checks what is in v.
func (c *checker) children(p *plan, v reflect.Value) {
	back := len(c.path)
	switch p.kind {
	case shape.Structure:
		for i := range p.fields {
			f := &p.fields[i]
			c.path = appendStep(c.path, f.bean)
			if fv := v.Field(f.index); !fv.IsNil() {
				if f.plan.rules {
					c.value(f.plan, fv)
				}
			} else if f.member.Required {
				c.found = addViolation(c.found, "null", string(c.path), notNull)
			}
			c.path = c.path[:back]
		}
	case shape.List:
		if !p.elem.rules {
			return
		}
		c.elements(p, v)
		for i := range v.Len() {
			c.path = appendIndex(c.path, i+1)
			c.children(p.elem, v.Index(i))
			c.path = c.path[:back]
		}
	case shape.Map:
		if p.elem.rules || p.key.rules {
			c.entries(p, v)
		}
	}
}

// elements checks the elements of a list against their own rule. AWS tells the
// whole list and the whole rule, not which element breaks what.
func (c *checker) elements(p *plan, v reflect.Value) {
	if p.elem.rule == nil {
		return
	}
	for i := range v.Len() {
		if len(p.elem.rule.broken(v.Index(i))) > 0 {
			c.add(p, v, "Member must satisfy constraint: "+p.elem.rule.texts())
			return
		}
	}
}

// entries checks the keys and the values of a map.
func (c *checker) entries(p *plan, v reflect.Value) {
	keysBad, valuesBad := false, false
	keys := sortedKeys(v)
	for _, key := range keys {
		if p.key.rule != nil && len(p.key.rule.broken(reflect.ValueOf(key))) > 0 {
			keysBad = true
		}
		if p.elem.rule != nil && len(p.elem.rule.broken(mapElem(v, key))) > 0 {
			valuesBad = true
		}
	}
	if keysBad {
		c.add(p, v, "Map keys must satisfy constraint: "+p.key.rule.texts())
	}
	if valuesBad {
		c.add(p, v, "Map value must satisfy constraint: "+p.elem.rule.texts())
	}
	if p.elem.kind != shape.Structure && p.elem.kind != shape.List && p.elem.kind != shape.Map {
		return
	}
	back := len(c.path)
	for _, key := range keys {
		c.path = appendKey(c.path, key)
		c.children(p.elem, mapElem(v, key))
		c.path = c.path[:back]
	}
}

// present checks only that required members are there, and tells the first that
// is not as S3 does.
func (c *checker) present(p *plan, v reflect.Value) *Error {
	for i := range p.fields {
		f := &p.fields[i]
		if !f.member.Required || !v.Field(f.index).IsNil() {
			continue
		}
		if f == p.payload {
			return commonError(http.StatusBadRequest, "MissingRequestBodyError", "Request Body is empty")
		}
		return commonError(http.StatusBadRequest, "InvalidRequest", "Missing required parameter for this request: '%s'", f.name)
	}
	return nil
}

// lenient checks only that required parameters are there, and tells the first
// that is not, by the name it has in a form. Prefix is "" or ends with a dot.
func (c *checker) lenient(p *plan, v reflect.Value, prefix string) *Error {
	if len(c.found) > 0 {
		return commonError(http.StatusBadRequest, "SerializationException", "%s", c.found[0])
	}
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		isBatch := f.plan.kind == shape.List && f.plan.elem.kind == shape.Structure
		empty := fv.IsNil() || f.plan.kind == shape.String && prefix == "" && fv.Elem().Len() == 0
		if f.member.Required && empty && !isBatch {
			e := Errorf("MissingRequiredParameterException", "The request must contain the parameter %s.", prefix+f.name)
			e.QueryCode = "MissingParameter"
			return e
		}
		if !isBatch {
			continue
		}
		for n := range fv.Len() {
			if c.lenient(f.plan.elem, fv.Index(n), ".") == nil {
				continue // no name is made for nothing
			}
			step := fmt.Sprintf("%s.%d.", f.plan.elem.shape.Name, n+1)
			return c.lenient(f.plan.elem, fv.Index(n), prefix+step)
		}
	}
	return nil
}
