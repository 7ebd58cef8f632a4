package wire

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// The deepest nesting of a body that is read, so that a body cannot exhaust the
// stack. No AWS shape comes near it.
const maxDepth = 512

// jsonReader reads JSON from memory. It keeps numbers as text, and it never
// looks at a byte twice, apart from strings.
type jsonReader struct {
	data  []byte
	pos   int
	depth int
	// scratch holds the last string that had escapes in it.
	scratch []byte
}

// malformed is a body that is not JSON. It becomes SerializationException.
type malformed struct{ reason string }

func (m *malformed) Error() string { return m.reason }

func (r *jsonReader) fail(format string, args ...any) error {
	return &malformed{fmt.Sprintf("The request body is not valid JSON: "+format+" at offset %d.", append(args, r.pos)...)}
}

// unexpected is what is wrong where the reader stands.
func (r *jsonReader) unexpected() error {
	if r.pos >= len(r.data) {
		return r.fail("unexpected end")
	}
	return r.fail("unexpected character %s", strconv.QuoteRune(rune(r.data[r.pos])))
}

func (r *jsonReader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek returns the first byte of the next token, or 0 at the end.
func (r *jsonReader) peek() byte {
	r.space()
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

// end makes sure that nothing follows.
func (r *jsonReader) end() error {
	if r.space(); r.pos < len(r.data) {
		return r.unexpected()
	}
	return nil
}

// word reads true, false or null.
func (r *jsonReader) word(w string) error {
	if len(r.data)-r.pos < len(w) || string(r.data[r.pos:r.pos+len(w)]) != w {
		return r.unexpected()
	}
	r.pos += len(w)
	return nil
}

// object calls member for each member, with the reader at its value.
func (r *jsonReader) object(member func(key []byte) error) error {
	return r.container('}', func() error {
		if r.peek() != '"' {
			return r.unexpected()
		}
		key, err := r.text()
		if err != nil {
			return err
		}
		if r.peek() != ':' {
			return r.unexpected()
		}
		r.pos++
		return member(key)
	})
}

// array calls elem for each element, with the reader at it.
func (r *jsonReader) array(elem func() error) error { return r.container(']', elem) }

func (r *jsonReader) container(closing byte, item func() error) error {
	if r.depth++; r.depth > maxDepth {
		return r.fail("nesting is deeper than %d levels", maxDepth)
	}
	r.pos++
	if r.peek() == closing {
		r.pos++
		r.depth--
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch r.peek() {
		case ',':
			r.pos++
			r.space()
		case closing:
			r.pos++
			r.depth--
			return nil
		default:
			return r.unexpected()
		}
	}
}

// skip reads over any value.
func (r *jsonReader) skip() error {
	switch c := r.peek(); c {
	case '{':
		return r.object(func([]byte) error { return r.skip() })
	case '[':
		return r.array(r.skip)
	case '"':
		_, err := r.text()
		return err
	case 't':
		return r.word("true")
	case 'f':
		return r.word("false")
	case 'n':
		return r.word("null")
	default:
		_, err := r.number()
		return err
	}
}

// number reads a number and returns its text.
func (r *jsonReader) number() ([]byte, error) {
	start := r.pos
	if r.at('-') {
		r.pos++
	}
	switch {
	case r.at('0'):
		r.pos++
	case !r.digits():
		return nil, r.unexpected()
	}
	if r.at('.') {
		r.pos++
		if !r.digits() {
			return nil, r.unexpected()
		}
	}
	if r.at('e') || r.at('E') {
		r.pos++
		if r.at('+') || r.at('-') {
			r.pos++
		}
		if !r.digits() {
			return nil, r.unexpected()
		}
	}
	return r.data[start:r.pos], nil
}

func (r *jsonReader) at(c byte) bool { return r.pos < len(r.data) && r.data[r.pos] == c }

func (r *jsonReader) digits() bool {
	start := r.pos
	for r.pos < len(r.data) && '0' <= r.data[r.pos] && r.data[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > start
}

// text reads a string. What it returns must not be changed, and is only good
// until the next string is read: it is part of the body where nothing is
// escaped, and in a buffer of the reader otherwise.
func (r *jsonReader) text() ([]byte, error) {
	r.pos++
	start := r.pos
	if r.plain() != '"' {
		return r.escaped(start)
	}
	s := r.data[start:r.pos]
	r.pos++
	return r.valid(s)
}

// plain skips what stands for itself in a string, and returns what does not: a
// quote, a backslash, or 0 for what may not be in a string.
func (r *jsonReader) plain() byte {
	for r.pos+8 <= len(r.data) && special(binary.LittleEndian.Uint64(r.data[r.pos:])) == 0 {
		r.pos += 8
	}
	for i, c := range r.data[r.pos:] {
		if c == '"' || c == '\\' {
			r.pos += i
			return c
		}
		if c < ' ' {
			r.pos += i
			return 0
		}
	}
	r.pos = len(r.data)
	return 0
}

// Eight bytes are looked at together, each in its place.
const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// special is not 0 if one of eight bytes cannot stand for itself in a string: a
// quote, a backslash or a control character. The bit that tells it is the high
// one of the first such byte; those of later bytes mean nothing.
func special(eight uint64) uint64 {
	quote, backslash := eight^eachByte*'"', eight^eachByte*'\\'
	return ((eight-eachByte*' ')&^eight | (quote-eachByte)&^quote | (backslash-eachByte)&^backslash) & highBits
}

func (r *jsonReader) valid(s []byte) ([]byte, error) {
	if !utf8.Valid(s) {
		return nil, r.fail("a string that is not UTF-8")
	}
	return s, nil
}

// escaped reads the rest of a string that began at start and is not plain where
// the reader stands.
func (r *jsonReader) escaped(start int) ([]byte, error) {
	if len(r.data)-start > large {
		if most := r.mostText(start); most > cap(r.scratch) {
			r.scratch = make([]byte, 0, most)
		}
	}
	s := append(r.scratch[:0], r.data[start:r.pos]...)
	defer func() { r.scratch = s }()
	for {
		from := r.pos
		c := r.plain()
		s = append(s, r.data[from:r.pos]...)
		switch c {
		case '"':
			r.pos++
			return r.valid(s)
		case '\\':
			var err error
			if s, err = r.escape(s); err != nil {
				return nil, err
			}
		default:
			return nil, r.unexpected()
		}
	}
}

// mostText is at least the size of the string that began at start: what stands
// for it up to its end.
func (r *jsonReader) mostText(start int) int {
	at := r.pos
	defer func() { r.pos = at }()
	for r.plain() == '\\' {
		r.pos = min(r.pos+2, len(r.data))
	}
	return r.pos - start
}

// A string of this size is worth to be looked at twice, so as not to be copied.
const large = 64 << 10

// keep returns s, what text has just returned, as a string that stays. A large
// one is not copied a second time: the reader gives its buffer away.
func (r *jsonReader) keep(s []byte) string {
	if len(s) < large || cap(r.scratch) == 0 || &s[0] != &r.scratch[:1][0] {
		return string(s)
	}
	r.scratch = nil
	return unsafe.String(&s[0], len(s))
}

// escape reads one escape sequence and appends what it stands for.
func (r *jsonReader) escape(s []byte) ([]byte, error) {
	r.pos++
	if r.pos >= len(r.data) {
		return nil, r.unexpected()
	}
	c := r.data[r.pos]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return r.unicode(s)
	default:
		return nil, r.unexpected()
	}
	r.pos++
	return append(s, c), nil
}

// unicode reads uXXXX, and the second half of a surrogate pair if there is one.
// Half a pair alone stands for the replacement character.
func (r *jsonReader) unicode(s []byte) ([]byte, error) {
	c, ok := r.hex()
	if !ok {
		return nil, r.unexpected()
	}
	if utf16.IsSurrogate(c) {
		before := r.pos
		if r.at('\\') {
			if r.pos++; r.at('u') {
				if low, ok := r.hex(); ok {
					if pair := utf16.DecodeRune(c, low); pair != utf8.RuneError {
						return utf8.AppendRune(s, pair), nil
					}
				}
			}
		}
		r.pos = before
		c = utf8.RuneError
	}
	return utf8.AppendRune(s, c), nil
}

// hex reads uXXXX.
func (r *jsonReader) hex() (rune, bool) {
	if len(r.data)-r.pos < 5 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(r.data[r.pos+1:r.pos+5]), 16, 16)
	if err != nil {
		return 0, false
	}
	r.pos += 5
	return rune(n), true
}
