package transform

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	t.Parallel()
	const doc = `{"a":{"b":[10,[20,21],{"c":"x","d-e":1,"f_g":2,"h/i":3}]},"o":{"z":1,"y":2},"é":4,"e":[],"a.b":5}`
	tests := []struct{ path, want string }{
		{"$", doc},
		{"$.a.b[0]", `10`},
		{"$.a.b[1][1]", `21`},
		{"$.a.b[2].c", `"x"`},
		{"$.a.b[2].d-e", `1`},
		{"$.a.b[2].f_g", `2`},
		{"$.a.b[2].h/i", `3`},
		{"$.é", `4`},
		{"$.a.b[*]", `[10,[20,21],{"c":"x","d-e":1,"f_g":2,"h/i":3}]`},
		{"$.o.*", `[1,2]`},
		{"$.a.b[*].c", `["x"]`},
		{"$.*.z", `[1]`},
		{"$.a.b[*][0]", `[20]`},
		{"$.e[*]", ``},
		{"$.a.b[3]", ``},
		{"$.a.b.c", ``},
		{"$.a[0]", ``},
		{"$.a.*[9]", ``},
		{"$.nope", ``},
		// No paths: empty, no $, empty steps, names in brackets, filters, and so on.
		{"", ``},
		{"a", ``},
		{"$a", ``},
		{"$.", ``},
		{"$..a", ``},
		{"$.a.", ``},
		{"$.a[", ``},
		{"$.a[]", ``},
		{"$.a.b[-1]", ``},
		{"$.a.b[99999999999999999999]", ``},
		{"$['a']", ``},
		{"$.a b", ``},
		{"$.a.b[?(@.c)]", ``},
		{"$.a.b[0:1]", ``},
		{"$.a*", ``},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			p := parsePath(tt.path)
			if got := p.find([]byte(doc)); string(got) != tt.want {
				t.Errorf("find(%s) = %s, want %s", tt.path, got, tt.want)
			}
		})
	}
}

// FuzzPath checks that no path and no document lead to a panic, and that what is
// found in a JSON document is JSON.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"$", "$.a.b[0]", "$.*", "$.a[*].c", "$..", "$[", "$.a[1", "x"} {
		f.Add(p, `{"a":{"b":[1,{"c":"x"}]}}`)
	}
	f.Fuzz(func(t *testing.T, text, doc string) {
		p := parsePath(text)
		got := p.find([]byte(strings.TrimSpace(doc)))
		if json.Valid([]byte(doc)) && got != nil && !json.Valid(got) {
			t.Errorf("find(%q, %q) = %q, not JSON", text, doc, got)
		}
	})
}
