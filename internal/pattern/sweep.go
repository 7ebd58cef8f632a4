package pattern

import "slices"

// sweep reads one JSON document, in one pass and strictly, and walks down the
// trie of paths beside it. Values at paths that nobody reads are checked and
// skipped. It finds what [scanner] finds, and is what makes matching fast.
type sweep struct {
	scanner // for what is rare: escapes and numbers that are read
	m       *matching
	marks   markSet                 // of the special bytes in data, see marks.go
	whole   bool                    // the document is the whole event, not its detail
	outer   [MaxDepth/64 + 1]uint64 // of skip, every 64 levels
}

// read reads the data of an event.
func (m *matching) read(d *Doc) error {
	m.have |= 1 << Data
	s := &m.sweep
	s.scanner = scanner{data: d.Data, out: &m.facts}
	s.m, s.whole = m, d.Env == nil
	s.marks = s.marks.mark(d.Data)
	root := m.ix.roots[Data]
	if d.Env != nil {
		root = root.find(m.seed, []byte("detail"))
	}
	err := s.document(root)
	s.data = nil
	return err
}

// document reads the one object that the text has to be.
func (s *sweep) document(root *step) error {
	isObject := s.token() == '{'
	var err error
	if isObject && root != nil && root.leads() {
		err = s.object(root, -1)
	} else {
		err = s.skip()
	}
	if err != nil {
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

// object reads an object below whose path somebody reads something.
func (s *sweep) object(at *step, elem int32) error {
	if err := s.enter(); err != nil {
		return err
	}
	if s.token() == '}' {
		s.pos++
		s.depth--
		return nil
	}
	// Like skip, this keeps the frequent cases here and the position in a register.
	data, marks, i := s.data, s.marks, s.pos
	for {
		var name []byte
		var err error
		end := len(data)
		if i < len(data) && data[i] == '"' {
			end = marks.after(i + 1)
		}
		if end+1 < len(data) && data[end] == '"' && data[end+1] == ':' {
			name, i = data[i+1:end], end+2
		} else {
			s.pos = i
			if name, err = s.name(); err != nil {
				return err
			}
			i = s.pos
		}
		var below *step
		if at.mask&nameBit(name)|at.far&firstBit(name) != 0 {
			below = s.below(at, name)
		}
		end = 0
		if below == nil && i < len(data) && data[i] == '"' {
			if end = marks.after(i+1) + 1; end > len(data) || data[end-1] != '"' {
				end = 0
			}
		}
		switch s.pos = i; {
		case end > 0:
			s.pos = end
		case below == nil:
			err = s.skip()
		default:
			// A value whose own name is empty has no path, unless it is at the top.
			nameless := len(name) == 0 && !(s.whole && s.depth == 1)
			err = s.value(below, elem, nameless)
		}
		if err != nil {
			return err
		}
		switch s.token() {
		case ',':
			i = s.pos + 1
		case '}':
			s.pos++
			s.depth--
			return nil
		default:
			return s.bad("no comma")
		}
	}
}

// below returns the step that a name leads to, nil if nobody reads anything
// there.
func (s *sweep) below(at *step, name []byte) *step {
	if below := at.find(s.m.seed, name); below != nil {
		return below
	}
	if at.far&firstBit(name) != 0 && hasDot(name) {
		return at.descend(s.m.seed, name)
	}
	return nil
}

// hasDot is bytes.IndexByte for names, which are too short for that to pay.
func hasDot(name []byte) bool {
	return slices.Contains(name, '.')
}

// token returns the next byte that is not white space, 0 at the end.
func (s *sweep) token() byte {
	if s.pos < len(s.data) && s.data[s.pos] > ' ' {
		return s.data[s.pos]
	}
	return s.peek()
}

// name reads a name and the colon behind it.
func (s *sweep) name() ([]byte, error) {
	if s.token() != '"' {
		return nil, s.bad("no name")
	}
	name, err := s.text()
	if err != nil {
		return nil, err
	}
	if s.token() != ':' {
		return nil, s.bad("no colon")
	}
	s.pos++
	return name, nil
}

// text reads a string, at whose first quotation mark the position is.
func (s *sweep) text() ([]byte, error) {
	start := s.pos + 1
	s.pos = s.marks.after(start)
	switch byteAt(s.data, s.pos) {
	case '"':
		s.pos++
		return s.data[start : s.pos-1], nil
	case '\\':
		return s.escaped(start)
	}
	s.pos = min(s.pos, len(s.data))
	return nil, s.badString()
}

func (s *sweep) badString() error {
	if s.pos < len(s.data) {
		return s.bad("control character in a string")
	}
	return s.bad("no end of a string")
}

// value reads a value at whose path somebody reads something, or below it.
func (s *sweep) value(at *step, elem int32, nameless bool) error {
	f := at.field
	if nameless {
		f = nil
	}
	c := s.token()
	switch {
	case c == '{' && at.leads():
		return s.object(at, elem)
	case c == '[' && (f != nil || at.leads()):
		return s.array(at, elem, nameless)
	case f == nil || c == '{' || c == '[':
		return s.skip()
	case c == '"':
		start := s.pos + 1
		if end := s.marks.after(start); end < len(s.data) && s.data[end] == '"' {
			s.pos = end + 1
			s.m.add(f, kindString, s.data[start:end], elem)
			return nil
		}
		text, err := s.text()
		if err == nil {
			s.m.add(f, kindString, text, elem)
		}
		return err
	case c == '-' || isDigit(c):
		text, err := s.number()
		if err == nil {
			s.m.add(f, kindNumber, text, elem)
		}
		return err
	}
	if err := s.word(); err != nil {
		return err
	}
	switch c {
	case 't':
		s.m.add(f, kindTrue, nil, elem)
	case 'f':
		s.m.add(f, kindFalse, nil, elem)
	default:
		s.m.add(f, kindNull, nil, elem)
	}
	return nil
}

// array reads an array at whose path somebody reads something, or below it.
func (s *sweep) array(at *step, elem int32, nameless bool) error {
	if err := s.enter(); err != nil {
		return err
	}
	if s.token() == ']' {
		s.pos++
		s.depth--
		return nil
	}
	number := int32(-1)
	facts := &s.m.facts
	for index := int32(0); ; index++ {
		inside := elem
		if c := s.token(); c == '{' || c == '[' {
			if number < 0 {
				number = int32(len(facts.arrays))
				facts.arrays = append(facts.arrays, at.path)
			}
			inside = int32(len(facts.elements))
			facts.elements = append(facts.elements, element{parent: elem, array: number, index: index})
		}
		if err := s.value(at, inside, nameless); err != nil {
			return err
		}
		switch s.token() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			s.depth--
			return nil
		default:
			return s.bad("no comma")
		}
	}
}

// word reads true, false or null.
func (s *sweep) word() error {
	rest := s.data[s.pos:]
	switch {
	case len(rest) >= 4 && (string(rest[:4]) == "true" || string(rest[:4]) == "null"):
		s.pos += 4
	case len(rest) >= 5 && string(rest[:5]) == "false":
		s.pos += 5
	default:
		return s.bad("no value")
	}
	return nil
}
