package wire

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"stormbus/internal/shape"
)

// form is a form by its names, in order, so that everything below a name can be
// found.
type form struct {
	values url.Values
	names  []string
}

func newForm(values url.Values) form {
	f := form{values: values, names: make([]string, 0, len(values))}
	for name := range values {
		f.names = append(f.names, name)
	}
	slices.Sort(f.names)
	return f
}

// below returns the names that begin with prefix.
func (f form) below(prefix string) []string {
	from, _ := slices.BinarySearch(f.names, prefix)
	to := from
	for to < len(f.names) && strings.HasPrefix(f.names[to], prefix) {
		to++
	}
	return f.names[from:to]
}

// indexes returns the numbers that follow prefix, in order. Clients count from
// one without gaps; a gap is closed.
func (f form) indexes(prefix string) []string {
	var numbers []int
	for _, name := range f.below(prefix) {
		text, _, _ := strings.Cut(name[len(prefix):], ".")
		if n, err := strconv.Atoi(text); err == nil && n >= 0 && strconv.Itoa(n) == text {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return texts
}

// structure reads the members of v, whose names begin with prefix.
func (f form) structure(p *plan, v reflect.Value, prefix string, depth int) error {
	if depth > maxDepth {
		return malformedInput("the parameters are nested too deeply")
	}
	for i := range p.fields {
		m := &p.fields[i]
		if err := f.value(m.plan, v.Field(m.index), prefix+m.element, m.flat, depth); err != nil {
			return err
		}
	}
	return nil
}

// value reads the value called name, if it is there. A flat list or map has its
// elements directly below its name.
func (f form) value(p *plan, v reflect.Value, name string, flat bool, depth int) error {
	switch p.kind {
	case shape.Structure:
		if len(f.below(name+".")) == 0 {
			return nil
		}
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		return f.structure(p, v, name+".", depth+1)
	case shape.List:
		items := name
		if !flat {
			items += "." + elemName(p)
		}
		return f.list(p, v, items, name, depth+1)
	case shape.Map:
		if !flat {
			name += ".entry"
		}
		return f.mapping(p, v, name, depth+1)
	}
	text, ok := f.values[name]
	if !ok {
		return nil
	}
	if !setText(p, v, text[0]) {
		return malformedInput("%s must be of type %s", name, kindName(p.kind))
	}
	return nil
}

// list reads the list that is called whole, and whose elements are below name.
func (f form) list(p *plan, v reflect.Value, name, whole string, depth int) error {
	indexes := f.indexes(name + ".")
	if text, ok := f.values[whole]; len(indexes) == 0 && (!ok || text[0] != "") {
		return nil // absent; "name=" is an empty list
	}
	v.Set(reflect.MakeSlice(v.Type(), len(indexes), len(indexes)))
	for i, index := range indexes {
		if err := f.value(p.elem, v.Index(i), name+"."+index, false, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f form) mapping(p *plan, v reflect.Value, name string, depth int) error {
	indexes := f.indexes(name + ".")
	if len(indexes) == 0 {
		return nil
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, index := range indexes {
		at := name + "." + index + "."
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := f.value(p.elem, elem, at+valueName(p), false, depth); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(f.values.Get(at+keyName(p))), elem)
	}
	return nil
}

func elemName(p *plan) string  { return nameOr(p.shape.ElemName, "member") }
func keyName(p *plan) string   { return nameOr(p.shape.KeyName, "key") }
func valueName(p *plan) string { return nameOr(p.shape.ElemName, "value") }

func nameOr(name, otherwise string) string {
	if name != "" {
		return name
	}
	return otherwise
}

// malformedInput is the query protocol's error for parameters that cannot be
// read.
func malformedInput(format string, args ...any) error {
	return commonError(http.StatusBadRequest, "MalformedInput", format, args...)
}
