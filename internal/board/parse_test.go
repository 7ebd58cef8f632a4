package board

import (
	"errors"
	"flag"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// badFiles are files that are refused, with what is said.
var badFiles = []struct{ name, text, want string }{
	{"not YAML", "events: {A: {at: 1}\n", "storm.yaml:2:1: this is not YAML: did not find expected ',' or '}' (while parsing a flow mapping that begins in line 1); put texts with any of {}[]:#&*!|>'\"%@` into double quotes"},
	{"a tab", "events:\n\tA: {}\n", "storm.yaml:2:1: this is not YAML: a tab or another character that cannot stand here (while scanning for the next token that begins in line 2); indent with spaces, or run `stormbus board fix`"},
	{"braces in a path", "triggers:\n  T: {http: POST /t/{id}}\n", "storm.yaml:2:21: this is not YAML: did not find expected ',' or '}' (while parsing a flow mapping that begins in line 2); put texts with any of {}[]:#&*!|>'\"%@` into double quotes"},
	{"not a map", "- A\n", "storm.yaml:1:1: it must be a map; write names and values, as in {at: 10}"},
	{"not UTF-8", "name: x\nevents: \xff\n", "storm.yaml:2:9: the line is not UTF-8; save the file as UTF-8"},
	{"unknown section", "event:\n  A: {}\n", "storm.yaml:1:1: event: a board has no \"event\"; did you mean \"events\"?"},
	{"unknown field", "events:\n  A: {att: 1}\n", "storm.yaml:2:7: events.A.att: there is no field \"att\" here; did you mean \"at\"?"},
	{"unknown field, nothing near", "actors:\n  A: {salary: 1}\n", "storm.yaml:2:7: actors.A.salary: there is no field \"salary\" here; known are auth, was"},
	{"twice", "events:\n  A: {}\n  B: {}\n  A: {at: 1}\n", "storm.yaml:4:3: events.A: it is there twice, first in line 2; remove one of them, or give it another name"},
	{"newer", "storm: 2\n", "storm.yaml:1:8: storm: the version 2 of the format is not known; this stormbus reads version 1; use a newer stormbus"},
	{"newer, with more that is new", "storm: 2\nevnts: {}\n", "storm.yaml:1:8: storm: the version 2 of the format is not known; this stormbus reads version 1; use a newer stormbus"},
	{"older", "storm: 0\n", "storm.yaml:1:8: storm: the version 0 of the format is not known; this stormbus reads version 1; run `stormbus board fix`"},
	{"a list of events", "events:\n  - A\n", "storm.yaml:2:3: events: it is a list, and must be a map of names; run `stormbus board fix`, which makes one of it"},
	{"truth as a name", "events:\n  on: {}\n", "storm.yaml:2:3: some readers of YAML take the key on for a truth value or for nothing; choose another name"},
	{"truth as a name, quoted", "events:\n  \"No\": {}\n", "storm.yaml:2:3: events.No: the name is not legal: some readers of YAML take it for a truth value or for nothing; choose another name"},
	{"a number as a name", "events:\n  1e3: {}\n", "storm.yaml:2:3: the key 1e3 is not read as text; put it into quotes: \"1e3\""},
	{"a day as a text", "spots:\n  s: {since: 2025-01-14}\n", "storm.yaml:2:14: spots.s.since: it must be a text, and 2025-01-14 is read as something else; put it into quotes: \"2025-01-14\""},
	{"emoji alone", "events:\n  \"🎟\": {}\n", "storm.yaml:2:3: events.🎟: the name is not legal: it has no letter or digit of the ASCII alphabet, so no folder can be named after it"},
	{"one folder", "services:\n  Box Office: {}\n  box-office: {}\n", "storm.yaml:3:3: services.box-office: it would have the same folder \"box-office\" as \"Box Office\"; give one of them another name"},
	{"a rule's name", "reactions:\n  pay on held: {}\n", "storm.yaml:2:3: reactions.pay on held: the name is not legal: a rule is named after it, so it has letters, digits and .-_ only, at most 64"},
	{"anchor", "events:\n  A: &a {at: 1}\n  B: *a\n", "storm.yaml:2:6: boards have neither anchors nor aliases; write the value out\nstorm.yaml:3:6: boards have neither anchors nor aliases; write the value out"},
	{"tag", "name: !!binary aGk=\n", "storm.yaml:1:7: boards have no tags such as !!binary; remove the tag"},
	{"text for a number", "events:\n  A: {at: soon}\n", "storm.yaml:2:11: events.A.at: it must be a whole number"},
	{"text for a flag", "events:\n  A: {pivotal: \"yes\"}\n", "storm.yaml:2:16: events.A.pivotal: it must be true or false"},
	{"no choice", "things:\n  T: {kind: aggregat}\n", "storm.yaml:2:13: things.T.kind: it is none of aggregate, entity; did you mean \"aggregate\"?"},
	{"no kind of models", "services:\n  S: {models: pydantik}\n", "storm.yaml:2:15: services.S.models: it is none of dataclass, pydantic, typeddict; did you mean \"pydantic\"?"},
	{"no list", "services:\n  S: {owns: Booking}\n", "storm.yaml:2:13: services.S.owns: it must be a list; write [Booking]"},
	{"in a list twice", "services:\n  S: {owns: [A, A]}\n", "storm.yaml:2:17: services.S.owns: \"A\" is in the list twice; remove one of them"},
	{"no type", "events:\n  A: {data: {id: uid}}\n", "storm.yaml:2:18: events.A.data.id: there is no type \"uid\"; did you mean \"uuid\"?"},
	{"optional and not", "events:\n  A: {data: {id: uuid, \"id?\": uuid}}\n", "storm.yaml:2:24: events.A.data.id?: the field is there twice, with and without a question mark; remove one"},
	{"no array", "events:\n  A: {data: {id: \"[uuid\"}}\n", "storm.yaml:2:18: events.A.data.id: the array \"[uuid\" is not closed; write it as \"[string]\""},
	{"no route", "triggers:\n  T: {http: POST bookings}\n", "storm.yaml:2:13: triggers.T.http: \"POST bookings\" is not legal: it is a method and a path, as in \"POST /tickets/{id}/scan\""},
	{"no schedule", "triggers:\n  T: {every: 5 minutes}\n", "storm.yaml:2:14: triggers.T.every: \"5 minutes\" is not legal: it is a rate or a cron expression, as in \"rate(5 minutes)\" or \"cron(0 18 ? * MON-FRI *)\""},
	{"too many retries", "reactions:\n  r: {retry: {attempts: 186}}\n", "storm.yaml:2:25: reactions.r.retry.attempts: \"186\" is not legal: at most 185 retries are made"},
	{"too young", "reactions:\n  r: {retry: {age: 1s}}\n", "storm.yaml:2:20: reactions.r.retry.age: \"1s\" is not legal: it is a time from 1m to 24h, as in 90m"},
	{"a file outside", "events:\n  A: {schema: ../secret.json}\n", "storm.yaml:2:15: events.A.schema: \"../secret.json\" is not legal: it is the path of a file below the board's folder, with /"},
	{"no place in the source", "bus: {source: cinema}\n", "storm.yaml:1:15: bus.source: \"cinema\" is not legal: it lacks the place for the service's name, {service}"},
	{"a number in a glossary", "contexts:\n  C: {words: {hold: 8}}\n", "storm.yaml:2:21: contexts.C.words.hold: it must be a text, and 8 is read as something else; put it into quotes: \"8\""},
	{"a key twice in a pattern", "reactions:\n  r: {match: {a: [1], a: [2]}}\n", "storm.yaml:2:23: reactions.r.match.a: it is there twice, first in line 2; remove one of them, or give it another name"},
	{"several", "events:\n  A: {at: x}\nthings:\n  T: {kind: y}\n", "storm.yaml:2:11: events.A.at: it must be a whole number\nstorm.yaml:4:13: things.T.kind: it is none of aggregate, entity; known are aggregate, entity"},
}

func TestParseBad(t *testing.T) {
	t.Parallel()
	for _, tt := range badFiles {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("storm.yaml", []byte(tt.text))
			problems := Problems(nil)
			if !errors.As(err, &problems) {
				t.Fatalf("Parse: %v, want problems", err)
			}
			if err.Error() != tt.want {
				t.Errorf("Parse:\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

// TestParseBounds holds the bounds of what is read.
func TestParseBounds(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"size":       "events: {}\n#" + strings.Repeat(" ", MaxSize),
		"depth":      "reactions:\n  r: {match: " + strings.Repeat("{a: ", 100) + "1" + strings.Repeat("}", 101) + "\n",
		"flow depth": strings.Repeat("[", 100_000),
		"types":      "events:\n  A: {data: {a: \"" + strings.Repeat("[", 100) + "string" + strings.Repeat("]", 100) + "\"}}\n",
	} {
		if _, err := Parse("storm.yaml", []byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	many := "events:\n" + strings.Repeat("  A: {at: x}\n", 1000)
	_, err := Parse("storm.yaml", []byte(many))
	problems := Problems(nil)
	if !errors.As(err, &problems) || len(problems) != maxProblems {
		t.Errorf("%d problems are told, want %d", len(problems), maxProblems)
	}
}

// TestMinimal: the board of step 1 is a few names.
func TestMinimal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing yet\n", "events:\n", "events: {X: {}}\n", "events:\n  X:\n"} {
		f := mustParse(t, "storm.yaml", []byte(text))
		if b := f.Board(); strings.Contains(text, "X") != (b.Events["X"] != nil) || b.Services == nil {
			t.Errorf("%q: board %+v", text, b)
		}
	}
}

// TestGrammarFitsTypes holds the table and the Go types together.
func TestGrammarFitsTypes(t *testing.T) {
	t.Parallel()
	top := reflect.TypeFor[Board]()
	exported := 0
	for f := range top.Fields() {
		if f.IsExported() {
			exported++
		}
	}
	if want := len(head) + len(sections); exported != want {
		t.Errorf("Board has %d exported fields, the grammar %d", exported, want)
	}
	for i, name := range topNames() {
		f := top.Field(i)
		if f.Tag.Get("yaml") != name {
			t.Errorf("field %s of Board is %q, the grammar has %q there", f.Name, f.Tag.Get("yaml"), name)
			continue
		}
		if s := sectionNamed(name); s != nil {
			fitsType(t, name, s.fields, f.Type.Elem().Elem())
		} else if r := ruleNamed(head, name); r.kind == record {
			fitsType(t, name, r.fields, f.Type)
		}
	}
}

func fitsType(t *testing.T, path string, rules []rule, typ reflect.Type) {
	t.Helper()
	if typ.NumField() != len(rules) {
		t.Errorf("%s: the type has %d fields, the grammar %d", path, typ.NumField(), len(rules))
		return
	}
	for i, r := range rules {
		f := typ.Field(i)
		if f.Tag.Get("yaml") != r.name {
			t.Errorf("%s: field %s is %q, the grammar has %q there", path, f.Name, f.Tag.Get("yaml"), r.name)
		}
		if r.about == "" {
			t.Errorf("%s.%s: the grammar does not say what it is", path, r.name)
		}
		if r.kind == record {
			fitsType(t, path+"."+r.name, r.fields, f.Type.Elem())
		}
		for _, to := range r.to {
			if sectionNamed(to) == nil {
				t.Errorf("%s.%s: there is no section %q", path, r.name, to)
			}
		}
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Box Office": "box-office", "BoxOffice": "box-office", "box_office": "box-office", "HTTPServer": "http-server",
		"PaymentCaptured": "payment-captured", "v2Booking": "v2-booking", "Usher's Desk": "ushers-desk", "Café": "caf", "🎟": "", "--a--": "a", "ÄB": "b",
		"A": "a", "": "", "a  b": "a-b", "SeatsHeld2": "seats-held2",
	} {
		if got := Slug(name); got != want {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want string }{
		{"evnets", "events"}, {"event", "events"}, {"trigger", "triggers"}, {"xyz", ""}, {"", ""}, {"Things", "things"},
	} {
		if got := nearest(tt.got, topNames()); got != tt.want {
			t.Errorf("nearest(%q) = %q, want %q", tt.got, got, tt.want)
		}
	}
}
