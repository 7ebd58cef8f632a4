package pattern

// skip checks one value that nobody reads. It is a loop and not a recursion
// because most of most events is skipped; what is open is kept in s.objects, one
// bit per level: 1 for an object.
func (s *sweep) skip() error {
	base := s.depth
	for {
		opened, err := s.skipStart()
		if err != nil {
			return err
		}
		if opened {
			continue
		}
		for {
			if s.depth == base {
				return nil
			}
			more, err := s.skipNext()
			if err != nil {
				return err
			}
			if more {
				break
			}
		}
	}
}

// skipStart reads a scalar, an empty container, or a bracket and what leads to
// the first value behind it.
func (s *sweep) skipStart() (opened bool, err error) {
	switch c := s.peek(); {
	case c == '"':
		return false, s.skipText()
	case c == '{':
		if err := s.enter(); err != nil {
			return false, err
		}
		s.objects[s.depth>>6] |= 1 << (s.depth & 63)
		if s.peek() != '}' {
			return true, s.skipName()
		}
		s.pos++
		s.depth--
		return false, nil
	case c == '[':
		if err := s.enter(); err != nil {
			return false, err
		}
		s.objects[s.depth>>6] &^= 1 << (s.depth & 63)
		if s.peek() != ']' {
			return true, nil
		}
		s.pos++
		s.depth--
		return false, nil
	case c == '-' || isDigit(c):
		_, err := s.number()
		return false, err
	}
	return false, s.word()
}

// skipNext reads what follows a value in a container: the end, or a comma and
// what leads to the next value.
func (s *sweep) skipNext() (more bool, err error) {
	isObject := s.objects[s.depth>>6]&(1<<(s.depth&63)) != 0
	switch c := s.peek(); {
	case c == ',':
		s.pos++
		if isObject {
			s.space()
			return true, s.skipName()
		}
		return true, nil
	case c == '}' && isObject, c == ']' && !isObject:
		s.pos++
		s.depth--
		return false, nil
	}
	return false, s.bad("no comma")
}

// skipName reads a name and its colon.
func (s *sweep) skipName() error {
	if s.pos == len(s.data) || s.data[s.pos] != '"' {
		return s.bad("no name")
	}
	if err := s.skipText(); err != nil {
		return err
	}
	if s.peek() != ':' {
		return s.bad("no colon")
	}
	s.pos++
	return nil
}

// skipText checks a string.
func (s *sweep) skipText() error {
	s.pos++
	for {
		s.pos = stringEnd(s.data, s.pos)
		if s.pos == len(s.data) {
			return s.badString()
		}
		switch s.data[s.pos] {
		case '"':
			s.pos++
			return nil
		case '\\':
			s.pos++
			if s.pos == len(s.data) {
				return s.badString()
			}
			if _, plain := simpleEscape(s.data[s.pos]); plain {
				s.pos++
			} else if _, ok := s.unit(); !ok {
				return s.bad("unknown escape")
			}
		default:
			return s.badString()
		}
	}
}
