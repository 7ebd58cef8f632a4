package pattern_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"stormbus/internal/pattern"
)

// FuzzCompile checks that no text makes Compile panic or run away, that what it
// accepts is JSON, and that what it accepts can be evaluated.
func FuzzCompile(f *testing.F) {
	for _, v := range vectors(f, "ruler-compile.jsonl") {
		f.Add([]byte(v.Pattern))
	}
	for _, v := range vectors(f, "localstack.jsonl") {
		f.Add([]byte(v.Pattern))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := pattern.Compile(text, pattern.Classic, pattern.Limits{})
		if err != nil {
			var syntax *pattern.SyntaxError
			if !errors.As(err, &syntax) || syntax.Reason == "" {
				t.Errorf("Compile(%q) = %T %v, want a *SyntaxError with a reason", text, err, err)
			}
			return
		}
		if !json.Valid(text) {
			t.Errorf("Compile(%q) accepts what is not JSON", text)
		}
		if _, err := p.Eval(&pattern.Doc{Data: text}); err != nil && !errors.Is(err, pattern.ErrUndecided) {
			t.Errorf("Eval(%q) on itself = %v", text, err)
		}
	})
}

// FuzzMatch checks that no event makes a match panic, that events are accepted
// exactly when they are JSON objects, and that the matcher agrees with the reference
// evaluator.
func FuzzMatch(f *testing.F) {
	for i, v := range vectors(f, "ruler.jsonl") {
		if i%10 == 0 && len(v.Event) < 10000 {
			f.Add([]byte(v.Pattern), []byte(v.Event))
		}
	}
	f.Fuzz(func(t *testing.T, text, event []byte) {
		p, err := pattern.Compile(text, pattern.Classic, pattern.Limits{})
		if err != nil {
			return
		}
		doc := &pattern.Doc{Data: event}
		m := pattern.NewMatcher(pattern.Options{})
		if err := m.Add(1, pattern.Scoped{Pattern: p}); err != nil {
			t.Fatal(err)
		}
		var r pattern.Result
		fast := m.Snapshot().Match(doc, &r)
		want, err := p.Eval(doc)
		if (err == nil || errors.Is(err, pattern.ErrUndecided)) != (fast == nil) {
			t.Fatalf("Match(%q, %q) = error %v, Eval = %v", text, event, fast, err)
		}
		for _, kind := range []error{pattern.ErrBadJSON, pattern.ErrNotObject, pattern.ErrTooDeep} {
			if errors.Is(err, kind) != errors.Is(fast, kind) {
				t.Fatalf("Match(%q, %q) = error %v, Eval = %v", text, event, fast, err)
			}
		}
		if errors.Is(err, pattern.ErrUndecided) || len(r.Undecided) > 0 {
			return
		}
		var object map[string]json.RawMessage
		isObject := json.Unmarshal(event, &object) == nil && object != nil
		if isObject != (err == nil) && !errors.Is(err, pattern.ErrTooDeep) {
			t.Fatalf("Eval(%q, %q) = error %v, but it is an object: %v", text, event, err, isObject)
		}
		if err == nil && (len(r.IDs) == 1) != want {
			t.Errorf("Match(%q, %q) = %v, Eval = %v", text, event, r.IDs, want)
		}
		checkRepeat(t, m.Snapshot(), event, r.IDs, err)
	})
}

// checkRepeat matches an event once more as a checked document, whatever it is:
// a well-formed one must give the same, and any other must end.
func checkRepeat(t *testing.T, s pattern.Snapshot, event []byte, want []pattern.ID, err error) {
	t.Helper()
	var r pattern.Result
	fast := s.Match(&pattern.Doc{Data: event, Checked: true}, &r)
	if err == nil && (fast != nil || !slices.Equal(r.IDs, want)) {
		t.Errorf("Match(%q) of a checked document = %v, %v; want %v", event, r.IDs, fast, want)
	}
}
