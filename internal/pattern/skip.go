package pattern

// skip checks one value that nobody reads. Most of most events is skipped, so it
// is one loop over the bytes and not a recursion over values, and the frequent
// cases stand in it with everything in registers: text without escapes, plain
// numbers, brackets. What else comes goes by the methods below.
func (s *sweep) skip() error {
	data, marks, i := s.data, s.marks, s.pos
	base, depth := s.depth, s.depth
	open := uint64(0) // what is open, the innermost container lowest: 1 for an object
	for {
		if open&1 != 0 { // a name comes first
			end := len(data)
			if i < len(data) && data[i] == '"' {
				end = marks.after(i + 1)
			}
			if end+1 < len(data) && data[end] == '"' && data[end+1] == ':' {
				i = end + 2
			} else if err := s.skipName(i); err != nil {
				return err
			} else {
				i = s.pos
			}
		}
		c := byteAt(data, i)
		if c <= ' ' {
			i = behindSpace(data, i)
			c = byteAt(data, i)
		}
		end := 0
		switch {
		case c == '"':
			if end = marks.after(i+1) + 1; end > len(data) || data[end-1] != '"' {
				end = 0
			}
		case '1' <= c && c <= '9':
			end = behindNumber(data, i)
		case c == '{' || c == '[':
			if depth == MaxDepth {
				s.pos, s.depth = i, depth
				return s.enter()
			}
			i = behindSpace(data, i+1)
			if byteAt(data, i) != c+2 { // the bracket that closes it
				if depth++; depth%64 == 0 {
					s.outer[depth/64] = open
				}
				open = open<<1 | uint64(c>>5&1) // curly brackets have this bit, square ones have not
				continue
			}
			end = i + 1
		}
		if end > 0 {
			i = end
		} else if err := s.skipScalar(i); err != nil {
			return err
		} else {
			i = s.pos
		}
		for depth > base { // behind a value
			c := byteAt(data, i)
			if c == ',' {
				i++
				break
			}
			if c != ']'|byte(open&1<<5) {
				if j := behindSpace(data, i); j > i {
					i = j
					continue
				}
				s.pos = i
				return s.bad("no comma")
			}
			i++
			if open >>= 1; depth%64 == 0 {
				open = s.outer[depth/64]
			}
			depth--
		}
		if depth == base {
			s.pos = i
			return nil
		}
		if open&1 != 0 && i < len(data) && data[i] <= ' ' {
			i = behindSpace(data, i)
		}
	}
}

// byteAt returns the byte at a position, 0 behind the end.
func byteAt(data []byte, i int) byte {
	if i < len(data) {
		return data[i]
	}
	return 0
}

// behindSpace returns the position of the first byte from i on that is not white
// space. There rarely is any.
func behindSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// behindNumber returns the position behind the number at i if it has no sign, no
// leading zero and no exponent, else 0.
func behindNumber(data []byte, i int) int {
	i = digitsEnd(data, i+1)
	if i+1 < len(data) && data[i] == '.' && isDigit(data[i+1]) {
		i = digitsEnd(data, i+2)
	}
	if i < len(data) && data[i] != '.' && data[i]|' ' != 'e' {
		return i
	}
	return 0
}

func digitsEnd(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

// skipScalar checks a text, a number, or a word at i.
func (s *sweep) skipScalar(i int) error {
	s.pos = i
	if s.pos == len(s.data) {
		return s.bad("no value")
	}
	switch c := s.data[s.pos]; {
	case c == '"':
		return s.skipText()
	case c == '-' || isDigit(c):
		_, err := s.number()
		return err
	}
	return s.word()
}

// skipName checks a name at i and its colon.
func (s *sweep) skipName(i int) error {
	s.pos = i
	if s.peek() != '"' {
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

// skipText checks a string, a special byte after the other.
func (s *sweep) skipText() error {
	for s.pos++; ; {
		s.pos = s.marks.after(s.pos)
		switch byteAt(s.data, s.pos) {
		case '"':
			s.pos++
			return nil
		case '\\':
			s.pos++
			if _, plain := simpleEscape(byteAt(s.data, s.pos)); plain {
				s.pos++
			} else if _, ok := s.unit(); !ok {
				return s.bad("unknown escape")
			}
		default:
			s.pos = min(s.pos, len(s.data))
			return s.badString()
		}
	}
}
