package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// hostilePatterns are texts of 4 KB that were made to be slow to compile or to
// add.
func hostilePatterns() map[string]string {
	const size = 4 << 10
	repeat := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size-200; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	ors := make([]string, 14)
	for i := range ors {
		ors[i] = fmt.Sprintf(`"$or":[{"a%d":[1]},{"b%d":[1]}]`, i, i)
	}
	branches := func(field string) string {
		list := make([]string, 31)
		for i := range list {
			list[i] = fmt.Sprintf(`{%q:[%d]}`, field, i)
		}
		return strings.Join(list, ",")
	}
	return map[string]string{
		"combinations":    "{" + strings.Join(ors, ",") + "}",
		"long branches":   `{` + repeat(`"f#":[#]`) + `,"$or":[` + branches("a") + `],"b":{"$or":[` + branches("b") + `]}}`,
		"wildcards":       `{"a":[` + repeat(`{"wildcard":"*a*b#c*a*"}`) + `]}`,
		"one wildcard":    `{"a":[{"wildcard":"` + strings.Repeat("*a", size/2-100) + `"}]}`,
		"literals":        `{"a":[` + repeat(`"v#"`) + `]}`,
		"fields":          `{` + repeat(`"f#":[1]`) + `}`,
		"forbidden":       `{"a":[{"anything-but":{"equals-ignore-case":[` + repeat(`"ß#"`) + `]}}]}`,
		"nested":          strings.Repeat(`{"a":`, 800) + "[1]" + strings.Repeat("}", 800),
		"the same again":  `{` + repeat(`"a":[1,2,3]`) + `}`,
		"long complaints": `{"a":[` + repeat(`"x"`) + `,[]]}`,
	}
}

// BenchmarkHostilePatterns compiles such patterns, strictly and with no limits,
// and in the latter case adds them to a matcher.
func BenchmarkHostilePatterns(b *testing.B) {
	for name, text := range hostilePatterns() {
		for mode, limits := range map[string]pattern.Limits{"strict": pattern.StrictAWS(pattern.Classic), "lifted": {}} {
			b.Run(mode+"/"+name, func(b *testing.B) {
				if mode == "strict" {
					limits.MaxChars = 0 // or most would be refused for their length
				}
				b.ReportAllocs()
				for b.Loop() {
					if p, err := pattern.Compile([]byte(text), pattern.Classic, limits); err == nil && mode == "lifted" {
						if err := pattern.NewMatcher(pattern.Options{}).Add(1, pattern.Scoped{Pattern: p}); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
