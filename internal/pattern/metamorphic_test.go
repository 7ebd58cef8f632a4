package pattern_test

import (
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// TestMetamorphic changes random events in ways that must not change the result:
// a field that nobody reads, white space, a list around a
// scalar, and escapes in place of characters.
func TestMetamorphic(t *testing.T) {
	t.Parallel()
	d := newDifferential(*seed)
	changes := map[string]func(event string) string{
		"a field that nobody reads": func(e string) string {
			return `{"unread":[{"a":"x"},1]` + strings.Repeat(",", min(len(e)-2, 1)) + e[1:]
		},
		"white space":     func(e string) string { return " \n" + strings.TrimSuffix(e, "}") + "\t}\r\n" },
		"escaped letters": func(e string) string { return strings.ReplaceAll(e, `"x"`, `"\u0078"`) },
		"escaped names":   func(e string) string { return strings.ReplaceAll(e, `"a":`, `"\u0061":`) },
		"a list around a scalar": func(e string) string {
			return strings.NewReplacer(`:"x"`, `:["x"]`, `:null`, `:[null]`).Replace(e)
		},
	}
	const rounds = 3000
	matched := 0
	for range rounds {
		p := d.pattern()
		event := d.random.Event()
		want, err := p.Eval(&pattern.Doc{Data: []byte(event)})
		if err != nil {
			t.Fatal(err)
		}
		if want {
			matched++
		}
		for what, change := range changes {
			changed := change(event)
			if got, err := evaluate(t, p, changed); err != nil || got != want {
				t.Fatalf("seed %d: %s: pattern %s\nevent   %s: %v\nchanged %s: %v, %v", *seed, what, p.Source(), event, want, changed, got, err)
			}
		}
	}
	if matched < rounds/50 {
		t.Errorf("only %d of %d events match: the comparison says little", matched, rounds)
	}
}
