package pattern

// skip checks one value that nobody reads. Most of most events is skipped, so it
// is one loop over the bytes and not a recursion over values. What is open is
// kept in s.objects, one bit per level: 1 for an object.
//
// The loop stands before a value; the inner one stands behind it. Everything that
// is not as expected, with white space as the most frequent, goes a slower way.
func (s *sweep) skip() error {
	base := s.depth
	for {
		s.toToken()
		if s.pos == len(s.data) {
			return s.bad("no value")
		}
		var err error
		opened := false
		switch c := s.data[s.pos]; c {
		case '"':
			err = s.skipText()
		case '{', '[':
			opened, err = s.skipOpen(c)
		case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			_, err = s.number()
		default:
			err = s.word()
		}
		if err != nil {
			return err
		}
		for !opened {
			if s.depth == base {
				return nil
			}
			if opened, err = s.skipNext(); err != nil {
				return err
			}
		}
	}
}

// toToken moves to the next byte that is not white space. There rarely is any.
func (s *sweep) toToken() {
	if s.pos < len(s.data) && s.data[s.pos] <= ' ' {
		s.space()
	}
}

// skipOpen reads an opening bracket and, unless the container is empty, what
// leads to the first value behind it.
func (s *sweep) skipOpen(bracket byte) (opened bool, err error) {
	if err := s.enter(); err != nil {
		return false, err
	}
	s.toToken()
	bit := uint64(1) << (s.depth & 63)
	end := byte(']')
	s.objects[s.depth>>6] &^= bit
	if bracket == '{' {
		end = '}'
		s.objects[s.depth>>6] |= bit
	}
	if s.pos < len(s.data) && s.data[s.pos] == end {
		s.pos++
		s.depth--
		return false, nil
	}
	if bracket == '{' {
		return true, s.skipName()
	}
	return true, nil
}

// skipNext reads what follows a value in a container: the end, or a comma and
// what leads to the next value.
func (s *sweep) skipNext() (more bool, err error) {
	s.toToken()
	if s.pos == len(s.data) {
		return false, s.bad("no comma")
	}
	isObject := s.objects[s.depth>>6]&(1<<(s.depth&63)) != 0
	switch c := s.data[s.pos]; {
	case c == ',':
		s.pos++
		if isObject {
			s.toToken()
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
	s.toToken()
	if s.pos == len(s.data) || s.data[s.pos] != ':' {
		return s.bad("no colon")
	}
	s.pos++
	return nil
}

// skipText checks a string.
func (s *sweep) skipText() error {
	end := stringEnd(s.data, s.pos+1)
	if end < len(s.data) && s.data[end] == '"' {
		s.pos = end + 1
		return nil
	}
	return s.skipEscapes(end)
}

// skipEscapes checks the rest of a string from its first backslash on.
func (s *sweep) skipEscapes(from int) error {
	s.pos = from
	for {
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
		s.pos = stringEnd(s.data, s.pos)
	}
}
