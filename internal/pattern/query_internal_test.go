package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// TestQueriesAreBounded holds that an event with many values that have to be
// looked up in many ways does not make the memory of the look-ups grow.
func TestQueriesAreBounded(t *testing.T) {
	t.Parallel()
	m := NewMatcher(Options{})
	for i := range 30 {
		for j, rule := range []string{
			fmt.Sprintf(`{"a":[{"cidr":"10.0.0.0/%d"}]}`, i+1),
			fmt.Sprintf(`{"a":[{"suffix":{"equals-ignore-case":%q}}]}`, strings.Repeat("x", i+1)),
			fmt.Sprintf(`{"a":[{"wildcard":"*%d.%d*"}]}`, i, i),
		} {
			p, err := Compile([]byte(rule), Classic, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Add(ID(100*j+i), Scoped{Pattern: p}); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := m.Snapshot()
	var r Result
	var mem matching
	mem.start(s.index, m.seed, m.budget, &r)
	event := `{"a":["10.0.0.1","` + strings.Repeat(`10.0.0.255","`, 20000) + strings.Repeat("Xx", 40) + `"]}`
	if err := mem.readAll(&Doc{Data: []byte(event)}); err != nil {
		t.Fatal(err)
	}
	mem.answer()
	mem.checkAll()
	r.finish()
	const want = 2*30 + 1 // every network and suffix, and one wildcard
	if len(r.IDs) != want || len(r.Undecided) > 0 {
		t.Errorf("%d rules match and %d are undecided, want %d and none", len(r.IDs), len(r.Undecided), want)
	}
	const enough = 16 << 10
	if cap(mem.keys) > enough || cap(mem.queries) > 2*manyQueries {
		t.Errorf("%d bytes of keys and %d queries are kept", cap(mem.keys), cap(mem.queries))
	}
}
