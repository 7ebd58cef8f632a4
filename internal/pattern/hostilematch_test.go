package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// hostileRules are sets of rules and an event of 256 KB for each that was made to
// be slow. In undecided ones the step budget may end the search.
func hostileRules() []struct {
	name      string
	rules     []string
	event     string
	undecided bool
} {
	const size = 256 << 10
	list := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size-100; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	hundred := func(format string) []string {
		rules := make([]string, 100)
		for i := range rules {
			rules[i] = fmt.Sprintf(strings.ReplaceAll(format, "#", "%[1]d"), i)
		}
		return rules
	}
	strings256 := `{"s":"x","a":[` + list(`"v%d"`) + `]}`
	objects := `{"s":"x","a":[` + list(`{"b":"v%d","c":"w"}`) + `]}`
	return []struct {
		name      string
		rules     []string
		event     string
		undecided bool
	}{
		{"prefixes", hundred(`{"a":[{"prefix":"u#"}]}`), strings256, false},
		{"prefixes of every length", hundred(`{"a":[{"prefix":"` + strings.Repeat("v", 1) + `%[1]0*[1]d"}]}`), strings256, false},
		{"prefixes behind a source", hundred(`{"s":["x"],"a":[{"prefix":"u#"}]}`), strings256, true},
		{"suffixes without regard to case", hundred(`{"a":[{"suffix":{"equals-ignore-case":"U#"}}]}`), strings256, false},
		{"odd cases", hundred(`{"a":[{"equals-ignore-case":"ß#"}]}`), strings256, true},
		{"wildcards", hundred(`{"a":[{"wildcard":"*v#*u"}]}`), strings256, true},
		{"wildcards on one text", hundred(`{"a":[{"wildcard":"*ab*ba*ab#*"}]}`), `{"a":"` + strings.Repeat("ab", size/2) + `"}`, true},
		{"forbidden values", hundred(`{"a":[{"anything-but":{"prefix":["v","u#"]}}]}`), strings256, true},
		{"networks", hundred(`{"a":[{"cidr":"10.#.0.0/16"}]}`), `{"a":[` + list(`"11.0.0.%d"`) + `]}`, false},
		{"ranges", hundred(`{"a":[{"numeric":["<",-#]}]}`), `{"a":[` + list(`%d`) + `]}`, true},
		{"two fields of one array", hundred(`{"a":{"b":["v#"],"c":["w"]}}`), objects, false},
		{"all elements twice", hundred(`{"a":{"b":[{"prefix":"v"}],"c":["w"],"d":[#,{"exists":false}]}}`), objects, true},
		{"arrays in arrays", hundred(`{"a":{"b":["v#"],"c":["x"]}}`), `{"a":[[` + list(`{"b":"v%d"}`) + `],[{"c":"x"}]]}`, true},
		{"many names", hundred(`{"a":{"k#":[1],"z":[{"exists":false}]}}`), `{"a":{` + list(`"k%d":1`) + `}}`, false},
	}
}

// TestHostileRules holds that such events are decided, or given up within the
// step budget. How long it takes is seen in BenchmarkHostileRules.
func TestHostileRules(t *testing.T) {
	t.Parallel()
	for _, tt := range hostileRules() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			patterns := compileAll(t, tt.rules)
			snap := matcherOf(t, patterns).Snapshot()
			doc := &pattern.Doc{Data: []byte(tt.event)}
			var r pattern.Result
			if err := snap.Match(doc, &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Undecided) > 0 && !tt.undecided {
				t.Errorf("%d rules are undecided", len(r.Undecided))
			}
		})
	}
}

func BenchmarkHostileRules(b *testing.B) {
	for _, tt := range hostileRules() {
		b.Run(tt.name, func(b *testing.B) {
			snap := matcherOf(b, compileAll(b, tt.rules)).Snapshot()
			doc := &pattern.Doc{Data: []byte(tt.event)}
			var r pattern.Result
			for b.Loop() {
				if err := snap.Match(doc, &r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(r.Undecided)), "undecided")
		})
	}
}
