package pattern_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	ors := func(n int) string {
		return `{` + strings.TrimSuffix(strings.Repeat(`"$or":[{"a":[1]},{"b":[1]}],`, n), ",") + `}`
	}
	strict := pattern.StrictAWS(pattern.Classic)
	const tooComplex = "Rule is too complex - try using fewer wildcard characters " +
		"or fewer repeating character sequences after a wildcard character"
	tests := []struct {
		name, pattern string
		limits        pattern.Limits
		want          string // first line; empty: accepted
	}{
		{"as long as allowed", `{"a":["` + strings.Repeat("é", 2038) + `"]}`, strict, ""},
		{"longer", `{"a":["` + strings.Repeat("é", 2039) + `"]}`, strict, "Event pattern is longer than 2048 characters"},
		{"a character above U+FFFF counts twice", `{"a":["` + strings.Repeat("😀", 1020) + `"]}`, strict, "Event pattern is longer than 2048 characters"},
		{"longer, lifted", `{"a":["` + strings.Repeat("é", 5000) + `"]}`, pattern.Limits{}, ""},
		{"512 combinations", ors(9), strict, ""},
		{"1024 combinations", ors(10), strict, "Rule is too complex - $or must not make more than 1000 combinations"},
		{"1024 combinations, lifted", ors(10), pattern.Limits{}, ""},
		{"too many combinations in any mode", ors(60), pattern.Limits{}, "Rule is too complex - $or must not make more than 16384 combinations"},
		{"complexity 7", `{"a":[{"wildcard":"/Users/*/dir/dir/dir/dir/dir/doc.txt"}]}`, strict, ""},
		{"complexity 11", `{"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]}`, strict, tooComplex},
		{"complexity 11, below anything-but", `{"a":[{"anything-but":{"wildcard":"*:*:*:*:*:event-bus/*"}}]}`, strict, tooComplex},
		{"complexity 11, lifted", `{"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]}`, pattern.Limits{}, ""},
		{"wildcards that explode", `{"a":[` + strings.TrimSuffix(strings.Repeat(`{"wildcard":"*a*b*c*a*b*c*a*b*c*"},{"wildcard":"*b*a*c*b*"},`, 20), ",") + `]}`, strict, tooComplex},
		{"text behind the pattern", `{"a":[1]} {}`, strict, "Unexpected text behind the pattern"},
		{"empty list of prefixes", `{"a":[{"anything-but":{"prefix":[]}}]}`, strict, "Inside anything but list, either all values are number or string, mixed type is not supported"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := pattern.Compile([]byte(tt.pattern), pattern.Classic, tt.limits)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("Compile = %v", err)
			case tt.want != "" && (err == nil || firstLine(err) != tt.want):
				t.Errorf("Compile = %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := pattern.Compile([]byte(`{"a":[1]}`), 77, strict); err == nil {
		t.Error("Compile with an unknown dialect: no error")
	}
}

// TestComplexity holds values that were seen by running event-ruler 2.0.1.
func TestComplexity(t *testing.T) {
	t.Parallel()
	one := func(s string) string { return fmt.Sprintf(`{"a":[{"wildcard":%q}]}`, s) }
	tests := []struct {
		pattern string
		want    int
	}{
		{`{"a":["x",{"prefix":"*"}]}`, 0},
		{one("abc"), 1},
		{one("*"), 2},
		{one("*x*"), 3},
		{one("a*b*c*d"), 4},
		{`{"a":[{"wildcard":"a*"},{"wildcard":"b*"},{"wildcard":"*c"}]}`, 4},
		{one("/Users/*/dir/dir/dir/dir/dir/doc.txt"), 7},
		{one("a*aaaaaaaaaa"), 11},
		{one("*:*:*:*:*:event-bus/*"), 11},
		{`{"a":[{"wildcard":"abc"},{"wildcard":"b*"},{"wildcard":"*c"}]}`, 4},
		{`{"a":[{"wildcard":"*"}],"b":[{"wildcard":"b*"},{"wildcard":"*c"}]}`, 4},
		{`{"a":[{"wildcard":"*"},{"wildcard":"b*"},{"wildcard":"*c"}]}`, 6},
		{`{"a":[{"anything-but":{"wildcard":"*x*"}}]}`, 3},
		{`{"a":[{"anything-but":{"wildcard":["abc","b*","*c"]}}]}`, 3},
		{`{"a":[{"anything-but":{"wildcard":["*x*","b*","*c"]}}]}`, 4},
		{`{"a":[{"anything-but":{"wildcard":["a*b*c*d","b*","*c"]}}]}`, 6},
		{`{"a":[{"wildcard":"a*aaaaaaaaaa"},{"wildcard":"b*"},{"wildcard":"*c"}]}`, 12},
		{`{"a":[{"anything-but":{"wildcard":["*:*:*:*:*:event-bus/*","b*","*c"]}}]}`, 12},
		{`{"a":[{"wildcard":"b"},{"anything-but":{"wildcard":["b"]}}]}`, 2},
		{`{"a":[{"anything-but":{"wildcard":["*a","*a"]}}]}`, 2},
		{`{"a":[{"anything-but":{"wildcard":["*\\\\*a","*\\\\*b"]}}]}`, 3},
	}
	for _, tt := range tests {
		p, err := pattern.Compile([]byte(tt.pattern), pattern.Classic, pattern.Limits{})
		if err != nil {
			t.Errorf("Compile(%s) = %v", tt.pattern, err)
			continue
		}
		if got := p.Complexity(); got != tt.want {
			t.Errorf("Complexity(%s) = %d, want %d", tt.pattern, got, tt.want)
		}
		if got, want := p.HasWildcard(), tt.want > 0; got != want {
			t.Errorf("HasWildcard(%s) = %v, want %v", tt.pattern, got, want)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	src := []byte(` {"b":{"$or":[{"x":[1]},{"a.y":[2]}]},"a":[{"exists":false}],"a":[1]}`)
	text := string(src)
	p, err := pattern.Compile(src, pattern.Classic, pattern.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	src[0] = 'x'
	if got := string(p.Source()); got != text {
		t.Errorf("Source = %q, want %q", got, text)
	}
	if got, want := slices.Collect(p.Paths()), []string{"a", "b.a.y", "b.x"}; !slices.Equal(got, want) {
		t.Errorf("Paths = %q, want %q", got, want)
	}
	if p.HasWildcard() || p.Complexity() != 0 {
		t.Errorf("HasWildcard, Complexity = %v, %d; want false, 0", p.HasWildcard(), p.Complexity())
	}
}
