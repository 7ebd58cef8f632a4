package board

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// MaxSize is the size in bytes of the largest file that is read. The largest
// boards known have some thousand lines.
const MaxSize = 8 << 20

// maxDepth is how deep patterns and examples may be nested.
const maxDepth = 64

// File is a board's file: what it says, where, and with which comments. It is
// not safe for concurrent use.
type File struct {
	name     string
	document *yaml.Node // the whole; its comments are those of the file
	root     *yaml.Node // the map of sections; nil if the file is empty
	board    *Board
	text     string // of a file without a root
}

// Parse reads a file. name is for messages only. What is wrong is told all at
// once, as [Problems]. References are not followed: see [File.Check].
func Parse(name string, text []byte) (*File, error) {
	p := &parser{file: name}
	document := p.load(text)
	if err := p.problems.err(); err != nil {
		return nil, err
	}
	f := &File{name: name, document: document, board: &Board{}}
	if document == nil {
		f.text = string(text)
	} else {
		f.root = document.Content[0]
		p.top(f.root)
		if err := p.problems.err(); err != nil {
			return nil, err
		}
		if err := decode(f.root, f.board); err != nil {
			// The grammar has let through what the types cannot hold, such as
			// a number of twenty digits.
			return nil, Problems{{File: name, Line: 1, Column: 1, Message: err.Error()}}
		}
	}
	f.board.fill()
	return f, nil
}

// decode reads a node whose keys the parser found to be different. The library
// would compare each key of a map with every other one once more, which takes a
// minute for 50,000 events.
func decode(n *yaml.Node, into any) error {
	return n.Load(into, yaml.WithUniqueKeys(false))
}

// Board returns what the file says. The caller must not change it.
func (f *File) Board() *Board { return f.board }

// fill replaces what is missing by what is empty, and derives what follows.
func (b *Board) fill() {
	fillSection(&b.Events)
	fillSection(&b.Triggers)
	fillSection(&b.Reactions)
	fillSection(&b.Views)
	fillSection(&b.Systems)
	fillSection(&b.Actors)
	fillSection(&b.Things)
	fillSection(&b.Contexts)
	fillSection(&b.Services)
	fillSection(&b.Spots)
	fillSection(&b.Ignores)
	b.derived = derive(b)
}

func fillSection[T any](m *map[string]*T) {
	if *m == nil {
		*m = map[string]*T{}
	}
	for name, item := range *m {
		if item == nil { // "SeatsHeld:" alone
			(*m)[name] = new(T)
		}
	}
}

// parser collects what is wrong with a file.
type parser struct {
	file     string
	problems Problems
	fixing   bool // what Fix could mend is mended
}

func (p *parser) add(n *yaml.Node, path, message, remedy string) {
	p.problems = append(p.problems, Problem{
		File: p.file, Line: max(1, n.Line), Column: max(1, n.Column), Path: path, Message: message, Remedy: remedy,
	})
}

// load reads the YAML of a file and refuses what no board needs.
func (p *parser) load(text []byte) *yaml.Node {
	at := &yaml.Node{Line: 1, Column: 1}
	if len(text) > MaxSize {
		p.add(at, "", fmt.Sprintf("the file has %d bytes, more than %d", len(text), MaxSize), "split the system into several boards")
		return nil
	}
	if !p.printable(text) {
		return nil
	}
	document, second := new(yaml.Node), new(yaml.Node)
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(document); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		p.syntax(err)
		return nil
	}
	if err := d.Decode(second); err == nil {
		p.add(second, "", "the file has a second document", "keep one board in a file")
		return nil
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err)
		return nil
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil
	}
	p.simple(root, 0)
	return document
}

// printable refuses what is no text: bytes that are not UTF-8, and characters that
// control something.
func (p *parser) printable(text []byte) bool {
	at := &yaml.Node{Line: 1, Column: 1}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			p.add(at, "", "the line is not UTF-8", "save the file as UTF-8")
			return false
		case r == '\n':
			at.Line, at.Column = at.Line+1, 0
		case r == '\t' || r == '\r' || r == '\u0085':
		case unicode.IsControl(r):
			p.add(at, "", fmt.Sprintf("the file has a character that cannot be printed, %U", r), "remove it")
			return false
		}
		if r != '\uFEFF' || i > 0 { // a byte order mark takes no place
			at.Column++
		}
		i += n
	}
	return true
}

// syntax tells an error of the YAML library.
func (p *parser) syntax(err error) {
	load := (*yaml.LoadError)(nil)
	if !errors.As(err, &load) {
		p.add(&yaml.Node{}, "", err.Error(), "")
		return
	}
	message, remedy := load.Message, "put texts with any of {}[]:#&*!|>'\"%@` into double quotes"
	switch {
	case strings.Contains(message, "cannot start any token"):
		message, remedy = "a tab or another character that cannot stand here", "indent with spaces, or run `stormbus board fix`"
	case strings.Contains(message, "unknown anchor"):
		remedy = "boards have no anchors; put a text that begins with * into quotes"
	}
	if load.ContextMsg != "" {
		message += " (" + load.ContextMsg + " that begins in line " + strconv.Itoa(load.ContextMark.Line) + ")"
	}
	p.add(&yaml.Node{Line: load.Mark.Line, Column: load.Mark.Column}, "", "this is not YAML: "+message, remedy)
}

// simple refuses anchors, aliases, tags, and keys that are not text.
func (p *parser) simple(n *yaml.Node, depth int) {
	if depth > maxDepth {
		p.add(n, "", "the file is nested too deeply", "put it into a file of its own, or write it flatter")
		return
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		p.add(n, "", "boards have neither anchors nor aliases", "write the value out")
		return
	case n.Style&yaml.TaggedStyle != 0:
		p.add(n, "", "boards have no tags such as "+n.Tag, "remove the tag")
		return
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			p.key(child)
			continue
		}
		p.simple(child, depth+1)
	}
}

// key checks the key of a map.
func (p *parser) key(n *yaml.Node) {
	switch {
	case n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
		p.add(n, "", "a key is a text", "")
	case n.Tag != "!!str":
		p.add(n, "", "the key "+n.Value+" is not read as text", "put it into quotes: "+quote(n.Value))
	case slices.Contains(trapWords, strings.ToLower(n.Value)) && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0:
		p.add(n, "", "some readers of YAML take the key "+n.Value+" for a truth value or for nothing", "choose another name")
	}
}

// pairs calls fn for each key and value of a map, except those that were there
// before.
func (p *parser) pairs(n *yaml.Node, path string, fn func(key, value *yaml.Node, path string)) {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := key.Value
		if path != "" {
			at = path + "." + at
		}
		if line, twice := seen[key.Value]; twice {
			p.add(key, at, "it is there twice, first in line "+strconv.Itoa(line), "remove one of them, or give it another name")
			continue
		}
		seen[key.Value] = key.Line
		fn(key, value, at)
	}
}

// top reads the map of sections.
func (p *parser) top(root *yaml.Node) {
	if !p.isMap(root, "") || !p.version(root) {
		return
	}
	p.pairs(root, "", func(key, value *yaml.Node, at string) {
		if r := ruleNamed(head, key.Value); r != nil {
			p.value(value, *r, at)
			return
		}
		if s := sectionNamed(key.Value); s != nil {
			p.items(value, s)
			return
		}
		p.add(key, at, "a board has no "+quote(key.Value), didYouMean(key.Value, topNames()))
	})
}

// topNames are all keys of the first level.
func topNames() []string {
	var all []string
	for _, r := range head {
		all = append(all, r.name)
	}
	for _, s := range sections {
		all = append(all, s.name)
	}
	return all
}

// items reads a section.
func (p *parser) items(n *yaml.Node, s *section) {
	if n.Kind == yaml.SequenceNode {
		remedy := "run `stormbus board fix`, which makes one of it"
		if p.fixing {
			remedy = "give each of its elements a name"
		}
		p.add(n, s.name, "it is a list, and must be a map of names", remedy)
		return
	}
	if isNull(n) || !p.isMap(n, s.name) {
		return
	}
	slugs := map[string]string{}
	p.pairs(n, s.name, func(key, value *yaml.Node, at string) {
		if wrong := s.legal(key.Value); wrong != "" {
			p.add(key, at, "the name is not legal: "+wrong, "")
		} else if other, taken := slugs[Slug(key.Value)]; taken {
			p.add(key, at, "it would have the same folder "+quote(Slug(key.Value))+" as "+quote(other), "give one of them another name")
		}
		slugs[Slug(key.Value)] = key.Value
		p.record(value, s.fields, at)
	})
}

// record reads a map with known fields.
func (p *parser) record(n *yaml.Node, fields []rule, path string) {
	if isNull(n) || !p.isMap(n, path) {
		return
	}
	p.pairs(n, path, func(key, value *yaml.Node, at string) {
		if r := ruleNamed(fields, key.Value); r != nil {
			p.value(value, *r, at)
			return
		}
		known := make([]string, len(fields))
		for i := range fields {
			known[i] = fields[i].name
		}
		p.add(key, at, "there is no field "+quote(key.Value)+" here", didYouMean(key.Value, known))
	})
}

// value reads the value of a field.
func (p *parser) value(n *yaml.Node, r rule, path string) {
	switch r.kind {
	case record:
		p.record(n, r.fields, path)
	case schema:
		p.data(n, path, 0)
	case object:
		p.isMap(n, path)
		p.distinct(n, path)
	case glossary:
		if p.isMap(n, path) {
			p.pairs(n, path, func(_, value *yaml.Node, at string) { p.text(value, at) })
		}
	case names:
		p.list(n, r, path)
	case number:
		p.number(n, path)
	case truth:
		p.flag(n, path)
	case choice:
		if text := p.text(n, path); text != "" && !slices.Contains(r.choices, text) {
			p.add(n, path, "it is none of "+strings.Join(r.choices, ", "), didYouMean(text, r.choices))
		}
		return
	default:
		p.text(n, path)
	}
	if r.form != nil && n.Kind == yaml.ScalarNode && !isNull(n) {
		if wrong := r.form(n.Value); wrong != "" {
			p.add(n, path, quote(n.Value)+" is not legal: "+wrong, "")
		}
	}
}

// list reads a list of different names.
func (p *parser) list(n *yaml.Node, r rule, path string) {
	if n.Kind != yaml.SequenceNode {
		p.add(n, path, "it must be a list", "write ["+n.Value+"]")
		return
	}
	seen := map[string]bool{}
	for _, child := range n.Content {
		switch text := p.text(child, path); {
		case text == "":
		case seen[text]:
			p.add(child, path, quote(text)+" is in the list twice", "remove one of them")
		case len(r.to) == 0 && !slices.Contains(r.besides, text):
			p.add(child, path, quote(text)+" is none of "+strings.Join(r.besides, ", "), didYouMean(text, r.besides))
		default:
			seen[text] = true
		}
	}
}

// distinct refuses keys that are there twice anywhere below n.
func (p *parser) distinct(n *yaml.Node, path string) {
	if n.Kind == yaml.MappingNode {
		p.pairs(n, path, func(_, value *yaml.Node, at string) { p.distinct(value, at) })
		return
	}
	for _, child := range n.Content {
		p.distinct(child, path)
	}
}

func (p *parser) isMap(n *yaml.Node, path string) bool {
	if n.Kind == yaml.MappingNode {
		return true
	}
	p.add(n, path, "it must be a map", "write names and values, as in {at: 10}")
	return false
}

func (p *parser) number(n *yaml.Node, path string) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || len(n.Value) > 9 || strings.Trim(n.Value, "0123456789") != "" {
		p.add(n, path, "it must be a whole number", "")
	}
}

func (p *parser) flag(n *yaml.Node, path string) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
		p.add(n, path, "it must be true or false", "")
	}
}

// text reads a text. It is "" after a problem.
func (p *parser) text(n *yaml.Node, path string) string {
	switch {
	case n.Kind != yaml.ScalarNode || isNull(n):
		p.add(n, path, "it must be a text", "")
	case n.Tag != "!!str":
		p.add(n, path, "it must be a text, and "+n.Value+" is read as something else", "put it into quotes: "+quote(n.Value))
	case n.Value == "":
		p.add(n, path, "it is empty", "write a text, or remove the field")
	default:
		return n.Value
	}
	return ""
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// childOf returns the value of a key in a map, or nil.
func childOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
