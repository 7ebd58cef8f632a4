package pattern_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"stormbus/internal/pattern"
)

// TestHint types what people type and looks at what they are told to write.
func TestHint(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{`{"source": "shop.orders"}`, `a value stands in a list: {"source": ["shop.orders"]}`},
		{`{"detail": {"total":5}}`, `a value stands in a list: {"total": [5]}`},
		{`{"detail": {"id": {"prefix": "a\"b"}}}`, `an operator stands in a list: [{"prefix": "a\"b"}]`},
		{`{"detail": {"id": {"exists": true}}}`, `an operator stands in a list: [{"exists": true}]`},
		{`{"Name": "x", "EventPattern": "{}"}`, `this looks like a rule: give only its EventPattern`},
		{`{"AWSTemplateFormatVersion": "2010-09-09"}`, `this looks like a template`},
		{`{"Type": "AWS::Events::Rule"}`, `this looks like a resource of a template`},
		{`{"version": "0", "detail-type": "x"}`, `this looks like an event`},
		{`{"source": "x", "detail-type": "x", "account": "1", "time": "x"}`, `this looks like an event`},
		{`["a"]`, `a pattern is an object that has the form of the event`},
		{`{}`, `to take every event, write {"source": [{"prefix": ""}]}`},
		{`{"a": []}`, `for any value write [{"exists": true}]`},
		{`{"a": [["x"]]}`, `a list holds values and operators, no lists`},
		{`{"a": [{}]}`, `{"exists": true}`},
		{`{"a": [{"prefix": "a", "suffix": "b"}]}`, `an object of its own`},
		{`{"a": [{"prefx": "a"}]}`, `the operator is written "prefix"`},
		{`{"a": [{"Prefix": "a"}]}`, `the operator is written "prefix"`},
		{`{"a": [{"anything_but": "a"}]}`, `the operator is written "anything-but"`},
		{`{"a": [{"anythingBut": "a"}]}`, `the operator is written "anything-but"`},
		{`{"a": [{"$or": ["a"]}]}`, `entries of a list are alternatives already`},
		{`{"a": [{"and": ["a"]}]}`, `joined by "and" already`},
		{`{"a": [{"regex": "a"}]}`, `there are no regular expressions`},
		{`{"a": [{"not": "a"}]}`, `{"anything-but": ["a", "b"]}`},
		{`{"a": [{"in": ["a"]}]}`, `the values themselves`},
		{`{"a": [{">": 5}]}`, `{"numeric": [">=", 0, "<", 5]}`},
		{`{"a": [{"contains": "a"}]}`, `{"wildcard": "*a*"}`},
		{`{"a": [{"startsWith": "a"}]}`, `{"prefix": "a"}`},
		{`{"a": [{"ends_with": "x.png"}]}`, `write {"suffix": "x.png"}`},
		{`{"a": [{"endsWith": ["x", "y"]}]}`, `write {"suffix": "a"}`},
		{`{"a": [{"includes": "x"}]}`, `write {"wildcard": "*x*"}`},
		{`{"a": [{"ignoreCase": "a"}]}`, `{"equals-ignore-case": "a"}`},
		{`{"a": [{"subnet": "a"}]}`, `{"cidr": "10.0.0.0/8"}`},
		{`{"a": [{"present": true}]}`, `{"exists": true} or`},
		{`{"items": [{"sku": ["A"]}]}`, `"sku" is no operator (there are prefix, `},
		{`{"items": [{"sku": ["A"]}]}`, `written without the list: {"sku": […]}`},
		{`{"a": [{"prefix": ["a", "b"]}]}`, `the operand is one text; write one object for each: [{"prefix": "a"}, {"prefix": "b"}]`},
		{`{"a": [{"exists": "true"}]}`, `true or false, without quotation marks`},
		{`{"a": [{"anything-but": null}]}`, `only strings and numbers can be excluded`},
		{`{"a": [{"anything-but": [null]}]}`, `only strings and numbers can be excluded`},
		{`{"a": [{"anything-but": ["a", 1]}]}`, `one list excludes strings or numbers`},
		{`{"a": [{"anything-but": {"cidr": "a"}}]}`, `below anything-but stand prefix, suffix`},
		{`{"a": [{"anything-but": {"prefix": ""}}]}`, `every text begins and ends with ""`},
		{`{"a": [{"wildcard": "a**"}]}`, `one * stands for any text already`},
		{`{"a": [{"wildcard": "a\\.b"}]}`, `in JSON each backslash is written twice`},
		{`{"a": [{"numeric": ">100"}]}`, `write {"numeric": [">", 100]}`},
		{`{"a": [{"numeric": [">", "100"]}]}`, `without quotation marks`},
		{`{"a": [{"numeric": [100]}]}`, `write an operator before the number`},
		{`{"a": [{"numeric": ["=="]}]}`, `the operators are <, <=, =, >= and >`},
		{`{"a": [{"numeric": ["<", 200, ">", 100]}]}`, `a range has its lower bound first`},
		{`{"a": [{"numeric": [">", 200, ">", 300]}]}`, `its upper bound second`},
		{`{"a": [{"numeric": [">", 200, "<", 100]}]}`, `the lower bound stands first and is the smaller one`},
		{`{"a": [{"cidr": "10.1.2.3"}]}`, `for one address write it as a value`},
		{`{"a": [{"cidr": "10.1.2.3/32"}]}`, `for one address write it as a value`},
		{`{"a": [{"cidr": "localhost/8"}]}`, `names of hosts are not looked up`},
		{`{"$or": {"a": [1]}}`, `a list of objects`},
		{`{"$or": [1, 2]}`, `a list of objects`},
		{`{"$or": [{"a": [1]}]}`, `without an alternative, leave out $or`},
		{`{"$or": [{"prefix": [1]}, {"a": [1]}]}`, `in $or stand objects with fields`},
		{`{'source': ['x']}`, `line 1, column 2: JSON has double quotation marks; in Python, print json.dumps(...)`},
		{"{\"source\": [\n\"x\",]}", `line 2, column 5: remove the comma before the closing bracket`},
		{`{"source": ["x"],}`, `line 1, column 18: remove the comma before the closing bracket`},
		{`{"a": [True]}`, `this is Python's spelling`},
		{`{"a": [1], "b": [None]}`, `this is Python's spelling`},
		{`{source: [x]}`, `if the shell took them away, put single ones around the whole`},
		{`{"source": [shop]}`, `if the shell took them away, put single ones around the whole`},
		{`{"a": [1] // one`, `JSON has no comments`},
		{`{"a": [1]`, `the text ends too early`},
		{`{"a": ["x`, `the text ends too early`},
		{"{\"a\": [\"x\ny\"]}", `a line break or a tab in a text is written as \n or \t`},
		{`{"a": ["C:\Users"]}`, `line 1, column 12: in JSON a backslash is written twice`},
		{`{"a": ["x" "y"]}`, `a comma is missing here`},
		{"\xff\xfe{\x00}\x00", `the text is UTF-16 or binary: save it as UTF-8`},
		{"{\"a\": [\"\xe4\"]}", `the text is not UTF-8`},
		{` `, `the text is empty`},
	}
	for _, tt := range tests {
		_, err := pattern.Compile([]byte(tt.text), pattern.Classic, pattern.StrictAWS(pattern.Classic))
		syntax, ok := errors.AsType[*pattern.SyntaxError](err)
		if !ok {
			// What only people mind is no error of the compiler.
			if got := pattern.JSONHint([]byte(tt.text)); !strings.Contains(got, tt.want) {
				t.Errorf("Compile(%s) = %v, and the hint at the text is %q; want %q", tt.text, err, got, tt.want)
			}
			continue
		}
		if got := syntax.Hint(); !strings.Contains(got, tt.want) {
			t.Errorf("hint at %q (%s) = %q, want %q", tt.text, syntax.Reason, got, tt.want)
		}
	}
}

// TestHintForAll has a hint at every error of the patterns that AWS or event-ruler
// refused.
func TestHintForAll(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, file := range []string{"testdata/localstack.jsonl", "testdata/ruler-compile.jsonl", "testdata/ruler.jsonl"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var v struct{ Pattern string }
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			_, err := pattern.Compile([]byte(v.Pattern), pattern.Classic, pattern.StrictAWS(pattern.Classic))
			if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
				refused++
				if hint := syntax.Hint(); hint == "" || strings.ContainsAny(hint, "\n\x1b") {
					t.Errorf("hint at %s (%s) = %q", v.Pattern, syntax.Reason, hint)
				}
			}
		}
	}
	if refused < 50 {
		t.Errorf("only %d patterns were refused: the test proves little", refused)
	}
}

// TestJSONHint looks at documents that are no patterns.
func TestJSONHint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a": 1}`:                 "",
		"":                         "the text is empty",
		"{\"a\": 1}\n{\"a\": 2}\n": "line 2, column 1: a second document begins here (JSON lines?): give one at a time",
		`{"a": 1} x`:               "line 1, column 10: there is text behind the document",
		`{"a": 1,`:                 "the text ends too early: a bracket or a quotation mark is not closed",
		`{"a": 01}`:                `line 1, column 8: "1" does not fit here`,
		`{"a": False}`:             "line 1, column 7: this is Python's spelling, JSON has true, false and null; in Python, print json.dumps(...)",
		"source: shop":             "want JSON that begins with {; YAML and other forms are not read",
		"detail: {a: 1}":           "want JSON that begins with {; YAML and other forms are not read",
		`INFO {"a": 1}`:            "leave out what stands before the first {",
		`2026-11-24T10:00:00Z {}`:  "leave out what stands before the first {",
	} {
		if got := pattern.JSONHint([]byte(text)); got != want {
			t.Errorf("JSONHint(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzHint looks for texts at which a hint panics, breaks the line, or denies that
// JSON is JSON.
func FuzzHint(f *testing.F) {
	for _, text := range []string{
		`{"source": "x"}`, `{"a": [{"b\n": "x\"}]}`, "{'a': [1]}", `{"a": [True]}`, `{"a": 1} {`, "[1,", "\xff\xfe", "a: {", `{"a":"\`, `"`, "{\"a\": [{\"prefix\": \"x\ny\"}]}",
		`{"$or": [{"prefix": [1]}, {}]}`, `{"":""}`, " {", "{\u2028", "\u00a0{",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := pattern.Compile(text, pattern.Classic, pattern.Limits{})
		if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
			if hint := syntax.Hint(); strings.ContainsAny(hint, "\n\r\x1b") {
				t.Errorf("hint at %q = %q", text, hint)
			}
		}
		hint := pattern.JSONHint(text)
		if json.Valid(text) && utf8.Valid(text) && hint != "" {
			t.Errorf("JSONHint(%q) = %q, but it is JSON", text, hint)
		}
		if !json.Valid(text) && hint == "" {
			t.Errorf("JSONHint(%q) says nothing", text)
		}
	})
}
