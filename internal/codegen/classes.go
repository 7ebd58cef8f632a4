package codegen

import (
	"reflect"
	"slices"
	"strings"

	"stormbus/internal/board"
	"stormbus/internal/schema"
)

// moneyClass is the class that all amounts of money share.
const moneyClass = "Money"

// class is a class of one JSON object.
type class struct {
	name   string
	event  *event // whose data it is; nil if it is part of one
	doc    string
	fields []classField
}

// classField is a field of a class.
type classField struct {
	name     string // in Python
	json     string
	kind     string // its type in Python, without None
	nullable bool
	required bool
	about    string
}

// annotation is the type of the field in a class whose fields are attributes.
func (f *classField) annotation() string {
	if (f.nullable || !f.required) && f.kind != anyType {
		return f.kind + " | None"
	}
	return f.kind
}

const anyType = "Any"

// classes collects the classes of a service's events: what is part of another
// one comes first.
type classes struct {
	names *names
	all   []class
	uses  map[string]bool // names that must be imported
	money bool
}

func classesOf(s *service) *classes {
	c := &classes{names: newNames(append([]string{moneyClass}, takenClasses...)...), uses: map[string]bool{}}
	for _, e := range s.knows {
		c.names.taken[strings.ToLower(e.class)] = true
	}
	for _, e := range s.knows {
		c.add(class{name: e.class, event: e}, e.data)
	}
	return c
}

// add adds a class for an object, after those of its parts.
func (c *classes) add(class class, s schema.Schema) {
	attributes := newNames()
	for _, f := range s.Fields {
		class.fields = append(class.fields, classField{
			name: attributes.give(fieldName(f.Name)), json: f.Name, kind: c.typeOf(f.Schema, class.name+className(f.Name)),
			nullable: f.Schema.Nullable, required: f.Required, about: f.Schema.Description,
		})
	}
	class.doc = s.Description
	c.all = append(c.all, class)
}

// typeOf is the Python type of the values of a schema, without None. nested is
// the name of the class that it needs, if it does.
func (c *classes) typeOf(s schema.Schema, nested string) string {
	switch s.Kind {
	case schema.String:
		if s.Enum == nil {
			return "str"
		}
		c.uses["Literal"] = true
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = pythonString(v)
		}
		return "Literal[" + strings.Join(values, ", ") + "]"
	case schema.Integer:
		return "int"
	case schema.Number:
		return "float"
	case schema.Boolean:
		return "bool"
	case schema.Array:
		item := c.typeOf(*s.Items, nested)
		if s.Items.Nullable && item != anyType {
			item += " | None"
		}
		return "list[" + item + "]"
	case schema.Object:
		return c.objectType(s, nested)
	}
	c.uses[anyType] = true
	return anyType
}

func (c *classes) objectType(s schema.Schema, nested string) string {
	if len(s.Fields) == 0 {
		c.uses[anyType] = true
		return "dict[str, Any]"
	}
	if reflect.DeepEqual(s.Fields, board.Money().Fields) {
		if !c.money {
			c.money = true
			c.add(class{name: moneyClass}, board.Money())
		}
		return moneyClass
	}
	name := c.names.give(nested)
	c.add(class{name: name}, s)
	return name
}

// docOf is what is said of a class, and of its fields.
func (c *class) docOf() (first string, more []string) {
	first = "A part of an event."
	switch {
	case c.event != nil:
		first = c.event.name + ", version " + itoa(c.event.version) + ", which " + orUnknown(c.event.service) + " sends."
	case c.name == moneyClass:
		first = "An amount of money: the currency has three letters."
	}
	if c.doc != "" {
		more = append(more, c.doc)
	}
	for _, f := range c.fields {
		if f.about != "" {
			more = append(more, f.name+": "+f.about)
		}
	}
	return first, more
}

func orUnknown(service string) string {
	if service == "" {
		return "somebody"
	}
	return service
}

// eventsSource is the module with the classes of a service's events.
func eventsSource(s *service) string {
	c := classesOf(s)
	out := &source{}
	out.docstring("", "The events that "+s.name+" sends and receives.")
	out.line("")
	out.line("from __future__ import annotations")
	switch s.models {
	case "pydantic":
		pydanticClasses(out, c)
	case "typeddict":
		typedDicts(out, c)
	default:
		dataclasses(out, c)
	}
	out.former(c.names, formerClasses(s.knows))
	return out.b.String()
}

// imports writes the import of those names of typing that are used.
func (c *classes) imports(out *source, more ...string) {
	used := slices.Clone(more)
	for name := range c.uses {
		used = append(used, name)
	}
	slices.Sort(used)
	if len(used) > 0 {
		out.line("from typing import %s", strings.Join(used, ", "))
	}
}

// bases writes the import of the base classes that are used.
func (c *classes) bases(out *source) {
	used := []string{}
	if slices.ContainsFunc(c.all, func(c class) bool { return c.event != nil }) {
		used = append(used, "Event")
	}
	if slices.ContainsFunc(c.all, func(c class) bool { return c.event == nil }) {
		used = append(used, "Model")
	}
	if len(used) > 0 {
		out.line("")
		out.line("from ._model import %s", strings.Join(used, ", "))
	}
}

// header writes the first lines of a class whose fields are attributes.
func (c *class) header(out *source) {
	base := "Model"
	if c.event != nil {
		base = "Event"
	}
	out.statement("class " + c.name + "(" + base + "):")
	first, more := c.docOf()
	out.docstring("    ", first, more...)
	if c.event != nil {
		out.line("")
		out.statement("    SOURCE: ClassVar[str] = " + pythonString(c.event.source))
		out.statement("    DETAIL_TYPE: ClassVar[str] = " + pythonString(c.event.name))
		out.line("    VERSION: ClassVar[int] = %d", c.event.version)
	}
	if len(c.fields) > 0 {
		out.line("")
	}
}

func dataclasses(out *source, c *classes) {
	renamed := slices.ContainsFunc(c.all, func(c class) bool {
		return slices.ContainsFunc(c.fields, func(f classField) bool { return f.name != f.json })
	})
	out.line("")
	if renamed {
		out.line("import dataclasses")
	}
	if len(c.all) > 0 {
		out.line("from dataclasses import dataclass")
	}
	c.imports(out, c.constants()...)
	c.bases(out)
	for _, one := range c.all {
		out.line("")
		out.line("")
		out.line("@dataclass(frozen=True, kw_only=True)")
		one.header(out)
		for _, f := range one.fields {
			text := "    " + f.name + ": " + f.annotation()
			switch {
			case f.name != f.json && f.required:
				text += " = dataclasses.field(metadata={\"name\": " + pythonString(f.json) + "})"
			case f.name != f.json:
				text += " = dataclasses.field(default=None, metadata={\"name\": " + pythonString(f.json) + "})"
			case !f.required:
				text += " = None"
			}
			out.statement(text)
		}
	}
}

// constants are the names that the constants of events need.
func (c *classes) constants() []string {
	if slices.ContainsFunc(c.all, func(c class) bool { return c.event != nil }) {
		return []string{"ClassVar"}
	}
	return nil
}

func pydanticClasses(out *source, c *classes) {
	renamed := slices.ContainsFunc(c.all, func(c class) bool {
		return slices.ContainsFunc(c.fields, func(f classField) bool { return f.name != f.json })
	})
	out.line("")
	c.imports(out, c.constants()...)
	if renamed {
		out.line("")
		out.line("from pydantic import Field")
	}
	c.bases(out)
	for _, one := range c.all {
		out.line("")
		out.line("")
		one.header(out)
		for _, f := range one.fields {
			start := "    " + f.name + ": " + f.annotation()
			switch {
			case f.name != f.json:
				// An alias alone would be the argument's name, and that may be
				// no name of Python.
				alias := pythonString(f.json)
				args := []string{"validation_alias=" + alias, "serialization_alias=" + alias}
				if !f.required {
					args = append([]string{"default=None"}, args...)
				}
				out.call("    ", strings.TrimPrefix(start, "    ")+" = Field", args...)
			case !f.required:
				out.statement(start + " = None")
			default:
				out.statement(start)
			}
		}
	}
}

// typedDicts writes dictionaries. Their keys are those of the JSON, which may be
// no names of Python, so that they stand in a call.
func typedDicts(out *source, c *classes) {
	out.line("")
	if len(c.all) > 0 {
		c.imports(out, "TypedDict")
	}
	for i, one := range c.all {
		if i > 0 {
			out.line("")
		}
		parts := []string{}
		for _, required := range []bool{true, false} {
			name := "_" + one.name + "Required"
			end := ")"
			if !required {
				name, end = "_"+one.name+"Optional", "    total=False,\n)"
			}
			if lines := one.keys(required); len(lines) > 0 || required {
				parts = append(parts, name)
				out.line("")
				out.typedDict(name, lines, end)
			}
		}
		out.line("")
		out.line("")
		out.statement("class " + one.name + "(" + strings.Join(parts, ", ") + "):")
		first, more := one.docOf()
		if e := one.event; e != nil {
			more = append([]string{"Its source is " + e.source + " and its detail-type " + e.name + "."}, more...)
		}
		out.docstring("    ", first, more...)
	}
}

func (c *class) keys(required bool) []string {
	var lines []string
	for _, f := range c.fields {
		if f.required != required {
			continue
		}
		kind := f.kind
		if f.nullable && kind != anyType {
			kind += " | None"
		}
		lines = append(lines, "        "+pythonString(f.json)+": "+kind+",")
	}
	return lines
}

func (s *source) typedDict(name string, keys []string, end string) {
	lines := []string{name + " = TypedDict(", "    " + pythonString(name) + ","}
	if len(keys) == 0 {
		lines = append(lines, "    {},")
	} else {
		lines = append(append(append(lines, "    {"), keys...), "    },")
	}
	s.statement(append(lines, strings.Split(end, "\n")...)...)
}
