package pattern_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// hostile are patterns within AWS's limits and events of 256 KB that were made
// to be slow. undecided are those that may use up the step budget.
func hostile() []struct {
	name, pattern, event string
	undecided            bool
} {
	const size = 256 << 10
	fill := func(format string, n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	var ors strings.Builder
	ors.WriteString(`{` + strings.Repeat(`"$or":[{"a":[1]},{"b":[1]}],`, 9))
	for i := range 60 {
		ors.WriteString(fmt.Sprintf(`"x%d":[{"exists":false}],`, i))
	}
	return []struct {
		name, pattern, event string
		undecided            bool
	}{
		{"two fields of one array", `{"a":{"b":[-1,{"numeric":[">=",0]}],"c":["no"]}}`, `{"a":[` + fill(`{"b":%d,"c":"x"}`, size) + `]}`, false},
		{
			"two arrays", `{"a":{"b":[{"numeric":[">=",0]}],"c":["x"]},"d":{"b":[{"numeric":[">=",0]}],"c":["no","x"],"e":[0]}}`,
			`{"a":[` + fill(`{"b":%d,"c":"x"}`, size/2) + `],"d":[` + fill(`{"b":%d,"c":"x"}`, size/2) + `]}`, false,
		},
		{
			"the same array many times", `{"a":{"b":[{"exists":true}],"c":[{"exists":true}],"d":[0]}}`,
			`{"x":0,` + strings.Repeat(`"a":[`+fill(`{"b":%d,"c":1}`, size/16)+`],`, 8) + `"a":[{"d":1}]}`, true,
		},
		{
			"many entries for many values", `{"a":[` + strings.TrimSuffix(strings.Repeat(`{"prefix":"xyz"},`, 100), ",") + `]}`,
			`{"a":[` + fill(`"%d"`, size) + `]}`, true,
		},
		{"long list of literals", `{"a":[` + fill(`"v%d"`, 2000) + `]}`, `{"a":[` + fill(`"w%d"`, size) + `]}`, false},
		{"long list of numbers", `{"a":[` + fill(`1%d`, 2000) + `]}`, `{"a":[` + fill(`2%d`, size) + `]}`, false},
		{"many combinations", ors.String() + `"b":[1]}`, `{"a":1,"b":1,"x59":1}`, false},
		{
			"deep arrays", `{"a":[{"numeric":["<",0]}],"a.b":[1]}`,
			`{"a":` + strings.Repeat(`[`, 900) + fill(`[%d]`, size) + strings.Repeat(`]`, 900) + `,"a.b":1}`, true,
		},
		{"wildcards and a long text", `{"a":[{"wildcard":"*aab*aab*aab*c"}]}`, `{"a":"` + strings.Repeat("aab", size/3) + `"}`, false},
		{"ignore case and a long text", `{"a":[{"suffix":{"equals-ignore-case":"` + strings.Repeat("ß", 400) + `"}}]}`, `{"a":"` + strings.Repeat("S", size) + `"}`, false},
		{"long number", `{"a":[{"numeric":["=",1]}]}`, `{"a":1` + strings.Repeat("0", size) + `}`, false},
		{"long address", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"` + strings.Repeat("0:", size/2) + `"}`, false},
		{"many keys", `{"a":{"k1":[2],"k9999":[{"exists":false}]}}`, `{"a":{` + fill(`"k%d":1`, size) + `}}`, false},
		{"dots", `{"a.b.c.d":[1]}`, `{"` + strings.Repeat("a.", size/2) + `":1}`, false},
		{"escapes", `{"a":["x"]}`, `{"a":"` + strings.Repeat(`\u0041`, size/6) + `"}`, false},
	}
}

func TestHostile(t *testing.T) {
	t.Parallel()
	for _, tt := range hostile() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := compile(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Eval(&pattern.Doc{Data: []byte(tt.event)})
			if err != nil && (!tt.undecided || !errors.Is(err, pattern.ErrUndecided)) {
				t.Errorf("Eval = error %v", err)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for _, tt := range hostile() {
		b.Run(tt.name, func(b *testing.B) {
			p, err := compile(tt.pattern)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := p.Eval(&pattern.Doc{Data: []byte(tt.event)}); err != nil && !errors.Is(err, pattern.ErrUndecided) {
					b.Fatal(err)
				}
			}
		})
	}
}
