package pattern

import (
	"unicode/utf16"
	"unicode/utf8"
)

func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	first := s.pos
	if n := s.digits(); n == 0 || n > 1 && s.data[first] == '0' {
		return nil, s.bad("no number")
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return nil, s.bad("no digit behind the point")
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '-' || s.data[s.pos] == '+') {
			s.pos++
		}
		if s.digits() == 0 {
			return nil, s.bad("no digit in the exponent")
		}
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	return s.pos - start
}

// str reads a string. Without escapes, which is the rule, it is a part of the
// document.
func (s *scanner) str() ([]byte, error) {
	s.pos++
	start := s.pos
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.data[start : s.pos-1], nil
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return nil, s.bad("control character in a string")
		}
	}
	return nil, s.bad("no end of a string")
}

// escaped goes on reading a string that began at start, from its first
// backslash.
func (s *scanner) escaped(start int) ([]byte, error) {
	from := len(s.out.text)
	out := append(s.out.text, s.data[start:s.pos]...)
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		switch {
		case c == '"':
			s.pos++
			s.out.text = out
			return out[from:len(out):len(out)], nil
		case c < ' ':
			return nil, s.bad("control character in a string")
		case c != '\\':
			out = append(out, c)
			s.pos++
			continue
		}
		s.pos++
		if s.pos == len(s.data) {
			break
		}
		if plain, ok := simpleEscape(s.data[s.pos]); ok {
			out = append(out, plain)
			s.pos++
			continue
		}
		r, ok := s.unit()
		if !ok {
			return nil, s.bad("unknown escape")
		}
		out = utf8.AppendRune(out, r)
	}
	return nil, s.bad("no end of a string")
}

// unit reads uXXXX, and the other half of a surrogate pair if it follows. A
// lone half becomes U+FFFD.
func (s *scanner) unit() (rune, bool) {
	const length = len("u0000")
	rest := s.data[s.pos:]
	if len(rest) < length || rest[0] != 'u' {
		return 0, false
	}
	r, ok := hex4(rest[1:length])
	if !ok {
		return 0, false
	}
	s.pos += length
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	if low, ok := lowSurrogate(s.data[s.pos:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			s.pos += length + 1
			return pair, true
		}
	}
	return utf8.RuneError, true
}
