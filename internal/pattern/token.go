package pattern

import "fmt"

// The front end reads a pattern as a stream of tokens, and the compiler reports
// the first fault in text order. So the reader works like a streaming parser
// with one habit that shows in messages and columns: with a name it has read the
// beginning of the value behind it.

type tokenKind uint8

const (
	endOfText tokenKind = iota
	startObject
	endObject
	startArray
	endArray
	fieldName
	stringValue
	numberValue
	trueValue
	falseValue
	nullValue
)

type token struct {
	kind tokenKind
	text string // of a name, a number, a literal or a bracket
}

// MaxDepth is how deep patterns and documents may be nested.
const MaxDepth = 1000

// container is an object or an array whose end has not been read.
type container struct {
	object bool
	start  int // offset of its opening bracket
	filled bool
}

// reader splits the text of a pattern into tokens.
type reader struct {
	src     []byte
	pos     int // behind what has been read
	stack   []container
	ahead   token // value whose name was the last token
	isAhead bool
	quoted  bool // the last token is a string whose text is still unread
}

// fail returns an error whose location is where the reader stands.
func (r *reader) fail(format string, args ...any) *SyntaxError {
	return r.failAt(r.pos, format, args...)
}

func (r *reader) failAt(offset int, format string, args ...any) *SyntaxError {
	line, col := lineColumn(r.src, offset)
	return &SyntaxError{Reason: fmt.Sprintf(format, args...), Line: line, Col: col, Source: string(r.src)}
}

// bare returns an error without a location.
func (r *reader) bare(format string, args ...any) *SyntaxError {
	return &SyntaxError{Reason: fmt.Sprintf(format, args...), Source: string(r.src)}
}

// next reads one token. A string token leaves its text unread until [reader.str].
func (r *reader) next() (token, error) {
	if r.isAhead {
		r.isAhead = false
		return r.open(r.ahead)
	}
	if r.quoted {
		if _, err := r.str(); err != nil {
			return token{}, err
		}
	}
	c, ok := r.skipSpace()
	if !ok {
		return r.endOfInput()
	}
	if c == ']' || c == '}' {
		return r.close(c)
	}
	if len(r.stack) == 0 {
		return r.root()
	}
	top := &r.stack[len(r.stack)-1]
	if top.filled {
		if c != ',' {
			return token{}, r.unexpected("was expecting comma to separate %s entries", top.noun())
		}
		r.pos++
		if _, ok := r.skipSpace(); !ok {
			return token{}, r.fail("Unexpected end-of-input within/between %s entries", top.noun())
		}
	}
	top.filled = true
	if top.object {
		return r.name()
	}
	t, err := r.value()
	if err != nil {
		return token{}, err
	}
	return r.open(t)
}

// root reads a value outside of any object or array.
func (r *reader) root() (token, error) {
	t, err := r.value()
	if err != nil {
		return token{}, err
	}
	if t.kind == numberValue && r.pos < len(r.src) {
		if c := r.src[r.pos]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return token{}, r.fail("Unexpected character (%s): Expected space separating root-level values", describe(r.peek()))
		}
		r.pos++
	}
	return r.open(t)
}

func (c container) noun() string {
	if c.object {
		return "Object"
	}
	return "Array"
}

// skipSpace moves to the next byte that is not white space.
func (r *reader) skipSpace() (c byte, ok bool) {
	for ; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c, true
		}
	}
	return 0, false
}

func (r *reader) endOfInput() (token, error) {
	if len(r.stack) == 0 {
		return token{kind: endOfText}, nil
	}
	top := r.stack[len(r.stack)-1]
	line, col := lineColumn(r.src, top.start)
	return token{}, r.fail("Unexpected end-of-input: expected close marker for %s (start marker at %s])",
		top.noun(), location(string(r.src), line, col))
}

// open enters the object or the array that t begins, if it begins one.
func (r *reader) open(t token) (token, error) {
	if t.kind == startObject || t.kind == startArray {
		r.stack = append(r.stack, container{object: t.kind == startObject, start: r.pos - 1})
		if len(r.stack) > MaxDepth {
			return token{}, r.bare("Document nesting depth (%d) exceeds the maximum allowed (%d, from "+
				"`StreamReadConstraints.getMaxNestingDepth()`)", len(r.stack), MaxDepth)
		}
	}
	return t, nil
}

func (r *reader) close(c byte) (token, error) {
	if len(r.stack) == 0 {
		return token{}, r.fail("Unexpected close marker '%c': no open %s to close", c, container{object: c == '}'}.noun())
	}
	top := r.stack[len(r.stack)-1]
	if top.object != (c == '}') {
		want := byte(']')
		if top.object {
			want = '}'
		}
		line, col := lineColumn(r.src, top.start)
		return token{}, r.fail("Unexpected close marker '%c': expected '%c' (for %s starting at %s])",
			c, want, top.noun(), location(string(r.src), line, col))
	}
	r.pos++
	r.stack = r.stack[:len(r.stack)-1]
	if top.object {
		return token{kind: endObject, text: "}"}, nil
	}
	return token{kind: endArray, text: "]"}, nil
}

// name reads a name, the colon, and the beginning of the value.
func (r *reader) name() (token, error) {
	if r.src[r.pos] != '"' {
		return token{}, r.unexpected("was expecting double-quote to start field name")
	}
	r.pos++
	text, err := r.text(true)
	if err != nil {
		return token{}, err
	}
	const within = "Unexpected end-of-input within/between Object entries"
	c, ok := r.skipSpace()
	if !ok {
		return token{}, r.fail(within)
	}
	if c != ':' {
		return token{}, r.unexpected("was expecting a colon to separate field name and value")
	}
	r.pos++
	if _, ok := r.skipSpace(); !ok {
		return token{}, r.fail(within)
	}
	if r.ahead, err = r.value(); err != nil {
		return token{}, err
	}
	r.isAhead = true
	return token{kind: fieldName, text: text}, nil
}
