package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxSchemas is how many schemas a document may unfold to: each use of a
// definition counts.
const maxSchemas = 20_000

// Parse reads a JSON Schema (draft 4 to 2020-12), or an OpenAPI 3 document as
// a schema registry writes it: then the result is the schema of the event's
// detail. name is for messages only. What a [Schema] cannot hold is an error,
// a [*Fault]; nothing is left out but what says nothing about values, such as
// titles and defaults.
func Parse(name string, document []byte) (Schema, error) {
	root, err := readTree(document)
	var s Schema
	if err == nil {
		p := &parser{root: root}
		if root.get("openapi") != nil {
			s, err = p.openAPI()
		} else {
			s, err = p.schema(root)
		}
	}
	if f := (*Fault)(nil); errors.As(err, &f) {
		f.Document = name
	}
	return s, err
}

type parser struct {
	root *node
	made int      // schemas so far
	open []string // pointers that are being followed, to find circles
	deep int
}

// notes are keywords that say nothing about which values are valid.
var notes = []string{
	"$schema", "$id", "id", "$anchor", "$comment", "$vocabulary", "title", "description", "default", "example", "examples",
	"deprecated", "readOnly", "writeOnly", "xml", "externalDocs", "definitions", "$defs", "x-pii", "type", "nullable",
}

// byKind are the keywords that say something about values of one kind.
var byKind = map[Kind][]string{
	String:  {"enum", "const", "format", "pattern", "minLength", "maxLength"},
	Integer: {"format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	Number:  {"format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	Array:   {"items", "minItems", "maxItems", "uniqueItems"},
	Object:  {"properties", "required", "additionalProperties"},
}

func (p *parser) schema(n *node) (Schema, error) {
	p.made++
	p.deep++
	defer func() { p.deep-- }()
	switch {
	case p.made > maxSchemas || p.deep > maxDepth:
		return Schema{}, n.wrong("the document unfolds to too many schemas")
	case n.value == true:
		return Schema{Kind: Any}, nil
	case n.value == false:
		return Schema{}, n.wrong("a schema that no value satisfies cannot be held")
	case n.value != isObject:
		return Schema{}, n.wrong("this is no schema: a schema is an object")
	}
	if ref := n.get("$ref"); ref != nil {
		return p.reference(n, ref)
	}
	if s, ok, err := p.orNull(n); ok || err != nil {
		return s, err
	}
	s, err := p.kindOf(n)
	if err != nil {
		return Schema{}, err
	}
	return s, p.keywords(n, &s)
}

// reference follows a $ref within the document. What stands beside it is
// ignored up to draft 7 and in OpenAPI; later drafts add it, so that only notes
// may.
func (p *parser) reference(n, ref *node) (Schema, error) {
	for _, m := range n.members {
		if m.name != "$ref" && !isNote(m.name) || m.name == "type" || m.name == "nullable" {
			return Schema{}, m.value.wrong("%s beside $ref cannot be held; put it into the schema that $ref names", m.name)
		}
	}
	target, err := p.find(ref)
	if err != nil {
		return Schema{}, err
	}
	if slices.Contains(p.open, target.pointer) {
		return Schema{}, ref.wrong("the schema contains itself, which cannot be held")
	}
	p.open = append(p.open, target.pointer)
	s, err := p.schema(target)
	p.open = p.open[:len(p.open)-1]
	if err == nil {
		err = p.remarks(n, &s)
	}
	return s, err
}

// find returns what a $ref names.
func (p *parser) find(ref *node) (*node, error) {
	text, ok := ref.value.(string)
	pointer, local := strings.CutPrefix(text, "#")
	if !ok || !local {
		return nil, ref.wrong("$ref %v leads out of the document; copy what it names into definitions", ref.value)
	}
	at := p.root
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		next := at.get(token)
		if i, err := strconv.Atoi(token); err == nil && at.value == isArray && i >= 0 && i < len(at.items) {
			next = at.items[i]
		}
		if next == nil {
			return nil, ref.wrong("$ref %s names nothing in the document", text)
		}
		at = next
	}
	return at, nil
}

// orNull reads the two alternatives "a schema, or null", which is how some
// programs write nullable.
func (p *parser) orNull(n *node) (Schema, bool, error) {
	for _, word := range []string{"anyOf", "oneOf"} {
		of := n.get(word)
		if of == nil || len(of.items) != 2 {
			continue
		}
		isNull := func(s *node) bool {
			t := s.get("type")
			return t != nil && t.value == "null" && len(s.members) == 1
		}
		i := slices.IndexFunc(of.items, isNull)
		if i < 0 {
			continue
		}
		for _, m := range n.members {
			if m.name != word && !isNote(m.name) || m.name == "type" || m.name == "nullable" {
				return Schema{}, false, m.value.wrong("%s beside %s cannot be held", m.name, word)
			}
		}
		s, err := p.schema(of.items[1-i])
		if err == nil {
			err = p.remarks(n, &s)
		}
		s.Nullable = s.Kind != Any
		return s, true, err
	}
	return Schema{}, false, nil
}

func isNote(word string) bool { return slices.Contains(notes, word) || strings.HasPrefix(word, "x-") }

// kindOf reads type and nullable.
func (p *parser) kindOf(n *node) (Schema, error) {
	var s Schema
	t := n.get("type")
	var types []*node
	switch {
	case t == nil:
		return p.untyped(n)
	case t.value == isArray:
		types = t.items
	default:
		types = []*node{t}
	}
	for _, one := range types {
		kind := Kind(fmt.Sprint(one.value))
		switch {
		case kind == "null":
			s.Nullable = true
		case !slices.Contains([]Kind{String, Integer, Number, Boolean, Array, Object}, kind):
			return s, one.wrong("there is no type %v", one.value)
		case s.Kind != "":
			return s, t.wrong("a value of several types cannot be held, except with null")
		default:
			s.Kind = kind
		}
	}
	if s.Kind == "" {
		return s, t.wrong("a value that is always null cannot be held")
	}
	if null := n.get("nullable"); null != nil && null.value == true {
		s.Nullable = true
	}
	return s, nil
}

// untyped is a schema without a type: of anything, or an enum of texts, which
// says its type by itself.
func (p *parser) untyped(n *node) (Schema, error) {
	s := Schema{Kind: Any}
	for _, word := range []string{"enum", "const"} {
		values := n.get(word)
		if values == nil {
			continue
		}
		if word == "const" {
			values = &node{items: []*node{values}}
		}
		s.Kind = String
		for _, v := range values.items {
			if v.value == nil {
				s.Nullable = true
			}
		}
	}
	return s, nil
}

// keywords reads what else a schema says.
func (p *parser) keywords(n *node, s *Schema) error {
	known := byKind[s.Kind]
	for _, m := range n.members {
		if slices.Contains(known, m.name) {
			if err := p.keyword(m.name, m.value, s); err != nil {
				return err
			}
			continue
		}
		if !isNote(m.name) {
			return m.value.wrong("%s", cannotHold(m.name, s.Kind))
		}
	}
	if s.Kind == Array && s.Items == nil {
		s.Items = &Schema{Kind: Any}
	}
	return p.remarks(n, s)
}

func cannotHold(word string, kind Kind) string {
	for other, words := range byKind {
		if slices.Contains(words, word) && kind == Any {
			return fmt.Sprintf("%s without a type cannot be held; say its type", word)
		}
		if slices.Contains(words, word) && other != kind {
			return fmt.Sprintf("%s says nothing about a value of type %s; remove it", word, kind)
		}
	}
	return word + " cannot be held in an event's schema; remove it"
}

// remarks reads what says nothing about values but is kept.
func (p *parser) remarks(n *node, s *Schema) error {
	if about := n.get("description"); about != nil {
		text, ok := about.value.(string)
		if !ok {
			return about.wrong("a description is a text")
		}
		s.Description = text
	}
	if pii := n.get("x-pii"); pii != nil {
		s.Personal = pii.value == true
	}
	return nil
}

func (p *parser) keyword(word string, n *node, s *Schema) (err error) {
	switch word {
	case "enum":
		return p.enum(n, n.items, s)
	case "const":
		return p.enum(n, []*node{n}, s)
	case "format":
		return p.format(n, s)
	case "pattern":
		return p.pattern(n, s)
	case "minLength":
		s.MinLength, err = count(n)
	case "maxLength":
		s.MaxLength, err = count(n)
	case "minItems":
		s.MinItems, err = count(n)
	case "maxItems":
		s.MaxItems, err = count(n)
	case "minimum":
		s.Minimum, err = bound(n)
	case "maximum":
		s.Maximum, err = bound(n)
	case "items":
		var items Schema
		items, err = p.schema(n)
		s.Items = &items
	case "properties", "required":
		err = p.fields(word, n, s)
	case "exclusiveMinimum", "exclusiveMaximum", "uniqueItems":
		if n.value != false {
			err = n.wrong("%s cannot be held; remove it, or write an inclusive bound", word)
		}
	case "additionalProperties":
		if n.value != true && (n.value != isObject || len(n.members) > 0) {
			err = n.wrong("additionalProperties cannot be held: other fields are always allowed, so that events can grow; remove it")
		}
	}
	return err
}

func (p *parser) enum(n *node, values []*node, s *Schema) error {
	s.Enum = []string{}
	for _, v := range values {
		text, ok := v.value.(string)
		switch {
		case v.value == nil && s.Nullable:
			continue
		case !ok:
			return v.wrong("an enum of other values than texts cannot be held")
		case slices.Contains(s.Enum, text):
			return v.wrong("the value is there twice")
		}
		s.Enum = append(s.Enum, text)
	}
	if len(s.Enum) == 0 {
		return n.wrong("an enum without values cannot be held")
	}
	return nil
}

func (p *parser) format(n *node, s *Schema) error {
	text, ok := n.value.(string)
	switch {
	case !ok:
		return n.wrong("a format is a text")
	case s.Kind != String:
		return nil // int64, double: how a program holds it
	case !knowsFormat(text):
		return n.wrong("the format %q is not known; known are %s", text, strings.Join(formatNames, ", "))
	}
	s.Format = text
	return nil
}

func (p *parser) pattern(n *node, s *Schema) error {
	text, ok := n.value.(string)
	if !ok {
		return n.wrong("a pattern is a text")
	}
	if _, err := regexp.Compile(text); err != nil {
		return n.wrong("the pattern cannot be held: %v", err)
	}
	s.Pattern = text
	return nil
}

// count reads a number of characters or items.
func count(n *node) (*int64, error) {
	f, err := bound(n)
	if err != nil {
		return nil, err
	}
	if *f != math.Trunc(*f) || *f < 0 || *f > 1<<53 {
		return nil, n.wrong("it is a whole number from 0")
	}
	i := int64(*f)
	return &i, nil
}

func bound(n *node) (*float64, error) {
	number, ok := n.value.(json.Number)
	if !ok {
		return nil, n.wrong("it is a number")
	}
	f, err := number.Float64()
	if err != nil {
		return nil, n.wrong("the number is too large")
	}
	return &f, nil
}

// fields reads properties and required, in whichever order they stand.
func (p *parser) fields(word string, n *node, s *Schema) error {
	find := func(name string) *Field {
		for i := range s.Fields {
			if s.Fields[i].Name == name {
				return &s.Fields[i]
			}
		}
		return nil
	}
	if word == "required" {
		if n.value != isArray {
			return n.wrong("required is a list of names")
		}
		for _, one := range n.items {
			name, ok := one.value.(string)
			if !ok {
				return one.wrong("required is a list of names")
			}
			if f := find(name); f != nil {
				f.Required = true
				continue
			}
			s.Fields = append(s.Fields, Field{Name: name, Required: true, Schema: Schema{Kind: Any}})
		}
		return nil
	}
	if n.value != isObject {
		return n.wrong("properties is an object of schemas")
	}
	required := s.Fields
	s.Fields = nil
	for _, m := range n.members {
		one, err := p.schema(m.value)
		if err != nil {
			return err
		}
		isRequired := slices.ContainsFunc(required, func(f Field) bool { return f.Name == m.name })
		s.Fields = append(s.Fields, Field{Name: m.name, Required: isRequired, Schema: one})
	}
	for _, f := range required {
		if find(f.Name) == nil {
			s.Fields = append(s.Fields, f)
		}
	}
	return nil
}
