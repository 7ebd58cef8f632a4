package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// pythonWord is what Python prints for a constant of JSON.
var pythonWord = regexp.MustCompile(`^(True|False|None|NaN|Infinity|-Infinity)\b`)

// JSONHint says why a text is not JSON, and where, for a person who thought that
// it was one document. It is "" if the text is JSON.
func JSONHint(text []byte) string {
	if len(bytes.TrimSpace(text)) == 0 {
		return "the text is empty"
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) || bytes.IndexByte(text, 0) >= 0 {
		return "the text is UTF-16 or binary: save it as UTF-8"
	}
	if !utf8.Valid(text) {
		return "the text is not UTF-8: save it as such"
	}
	var v any
	syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(text, &v))
	if !ok {
		return ""
	}
	if first := bytes.TrimSpace(text); !bytes.ContainsAny(first[:1], `{["`) {
		if before, _, ok := bytes.Cut(first, []byte("{")); ok && !bytes.ContainsAny(before, "\n:") || ok && bytes.ContainsAny(before[:1], "0123456789") {
			return "leave out what stands before the first {"
		}
		return "want JSON that begins with {; YAML and other forms are not read"
	}
	at := min(max(int(syntax.Offset)-1, 0), len(text)) // of the first byte that does not fit
	if int(syntax.Offset) >= len(text) && endsEarly(text) {
		return "the text ends too early: a bracket or a quotation mark is not closed"
	}
	line, col := lineColumn(text, at)
	return fmt.Sprintf("line %d, column %d: %s", line, col, jsonFault(text, at))
}

// endsEarly reports whether a text is the beginning of a JSON document.
func endsEarly(text []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := dec.Token(); err != nil {
			syntax, ok := errors.AsType[*json.SyntaxError](err)
			return !ok || syntax.Offset > int64(len(text))
		}
	}
}

// jsonFault says what is wrong at an offset.
func jsonFault(text []byte, at int) string {
	before, rest := bytes.TrimRight(text[:at], " \t\r\n"), text[at:]
	switch c := rest[0]; {
	case bytes.HasSuffix(text[:at], []byte(`\`)):
		return `in JSON a backslash is written twice: "C:\\Users"`
	case c == '\'':
		return "JSON has double quotation marks; in Python, print json.dumps(...) instead of the object itself"
	case c == '}' && bytes.HasSuffix(before, []byte(",")), c == ']' && bytes.HasSuffix(before, []byte(",")):
		return "remove the comma before the closing bracket"
	case c == '/' || c == '#':
		return "JSON has no comments"
	case json.Valid(before) && (c == '{' || c == '['):
		return "a second document begins here (JSON lines?): give one at a time"
	case json.Valid(before):
		return "there is text behind the document"
	case pythonWord.Match(wordAt(text, at)):
		return "this is Python's spelling, JSON has true, false and null; in Python, print json.dumps(...)"
	case bytes.HasSuffix(before, []byte("{")) || bytes.HasSuffix(before, []byte(",")):
		return "a name or a text stands in double quotation marks here; if the shell took them away, put single ones around the whole, or use a file"
	case bytes.HasSuffix(before, []byte(":")), bytes.HasSuffix(before, []byte("[")):
		return "a text stands in double quotation marks; if the shell took them away, put single ones around the whole, or use a file"
	case c < ' ':
		return `a line break or a tab in a text is written as \n or \t`
	case c == '"':
		return `a comma is missing here, or a quotation mark in a text that is written as \"`
	}
	return fmt.Sprintf("%q does not fit here", firstRune(rest))
}

// wordAt returns the text from the beginning of the word at an offset.
func wordAt(text []byte, at int) []byte {
	for at > 0 && (text[at-1] >= 'a' && text[at-1] <= 'z' || text[at-1] >= 'A' && text[at-1] <= 'Z' || text[at-1] == '-') {
		at--
	}
	return text[at:]
}

func firstRune(text []byte) string {
	r, _ := utf8.DecodeRune(text)
	return string(r)
}
