package board

import (
	"bytes"
	"strings"
	"testing"

	"stormbus/internal/board/boardtest"
)

// TestHostile: what no editor should write, but files have. Each is either refused
// with line, column and remedy, or read as what it says.
func TestHostile(t *testing.T) {
	t.Parallel()
	deep := func(open, shut string, n int) string {
		return "reactions:\n  r:\n    match: " + strings.Repeat(open, n) + "1" + strings.Repeat(shut, n) + "\n"
	}
	for _, tt := range []struct{ name, text, want string }{
		{"NUL", "events:\n  A\x00B: {}\n", "storm.yaml:2:4: the file has a character that cannot be printed, U+0000; remove it"},
		{"NUL in quotes", "events:\n  \"A\\0B\": {}\n", "storm.yaml:2:3: events.A\x00B: the name is not legal: it has a character that cannot be printed"},
		{"escape character", "name: x\x1b[31m\n", "storm.yaml:1:8: the file has a character that cannot be printed, U+001B; remove it"},
		{"not UTF-8", "events:\n  Ça: {}\n  A\xe9: {}\n", "storm.yaml:3:4: the line is not UTF-8; save the file as UTF-8"},
		{"UTF-16", "\xff\xfee\x00v\x00", "storm.yaml:1:1: the line is not UTF-8; save the file as UTF-8"},
		{"a tab", "events:\n  A:\n\tat: 1\n", "storm.yaml:3:1: this is not YAML: a tab or another character that cannot stand here (while scanning for the next token that begins in line 3); indent with spaces, or run `stormbus board fix`"},
		{"CRLF", "events:\r\n  A: {att: 1}\r\n", "storm.yaml:2:7: events.A.att: there is no field \"att\" here; did you mean \"at\"?"},
		{"byte order mark", "\uFEFFevnts:\n  A: {}\n", "storm.yaml:1:1: evnts: a board has no \"evnts\"; did you mean \"events\"?"},
		{"deep", deep("{a: ", "}", 100), "storm.yaml:3:260: the file is nested too deeply; put it into a file of its own, or write it flatter"},
		{"deep lists", deep("[", "]", 100), "storm.yaml:3:74: the file is nested too deeply; put it into a file of its own, or write it flatter"},
		{"off as a field", "spots:\n  s: {off: true}\n", "storm.yaml:2:7: some readers of YAML take the key off for a truth value or for nothing; choose another name"},
		{"a date as a name", "events:\n  2025-01-14: {}\n", "storm.yaml:2:3: the key 2025-01-14 is not read as text; put it into quotes: \"2025-01-14\""},
		{"two documents", "events: {}\n---\nevents: {}\n", "storm.yaml:2:1: the file has a second document; keep one board in a file"},
	} {
		_, err := Parse("storm.yaml", []byte(tt.text))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n%v\nwant\n%s", tt.name, err, tt.want)
		}
	}
	for _, tt := range []struct{ name, text, want string }{
		{"CRLF", "# a\r\n\r\nevents:\r\n  A: {at: 1} # b\r\n", "# a\n\nevents:\n  A: # b\n    at: 1\n"},
		{"byte order mark", "\uFEFFevents: {A: {}}\n", "events:\n  A: {}\n"},
		{"spaces and quotes", "contexts:\n  Box Office: {}\n  'Usher''s \"desk\"': {team: \"a: b # c\"}\n", "contexts:\n  Box Office: {}\n  \"Usher's \\\"desk\\\"\": {team: \"a: b # c\"}\n"},
		{"emoji", "events:\n  Sold 🎟: {lane: \"\\ud83c\\udf9f\"}\n", ""},
		{"a number in quotes", "events:\n  \"1e3\": {lane: \"no\"}\n", "events:\n  \"1e3\":\n    lane: \"no\"\n"},
	} {
		f, err := Parse("storm.yaml", []byte(tt.text))
		if tt.want == "" {
			if err == nil {
				checkFormat(t, f, []byte(tt.text))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := string(checkFormat(t, f, []byte(tt.text))); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestCircles: events that cause themselves are no error of the file, and end.
func TestCircles(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "storm.yaml", []byte("events:\n  A: {by: T, was: A}\ntriggers:\n  T: {from: reaction, calls: T, reads: [V]}\nreactions:\n  r: {when: A, do: T}\nviews:\n  V: {from: [A]}\n"))
	if got, want := f.Check().Error(), "storm.yaml:4:30: triggers.T.calls: systems or services has no \"T\"; add it to systems or services"; got != want {
		t.Errorf("Check:\n%s\nwant\n%s", got, want)
	}
	b := f.Board()
	if len(f.Steps(nil)) != 8 || b.Text() == "" || b.Mermaid() == "" || b.SVG() == "" {
		t.Error("the board is not shown")
	}
}

// TestManyLines: a board of more than 50,000 lines is read, checked and written.
func TestManyLines(t *testing.T) {
	t.Parallel()
	text := boardtest.Big(4500, 900)
	if n := bytes.Count(text, []byte("\n")); n < 50_000 {
		t.Fatalf("the board has %d lines only", n)
	}
	f := mustParse(t, "storm.yaml", text)
	if problems := f.Check(); len(problems) > 0 {
		t.Errorf("Check:\n%v", problems)
	}
	formatted := f.Format()
	if again := mustParse(t, "storm.yaml", formatted); !bytes.Equal(again.Format(), formatted) {
		t.Error("formatting twice differs from once")
	}
	// As many references that lead nowhere: the first hundred are told, with what
	// was meant.
	broken := bytes.ReplaceAll(text, []byte("    of: "), []byte("    of: X"))
	problems := mustParse(t, "storm.yaml", broken).Check()
	if len(problems) != maxProblems || problems[0].Remedy != `did you mean "Order"?` {
		t.Errorf("%d problems, the first %v", len(problems), problems[0])
	}
}

// TestKeysAreComparedOnce: the library, which compares each key of a map with all
// others, is not asked whether they differ; the parser is.
func TestKeysAreComparedOnce(t *testing.T) {
	t.Parallel()
	p := &parser{}
	twice := p.load([]byte("events:\n  A: {at: 1}\n  A: {at: 2, example: {b: 1, b: 2}}\n")).Content[0]
	if err := decode(twice, &Board{}); err != nil {
		t.Errorf("decode compares keys: %v", err)
	}
	for _, text := range []string{
		"events: {}\nevents: {}\n", "events: {A: {}, A: {}}\n", "events: {A: {at: 1, at: 2}}\n",
		"events: {A: {data: {a: uuid, a: uuid}}}\n", "events: {A: {example: {b: [{c: 1, c: 2}]}}}\n",
		"events: {A: {data: {a: {type: email, type: email}}}}\n", "reactions: {r: {match: {a: {b: 1, b: 2}}}}\n",
		"reactions: {r: {retry: {age: 1h, age: 2h}}}\n", "contexts: {C: {words: {w: \"x\", w: \"y\"}}}\n", "bus: {name: x, name: y}\n",
	} {
		if _, err := Parse("storm.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "it is there twice") {
			t.Errorf("%q: %v, want an error: a key is there twice", text, err)
		}
	}
}
