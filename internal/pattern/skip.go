package pattern

// skip checks one value that nobody reads. Most of most events is skipped, so it
// is one loop over the bytes and not a recursion over values, and the frequent
// cases stand in it with the position in a register: text without escapes,
// plain numbers, no white space. Whatever else comes goes by the methods below. What
// is open is kept in s.objects, one bit per level: 1 for an object.
func (s *sweep) skip() error {
	base := s.depth
	data, i := s.data, s.pos
	for {
		// Before a value.
		i = s.quickScalar(data, i)
		if i < 0 {
			i = ^i
			opened, err := s.skipOther(i)
			if err != nil {
				return err
			}
			i = s.pos
			if opened {
				continue
			}
		}
		// Behind a value.
		for s.depth > base {
			if j := quickName(data, i); j > 0 && s.inObject() {
				i = j
				break
			}
			s.pos = i
			more, err := s.skipNext()
			if err != nil {
				return err
			}
			i = s.pos
			if more {
				break
			}
		}
		if s.depth == base {
			s.pos = i
			return nil
		}
	}
}

// quickScalar returns the position behind a text without escapes or a number
// without exponent at i, and the complement of i if there is something else.
func (s *sweep) quickScalar(data []byte, i int) int {
	if i >= len(data) {
		return ^i
	}
	switch c := data[i]; {
	case c == '"':
		if end := stringEnd(data, i+1); end < len(data) && data[end] == '"' {
			return end + 1
		}
	case '1' <= c && c <= '9':
		j := digitsEnd(data, i+1)
		if j+1 < len(data) && data[j] == '.' && isDigit(data[j+1]) {
			j = digitsEnd(data, j+2)
		}
		if j < len(data) && data[j] != '.' && data[j]|' ' != 'e' {
			return j
		}
	}
	return ^i
}

func digitsEnd(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

// quickName returns the position behind a comma, a name without escapes and a
// colon at i, and 0 if there is something else.
func quickName(data []byte, i int) int {
	if i+1 >= len(data) || data[i] != ',' || data[i+1] != '"' {
		return 0
	}
	end := stringEnd(data, i+2)
	if end+1 < len(data) && data[end] == '"' && data[end+1] == ':' {
		return end + 2
	}
	return 0
}

func (s *sweep) inObject() bool { return s.objects[s.depth>>6]&(1<<(s.depth&63)) != 0 }

// skipOther reads a value at i, or what leads to the first value in one.
func (s *sweep) skipOther(i int) (opened bool, err error) {
	s.pos = i
	s.toToken()
	if s.pos == len(s.data) {
		return false, s.bad("no value")
	}
	switch c := s.data[s.pos]; c {
	case '"':
		return false, s.skipText()
	case '{', '[':
		if s.trusted {
			return false, s.leap()
		}
		return s.skipOpen(c)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, err := s.number()
		return false, err
	}
	return false, s.word()
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
	isObject := s.inObject()
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
