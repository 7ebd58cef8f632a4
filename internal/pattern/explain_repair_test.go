package pattern_test

import (
	"encoding/json"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// TestRepair takes explanations at their word: an event that is changed as the
// nearest misses say matches.
func TestRepair(t *testing.T) {
	t.Parallel()
	tests := []struct {
		about, pattern, event string
	}{
		{"a key in another case", `{"detail":{"seatCount":[1]}}`, `{"detail":{"SeatCount":1}}`},
		{"further in", `{"tenant":["a"]}`, `{"detail":{"x":{"tenant":"a"}}}`},
		{"further out", `{"detail":{"order":{"id":["a"]}}}`, `{"detail":{"id":"a"}}`},
		{"a slip in a key", `{"detail":{"customer":["a"]}}`, `{"detail":{"custommer":"a"}}`},
		{"JSON in a string", `{"detail":{"body":{"id":["a"]}}}`, `{"detail":{"body":"{\"id\":\"a\"}"}}`},
		{"case of a value", `{"source":["Cinema"]}`, `{"source":"cinema"}`},
		{"white space in a value", `{"source":["the cinema"]}`, `{"source":"the  cinema"}`},
		{"a slip in a value", `{"source":["cinema","theatre"]}`, `{"source":"cinemas"}`},
		{"a string for a number", `{"a":[5]}`, `{"a":"5"}`},
		{"a number for a string", `{"a":["5"]}`, `{"a":5}`},
		{"a string for true", `{"a":[true]}`, `{"a":"true"}`},
		{"the closest number", `{"a":[10,100]}`, `{"a":99}`},
		{"what must be absent", `{"a":[{"exists":false}],"b":[1]}`, `{"a":7,"b":1}`},
		{"several at once", `{"source":["cinema"],"detail":{"seat":[1],"total":[5],"x":[{"exists":false}]}}`, `{"Source":"cinema","detail":{"seats":1,"total":"5","x":0}}`},
		{"the closest branch", `{"$or":[{"a":["x"],"b":["y"]},{"c":["zz"]}]}`, `{"a":"q","c":"z"}`},
	}
	for _, tt := range tests {
		t.Run(tt.about, func(t *testing.T) {
			t.Parallel()
			e := explain(t, tt.pattern, tt.event)
			if e.Matched {
				t.Fatalf("Explain(%s, %s) says match: there is nothing to repair", tt.pattern, tt.event)
			}
			var event map[string]any
			if err := json.Unmarshal([]byte(tt.event), &event); err != nil {
				t.Fatal(err)
			}
			for _, c := range e.Branches[0].Clauses {
				if !c.Held {
					repair(t, event, &c)
				}
			}
			repaired, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			if e := explain(t, tt.pattern, string(repaired)); !e.Matched {
				t.Errorf("%s was repaired to %s, but:\n%s", tt.event, repaired, render(t, e))
			}
		})
	}
}

// repair changes an event as the nearest miss of a clause says.
func repair(t *testing.T, event map[string]any, c *pattern.ClauseReport) {
	t.Helper()
	switch c.Near.Hint {
	case pattern.HintCaseOfKey, pattern.HintNesting, pattern.HintOtherPath:
		inner, key := holder(event, c.Near.Path)
		value := inner[key]
		delete(inner, key)
		inner, key = holder(event, c.Path)
		inner[key] = value
	case pattern.HintJSONInString:
		inner, key := holder(event, c.Near.Path)
		var value any
		if err := json.Unmarshal([]byte(inner[key].(string)), &value); err != nil {
			t.Fatal(err)
		}
		inner[key] = value
	case pattern.HintPresent:
		inner, key := holder(event, c.Near.Path)
		delete(inner, key)
	default:
		inner, key := holder(event, c.Path)
		inner[key] = json.RawMessage(c.Near.Entry)
	}
}

// holder returns the object that has the last name of a path, which is made if
// need be, and that name.
func holder(event map[string]any, path string) (inner map[string]any, key string) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		next, ok := event[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			event[name] = next
		}
		event = next
	}
	return event, names[len(names)-1]
}
