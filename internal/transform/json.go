package transform

import (
	"bytes"
	"encoding/json"
	"iter"
)

// What follows takes JSON apart without building anything. It trusts that the
// text is valid, which Apply has checked; of text that is not, it makes
// something, but never a panic.

// members returns the names and values of an object, in the order of the text;
// nothing if v is not an object.
func members(v json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		if len(v) == 0 || v[0] != '{' {
			return
		}
		for rest := space(v[1:]); len(rest) > 0 && rest[0] == '"'; {
			n := length(rest)
			name := unquote(rest[:n])
			rest = space(rest[n:])
			if len(rest) == 0 {
				return
			}
			rest = space(rest[1:]) // the colon
			n = length(rest)
			if !yield(name, rest[:n]) {
				return
			}
			rest = comma(rest[n:])
		}
	}
}

// elements returns the elements of an array; nothing if v is not an array.
func elements(v json.RawMessage) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		if len(v) == 0 || v[0] != '[' {
			return
		}
		for rest := space(v[1:]); len(rest) > 0 && rest[0] != ']'; {
			n := length(rest)
			if n == 0 || !yield(rest[:n]) {
				return
			}
			rest = comma(rest[n:])
		}
	}
}

func space(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// comma moves over a comma and the white space around it.
func comma(b []byte) []byte {
	b = space(b)
	if len(b) > 0 && b[0] == ',' {
		b = space(b[1:])
	}
	return b
}

// length returns how long the value at the beginning of b is.
func length(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringLength(b[i:]) - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // behind a number or a literal
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// stringLength returns how long the string at the beginning of b is, both
// quotation marks included.
func stringLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// unquote returns the text of a JSON string.
func unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 && len(b) >= 2 {
		return string(b[1 : len(b)-1])
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return "" // not valid JSON, see above
	}
	return s
}
