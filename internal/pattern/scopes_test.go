package pattern_test

import (
	"encoding/json"
	"slices"
	"testing"

	"stormbus/internal/pattern"
)

// TestScopes checks rules with filters for several documents of an event: all of
// them have to match, each its own document.
func TestScopes(t *testing.T) {
	t.Parallel()
	filter := func(scope pattern.Scope, text string) pattern.Scoped {
		return pattern.Scoped{Scope: scope, Pattern: must(t, text)[0].Pattern}
	}
	m := pattern.NewMatcher(pattern.Options{})
	apply(
		t, m, 1,
		pattern.Op{ID: 1, Filters: []pattern.Scoped{filter(pattern.Data, `{"a":[1]}`), filter(pattern.Metadata, `{"a":["1"]}`)}},
		pattern.Op{ID: 2, Filters: []pattern.Scoped{filter(pattern.Metadata, `{"a":["1","2"]}`)}},
		pattern.Op{ID: 3, Filters: []pattern.Scoped{filter(pattern.System, `{"x":{"y":[{"prefix":"z"}]}}`), filter(pattern.Data, `{"b":[{"exists":false}]}`)}},
		pattern.Op{ID: 4, Filters: []pattern.Scoped{filter(pattern.Data, `{"b":[{"exists":false}]}`)}},
		pattern.Op{ID: 5},
		pattern.Op{ID: 6, Filters: []pattern.Scoped{filter(pattern.System, `{"x.y":[{"numeric":[">",0]}]}`)}},
		pattern.Op{ID: 7, Filters: []pattern.Scoped{filter(pattern.Metadata, `{"a":[{"exists":false}]}`)}},
	)
	one, two := []pattern.KV{{K: "a", V: "1"}}, []pattern.KV{{K: "a", V: "2"}}
	xyz := []pattern.KV{{K: "x.y", V: "z1"}}
	for name, tt := range map[string]struct {
		doc  pattern.Doc
		want []pattern.ID
	}{
		"data only":     {pattern.Doc{Data: []byte(`{"a":1}`)}, []pattern.ID{4, 5}},
		"both":          {pattern.Doc{Data: []byte(`{"a":1}`), Metadata: one}, []pattern.ID{1, 2, 4, 5}},
		"other":         {pattern.Doc{Data: []byte(`{"a":1,"b":2}`), Metadata: two}, []pattern.ID{2, 5}},
		"system":        {pattern.Doc{Data: []byte(`{}`), System: xyz}, []pattern.ID{3, 4, 5}},
		"opaque":        {pattern.Doc{Data: []byte("\x00"), Opaque: true, Metadata: one, System: xyz}, []pattern.ID{2, 5}},
		"no such field": {pattern.Doc{Data: []byte(`{"b":1}`), Metadata: []pattern.KV{}}, []pattern.ID{5, 7}},
	} {
		var r pattern.Result
		if err := m.Snapshot().Match(&tt.doc, &r); err != nil || !slices.Equal(r.IDs, tt.want) {
			t.Errorf("%s: Match = %v, %v; want %v", name, r.IDs, err, tt.want)
		}
	}
}

// TestScopesDifferential compares random rules with two filters with the
// reference evaluator, which is asked about each document alone.
func TestScopesDifferential(t *testing.T) {
	t.Parallel()
	d := newDifferential(*seed)
	type rule struct{ data, metadata *pattern.Pattern }
	matched := 0
	for round := range 300 {
		m := pattern.NewMatcher(pattern.Options{})
		rules := make([]rule, 8)
		for i := range rules {
			r := rule{d.pattern(), d.pattern()}
			rules[i] = r
			apply(t, m, uint64(i+1), pattern.Op{ID: pattern.ID(i), Filters: []pattern.Scoped{
				{Scope: pattern.Metadata, Pattern: r.metadata}, {Scope: pattern.Data, Pattern: r.data},
			}})
		}
		flat, list := map[string]string{}, []pattern.KV{}
		for _, k := range []string{"a", "b", "c", "a.b", "b.c"} {
			if v := []string{"x", "xy", "5", "10.0.0.1"}[d.rnd.IntN(4)]; d.rnd.IntN(2) == 0 {
				flat[k] = v
				list = append(list, pattern.KV{K: k, V: v})
			}
		}
		text, err := json.Marshal(flat)
		if err != nil {
			t.Fatal(err)
		}
		doc := &pattern.Doc{Data: []byte(d.random.Event()), Metadata: list}
		var want []pattern.ID
		for i, r := range rules {
			a, errA := r.data.Eval(doc)
			b, errB := r.metadata.Eval(&pattern.Doc{Data: text})
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if a && b {
				want = append(want, pattern.ID(i))
			}
		}
		var r pattern.Result
		if err := m.Snapshot().Match(doc, &r); err != nil || !slices.Equal(r.IDs, want) {
			t.Fatalf("seed %d, round %d: Match(%s, %s) = %v, %v; want %v", *seed, round, doc.Data, text, r.IDs, err, want)
		}
		matched += len(want)
	}
	if matched == 0 {
		t.Error("nothing matched: the comparison says nothing")
	}
}
