package pattern

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	tokenList     = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
	expectedValue = "expected a valid value " + tokenList
	nonStandard   = "Non-standard token '%s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
)

// maxNumber is how many digits a number may have.
const maxNumber = 1000

// unexpected complains about the character at the reader's position, where a
// token should begin.
func (r *reader) unexpected(format string, args ...any) *SyntaxError {
	if r.src[r.pos] < ' ' {
		return r.illegal()
	}
	why := fmt.Sprintf(format, args...)
	if r.peek() == '/' {
		why = "maybe a (non-standard) comment? " +
			"(not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
	}
	return r.fail("Unexpected character (%s): %s", describe(r.peek()), why)
}

// illegal complains about the control character at the reader's position.
func (r *reader) illegal() *SyntaxError {
	c := r.peek()
	r.pos++
	return r.fail("Illegal character (%s): "+
		`only regular white space (\r, \n, \t) is allowed between tokens`, describe(c))
}

// peek decodes the character at the reader's position.
func (r *reader) peek() rune {
	c, _ := utf8.DecodeRune(r.src[r.pos:])
	return c
}

// describe names a character the way AWS's parser does.
func describe(c rune) string {
	switch {
	case unicode.IsControl(c):
		return fmt.Sprintf("(CTRL-CHAR, code %d)", c)
	case c > 0xFFFF:
		c, _ = utf16.EncodeRune(c)
		return fmt.Sprintf("'?' (code %d / 0x%x)", c, c)
	case c > 0xFF:
		return fmt.Sprintf("'%c' (code %d / 0x%x)", c, c, c)
	}
	return fmt.Sprintf("'%c' (code %d)", c, c)
}

// value reads a number or a literal, or the first byte of another value. The
// reader stands on a byte that is not white space.
func (r *reader) value() (token, error) {
	switch c := r.src[r.pos]; {
	case c == '"':
		r.pos++
		r.quoted = true
		return token{kind: stringValue}, nil
	case c == '{':
		r.pos++
		return token{kind: startObject, text: "{"}, nil
	case c == '[':
		r.pos++
		return token{kind: startArray, text: "["}, nil
	case c == '-' || c == '+' || isDigit(c):
		return r.number()
	case c == 't':
		return r.literal("true", trueValue)
	case c == 'f':
		return r.literal("false", falseValue)
	case c == 'n':
		return r.literal("null", nullValue)
	case c < ' ':
		return token{}, r.illegal()
	case c == '}':
		return token{}, r.unexpected("expected a value")
	default:
		return token{}, r.odd()
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// literal reads true, false or null.
func (r *reader) literal(text string, kind tokenKind) (token, error) {
	if !bytes.HasPrefix(r.src[r.pos:], []byte(text)) {
		return token{}, r.unrecognized()
	}
	if next, _ := utf8.DecodeRune(r.src[r.pos+len(text):]); next >= '0' && isIdentifier(next) &&
		r.pos+len(text) < len(r.src) {
		return token{}, r.unrecognized()
	}
	r.pos += len(text)
	return token{kind: kind, text: text}, nil
}

// odd complains about something that does not begin a value.
func (r *reader) odd() error {
	for _, text := range []string{"NaN", "Infinity"} {
		if bytes.HasPrefix(r.src[r.pos:], []byte(text)) {
			r.pos += len(text)
			return r.fail(nonStandard, text)
		}
	}
	if beginsIdentifier(r.peek()) {
		return r.unrecognized()
	}
	return r.unexpected(expectedValue)
}

// unrecognized complains about the word at the reader's position.
func (r *reader) unrecognized() *SyntaxError {
	const longest = 256
	end, n := r.pos, 0
	for end < len(r.src) && n < longest {
		c, size := utf8.DecodeRune(r.src[end:])
		if !isIdentifier(c) {
			break
		}
		end += size
		n++
	}
	word := string(r.src[r.pos:end])
	if n == longest {
		word += "..."
	}
	return r.fail("Unrecognized token '%s': was expecting %s", word, tokenList)
}

// isIdentifier reports whether c may be part of a name in Java, which is what
// decides how much of the text an error message quotes. Java looks at characters
// up to U+FFFF only.
func isIdentifier(c rune) bool {
	ignorable := c <= 0x08 || 0x0E <= c && c <= 0x1B || 0x7F <= c && c <= 0x9F
	return beginsIdentifier(c) || ignorable || c <= 0xFFFF && unicode.In(c, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Cf)
}

// beginsIdentifier reports whether c may be the beginning of such a name.
func beginsIdentifier(c rune) bool {
	return c <= 0xFFFF && c != utf8.RuneError && unicode.In(c, unicode.L, unicode.Nl, unicode.Sc, unicode.Pc)
}

// number reads a number. The complaints and their columns are the ones of AWS's
// parser, its slips included.
func (r *reader) number() (token, error) {
	start := r.pos
	if c := r.src[r.pos]; c == '-' || c == '+' {
		r.pos++
		if err := r.signed(c); err != nil {
			return token{}, err
		}
	}
	first := r.pos
	digits := r.digits()
	whole := r.pos
	if digits > 1 && r.src[first] == '0' {
		return token{}, r.failAt(first+1, "Invalid numeric value: Leading zeroes not allowed")
	}
	if r.pos < len(r.src) && r.src[r.pos] == '.' {
		r.pos++
		n := r.digits()
		if n == 0 {
			return token{}, r.missingDigit(whole, "Decimal point not followed by a digit")
		}
		digits += n
	}
	if r.pos < len(r.src) && (r.src[r.pos] == 'e' || r.src[r.pos] == 'E') {
		r.pos++
		if r.pos < len(r.src) && (r.src[r.pos] == '-' || r.src[r.pos] == '+') {
			r.pos++
		}
		n := r.digits()
		if n == 0 && r.pos == len(r.src) {
			return token{}, r.fail("Unexpected end-of-inputexpected a digit for number exponent")
		}
		if n == 0 {
			return token{}, r.missingDigit(whole, "Exponent indicator not followed by a digit")
		}
		digits += n
	}
	if digits > maxNumber {
		return token{}, r.bare("Number value length (%d) exceeds the maximum allowed (%d, from "+
			"`StreamReadConstraints.getMaxNumberLength()`)", digits, maxNumber)
	}
	return token{kind: numberValue, text: string(r.src[start:r.pos])}, nil
}

// signed checks what follows the sign of a number.
func (r *reader) signed(sign byte) error {
	rest := r.src[r.pos:]
	for _, text := range []string{"INF", "Infinity"} {
		if bytes.HasPrefix(rest, []byte(text)) {
			r.pos += len(text)
			return r.fail(nonStandard, string(sign)+text)
		}
	}
	switch {
	case len(rest) == 0:
		return r.fail("Unexpected end-of-inputNo digit following sign")
	case sign == '+':
		return r.failAt(r.pos, "Unexpected character ('+' (code 43)) in numeric value: "+
			"JSON spec does not allow numbers to have plus signs: "+
			"enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow")
	case rest[0] == '.':
		return r.unexpected(expectedValue)
	case !isDigit(rest[0]):
		return r.missingDigit(r.pos, "expected digit (0-9) to follow minus sign, for valid numeric value")
	}
	return nil
}

// missingDigit complains about the character at which a digit was due; at the
// end of the text it is the one before. The location is where the number went
// on after its whole part, but for one that begins with 0.
func (r *reader) missingDigit(offset int, what string) *SyntaxError {
	at := r.pos
	if at == len(r.src) {
		at--
	} else if r.src[offset-1] == '0' && !isDigit(r.src[max(offset-2, 0)]) {
		offset = at
	}
	c, _ := utf8.DecodeRune(r.src[at:])
	return r.failAt(offset, "Unexpected character (%s) in numeric value: %s", describe(c), what)
}

func (r *reader) digits() int {
	start := r.pos
	for r.pos < len(r.src) && isDigit(r.src[r.pos]) {
		r.pos++
	}
	return r.pos - start
}

// str reads the text of the string that the last token began.
func (r *reader) str() (string, error) {
	r.quoted = false
	return r.text(false)
}

// text reads up to and including the closing quote and returns what it means.
func (r *reader) text(name bool) (string, error) {
	kind, atEnd := "string value", "Unexpected end-of-input: was expecting closing quote for a string value"
	if name {
		kind, atEnd = "name", "Unexpected end-of-input in field name"
	}
	var out []byte
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case c == '"':
			r.pos++
			return string(out), nil
		case c == '\\':
			r.pos++
			var err error
			if out, err = r.escape(out); err != nil {
				return "", err
			}
		case c < ' ':
			return "", r.fail("Illegal unquoted character (%s): "+
				"has to be escaped using backslash to be included in %s", describe(rune(c)), kind)
		default:
			out = append(out, c)
			r.pos++
		}
	}
	return "", r.fail("%s", atEnd)
}

// escape reads what follows a backslash and appends what it stands for.
func (r *reader) escape(out []byte) ([]byte, error) {
	if r.pos == len(r.src) {
		return nil, r.fail("Unexpected end-of-input in character escape sequence")
	}
	if c, ok := simpleEscape(r.src[r.pos]); ok {
		r.pos++
		return append(out, c), nil
	}
	if r.src[r.pos] != 'u' {
		c := r.peek()
		r.pos++
		return nil, r.failAt(r.pos-1, "Unrecognized character escape %s", describe(c))
	}
	r.pos++
	unit, err := r.hex()
	if err != nil {
		return nil, err
	}
	if utf16.IsSurrogate(unit) {
		if low, ok := lowSurrogate(r.src[r.pos:]); ok {
			if pair := utf16.DecodeRune(unit, low); pair != utf8.RuneError {
				r.pos += len(`\u0000`)
				return utf8.AppendRune(out, pair), nil
			}
		}
		unit = utf8.RuneError
	}
	return utf8.AppendRune(out, unit), nil
}

// hex reads the four digits of a \u escape.
func (r *reader) hex() (rune, error) {
	var unit rune
	for range 4 {
		if r.pos == len(r.src) {
			return 0, r.fail("Unexpected end-of-input in character escape sequence")
		}
		d, ok := hexDigit(r.src[r.pos])
		if !ok {
			return 0, r.fail("Unexpected character (%s): expected a hex-digit for character escape sequence",
				describe(r.peek()))
		}
		unit = unit<<4 | d
		r.pos++
	}
	return unit, nil
}
