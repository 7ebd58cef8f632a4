package pattern

import "fmt"

// scanner reads one JSON document into facts, in one pass and strictly. Values
// at paths that nobody reads are checked and skipped.
type scanner struct {
	data  []byte
	pos   int
	depth int
	paths *pathSet
	out   *facts
	path  []byte // of the value that is being read; its memory is out's
	keys  int    // names in path
	skip  int    // > 0 inside a value that nobody reads

	nameless bool // leaves at the current path have no path
}

// read fills out with what doc has at the given paths.
func (f *facts) read(doc *Doc, paths *pathSet) error {
	f.clear(len(paths.fields))
	s := scanner{data: doc.Data, paths: paths, out: f, path: f.path[:0]}
	if doc.Env != nil {
		s.envelope(doc.Env)
		s.path = append(s.path, "detail"...)
		s.keys = 1
		if _, needed := paths.inner["detail"]; !needed {
			s.skip++
		}
	}
	err := s.document()
	f.path = s.path
	return err
}

// envelope adds the fields that are known without reading JSON.
func (s *scanner) envelope(e *Envelope) {
	for _, f := range [...]struct{ path, text string }{
		{"version", e.Version},
		{"id", e.ID},
		{"source", e.Source},
		{"detail-type", e.DetailType},
		{"account", e.Account},
		{"region", e.Region},
		{"time", e.Time},
	} {
		s.known(f.path, f.text)
	}
	if e.ReplayName != "" {
		s.known("replay-name", e.ReplayName)
	}
	for _, r := range e.Resources {
		s.known("resources", r)
	}
}

func (s *scanner) known(path, text string) {
	if n, ok := s.paths.fields[path]; ok {
		s.out.fields[n] = append(s.out.fields[n], value{kind: kindString, element: -1, text: s.out.keep(text)})
	}
}

// document reads the one object that the text has to be.
func (s *scanner) document() error {
	s.space()
	isObject := s.pos < len(s.data) && s.data[s.pos] == '{'
	if err := s.value(-1); err != nil {
		return err
	}
	s.space()
	if s.pos < len(s.data) {
		return s.bad("text behind the document")
	}
	if !isObject {
		return ErrNotObject
	}
	return nil
}

func (s *scanner) bad(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrBadJSON, what, s.pos)
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek returns the next byte that is not white space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos == len(s.data) {
		return 0
	}
	return s.data[s.pos]
}

// push appends a name to the path and returns what pop has to be given.
func (s *scanner) push(name []byte) int {
	before := len(s.path)
	if s.keys > 0 {
		s.path = append(s.path, '.')
	}
	s.path = append(s.path, name...)
	s.keys++
	return before
}

func (s *scanner) pop(before int) {
	s.path = s.path[:before]
	s.keys--
}

// value reads one value. elem is the innermost element around it.
func (s *scanner) value(elem int32) error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(elem)
	case c == '[':
		return s.array(elem)
	case c == '"':
		text, err := s.str()
		if err == nil {
			s.leaf(kindString, text, elem)
		}
		return err
	case c == '-' || isDigit(c):
		text, err := s.number()
		if err == nil {
			s.leaf(kindNumber, text, elem)
		}
		return err
	case c == 't':
		return s.literal("true", kindTrue, elem)
	case c == 'f':
		return s.literal("false", kindFalse, elem)
	case c == 'n':
		return s.literal("null", kindNull, elem)
	}
	return s.bad("no value")
}

// leaf adds a value if somebody reads its path.
func (s *scanner) leaf(kind valueKind, text []byte, elem int32) {
	if s.skip > 0 || s.nameless {
		return
	}
	if n, ok := s.paths.fields[string(s.path)]; ok {
		s.out.fields[n] = append(s.out.fields[n], value{kind: kind, element: elem, text: text})
	}
}

func (s *scanner) literal(text string, kind valueKind, elem int32) error {
	if len(s.data)-s.pos < len(text) || string(s.data[s.pos:s.pos+len(text)]) != text {
		return s.bad("no value")
	}
	s.pos += len(text)
	s.leaf(kind, nil, elem)
	return nil
}

func (s *scanner) enter() error {
	s.pos++
	if s.depth++; s.depth > MaxDepth {
		return fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
	}
	return nil
}

func (s *scanner) object(elem int32) error {
	if err := s.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		c := s.peek()
		if c == '}' && first {
			break
		}
		if c != '"' {
			return s.bad("no name")
		}
		if err := s.member(elem); err != nil {
			return err
		}
		if c = s.peek(); c == '}' {
			break
		} else if c != ',' {
			return s.bad("no comma")
		}
		s.pos++
	}
	s.pos++
	s.depth--
	return nil
}

// member reads a name and its value.
func (s *scanner) member(elem int32) error {
	name, err := s.str()
	if err != nil {
		return err
	}
	if s.peek() != ':' {
		return s.bad("no colon")
	}
	s.pos++
	if s.skip > 0 {
		return s.value(elem)
	}
	before := s.push(name)
	defer s.pop(before)
	return s.wanted(len(name) == 0 && s.keys > 1, elem)
}

// wanted reads the value at the current path, and skips what is not asked for. A
// leaf whose own name is empty has no path, unless it is at the top.
func (s *scanner) wanted(nameless bool, elem int32) error {
	c := s.peek()
	_, needed := s.paths.inner[string(s.path)]
	if !needed && c != '{' && !nameless {
		_, needed = s.paths.fields[string(s.path)]
	}
	if needed {
		outside := s.nameless
		s.nameless = nameless
		err := s.value(elem)
		s.nameless = outside
		return err
	}
	s.skip++
	defer func() { s.skip-- }()
	return s.value(elem)
}

func (s *scanner) array(elem int32) error {
	if err := s.enter(); err != nil {
		return err
	}
	number := int32(-1)
	for index := int32(0); ; index++ {
		c := s.peek()
		if c == ']' && index == 0 {
			break
		}
		inside := elem
		if s.skip == 0 && (c == '{' || c == '[') {
			if number < 0 {
				number = int32(len(s.out.arrays))
				s.out.arrays = append(s.out.arrays, s.out.place(s.path))
			}
			inside = int32(len(s.out.elements))
			s.out.elements = append(s.out.elements, element{parent: elem, array: number, index: index})
		}
		if err := s.value(inside); err != nil {
			return err
		}
		if c = s.peek(); c == ']' {
			break
		} else if c != ',' {
			return s.bad("no comma")
		}
		s.pos++
	}
	s.pos++
	s.depth--
	return nil
}
