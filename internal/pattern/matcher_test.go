package pattern_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/pattern"
)

func must(tb testing.TB, text string) []pattern.Scoped {
	tb.Helper()
	p, err := compile(text)
	if err != nil {
		tb.Fatalf("Compile(%s) = %v", text, err)
	}
	return []pattern.Scoped{{Scope: pattern.Data, Pattern: p}}
}

func matches(tb testing.TB, s pattern.Snapshot, event string) []pattern.ID {
	tb.Helper()
	var r pattern.Result
	if err := s.Match(&pattern.Doc{Data: []byte(event)}, &r); err != nil {
		tb.Fatalf("Match(%s) = %v", event, err)
	}
	return r.IDs
}

func apply(tb testing.TB, m *pattern.Matcher, rev uint64, ops ...pattern.Op) {
	tb.Helper()
	if err := m.Apply(rev, ops...); err != nil {
		tb.Fatalf("Apply(%d) = %v", rev, err)
	}
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	m := pattern.NewMatcher(pattern.Options{})
	const x, y = `{"source":"x"}`, `{"source":"y"}`
	empty := m.Snapshot()
	apply(
		t, m, 10,
		pattern.Op{ID: 5, Filters: must(t, `{"source":["x"]}`)},
		pattern.Op{ID: 3, Filters: must(t, `{"source":["y","x"]}`)},
		pattern.Op{ID: 9},
		pattern.Op{ID: 7, Filters: must(t, `{"source":["x"]}`), Off: true},
		pattern.Op{ID: 4, Filters: must(t, `{"source":[{"prefix":"x"}]}`)},
		pattern.Op{ID: 6, Filters: must(t, `{"a":[{"exists":false}]}`)},
	)
	first := m.Snapshot()
	check := func(what string, s pattern.Snapshot, event string, want ...pattern.ID) {
		t.Helper()
		if diff := cmp.Diff(want, matches(t, s, event)); diff != "" {
			t.Errorf("%s: Match(%s) (-want +got):\n%s", what, event, diff)
		}
	}
	check("all", first, x, 3, 4, 5, 6, 9)
	check("all", first, y, 3, 6, 9)
	check("two sources", first, `{"source":["y","x"]}`, 3, 4, 5, 6, 9)

	apply(t, m, 10, pattern.Op{ID: 5, Remove: true})
	apply(t, m, 9, pattern.Op{ID: 5, Remove: true})
	check("old revisions are ignored", m.Snapshot(), x, 3, 4, 5, 6, 9)

	apply(
		t, m, 11,
		pattern.Op{ID: 5, Remove: true}, pattern.Op{ID: 7, Filters: must(t, `{"source":["y"]}`)},
		pattern.Op{ID: 3, Filters: must(t, `{"source":["z"]}`)}, pattern.Op{ID: 4, Off: true}, pattern.Op{ID: 99, Remove: true},
	)
	check("changed", m.Snapshot(), x, 6, 9)
	check("changed", m.Snapshot(), y, 6, 7, 9)
	check("the snapshot before", first, x, 3, 4, 5, 6, 9)
	if err := m.Add(5, must(t, `{"source":["y"]}`)...); err != nil {
		t.Fatal(err)
	}
	m.Remove(9)
	m.Remove(9)
	check("an id again", m.Snapshot(), y, 5, 6, 7)
	if got := []uint64{empty.Rev(), first.Rev(), m.Rev(), m.Snapshot().Rev()}; !slices.Equal(got, []uint64{0, 10, 14, 14}) {
		t.Errorf("revisions = %v", got)
	}
	var r pattern.Result
	if err := empty.Match(&pattern.Doc{Data: []byte(x)}, &r); err != nil || len(r.IDs) != 0 {
		t.Errorf("empty matcher: %v, %v", r.IDs, err)
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	m := pattern.NewMatcher(pattern.Options{})
	good := must(t, `{"a":[1]}`)
	for name, op := range map[string]pattern.Op{
		"two filters of one scope": {ID: 1, Filters: append(slices.Clone(good), good...)},
		"no pattern":               {ID: 1, Filters: []pattern.Scoped{{}}},
		"unknown scope":            {ID: 1, Filters: []pattern.Scoped{{Scope: 9, Pattern: good[0].Pattern}}},
	} {
		if err := m.Apply(1, pattern.Op{ID: 2, Filters: good}, op); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := m.Add(1, op.Filters...); err == nil {
			t.Errorf("%s: Add: no error", name)
		}
	}
	if m.Rev() != 0 || len(matches(t, m.Snapshot(), `{"a":1}`)) != 0 {
		t.Error("a refused Apply changed something")
	}
}

func TestUndecided(t *testing.T) {
	t.Parallel()
	m := pattern.NewMatcher(pattern.Options{StepBudget: 10})
	apply(
		t, m, 1,
		pattern.Op{ID: 1, Filters: must(t, `{"a":[{"prefix":"x"}],"b":[1]}`)}, pattern.Op{ID: 2, Filters: must(t, `{"b":[1]}`)},
		pattern.Op{ID: 3, Filters: must(t, `{"a":[{"suffix":"x"}]}`)},                 // found by a look-up, which takes no steps
		pattern.Op{ID: 4, Filters: must(t, `{"a":[{"prefix":"x"}],"b":[1],"c":[1]}`)}, // ruled out by c
	)
	var r pattern.Result
	event := `{"a":["1","2","3","4","5","6","7","8","9","10","11","x"],"b":1}`
	if err := m.Snapshot().Match(&pattern.Doc{Data: []byte(event)}, &r); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.IDs, []pattern.ID{2, 3}) || !slices.Equal(r.Undecided, []pattern.ID{1}) {
		t.Errorf("Match = %v, undecided %v; want [2 3], [1]", r.IDs, r.Undecided)
	}
	if err := m.Snapshot().Match(&pattern.Doc{Data: []byte(`{`)}, &r); !errors.Is(err, pattern.ErrBadJSON) || len(r.IDs)+len(r.Undecided) > 0 {
		t.Errorf("Match of a bad event = %v, %+v; want ErrBadJSON and nothing", err, r)
	}
}

// TestEnvelope checks that the fields given beside the detail are the fields of
// the event.
func TestEnvelope(t *testing.T) {
	t.Parallel()
	env := &pattern.Envelope{
		Version: "0", ID: "i", Source: "s", DetailType: "t", Account: "1", Region: "r", Time: "2026-11-23T10:00:00Z",
		Resources: []string{"arn:1", "arn:2"},
	}
	const whole = `{"version":"0","id":"i","detail-type":"t","source":"s","account":"1","time":"2026-11-23T10:00:00Z",` +
		`"region":"r","resources":["arn:1","arn:2"],"detail":{"source":"inner","a":[{"b":1},{"c":"\u0041"}]}}`
	const detail = `{"source":"inner","a":[{"b":1},{"c":"\u0041"}]}`
	patterns := map[string]bool{
		`{"version":["0"],"id":["i"],"source":["s"],"detail-type":["t"],"account":["1"],"region":["r"],"time":[{"prefix":"2026"}]}`: true,
		`{"resources":["arn:2"]}`:                        true,
		`{"resources":["arn:3"]}`:                        false,
		`{"detail":{"source":["inner"]},"source":["s"]}`: true,
		`{"source":["inner"]}`:                           false,
		`{"detail.a.c":["A"]}`:                           true,
		`{"detail":{"a":{"b":[1],"c":["A"]}}}`:           false,
		`{"replay-name":[{"exists":false}]}`:             true,
		`{"detail":[{"exists":true}]}`:                   false,
		`{"account":[1]}`:                                false,
	}
	for text, want := range patterns {
		p := must(t, text)[0].Pattern
		for name, doc := range map[string]*pattern.Doc{"envelope": {Env: env, Data: []byte(detail)}, "whole": {Data: []byte(whole)}} {
			if got, err := p.Eval(doc); err != nil || got != want {
				t.Errorf("%s: Eval(%s) = %v, %v; want %v", name, text, got, err, want)
			}
		}
	}
	replay := *env
	replay.ReplayName, replay.Resources = "again", nil
	p := must(t, `{"replay-name":["again"],"resources":[{"exists":false}]}`)[0].Pattern
	if got, err := p.Eval(&pattern.Doc{Env: &replay, Data: []byte(detail)}); err != nil || !got {
		t.Errorf("Eval of a replayed event = %v, %v; want true", got, err)
	}
	if _, err := p.Eval(&pattern.Doc{Env: env, Data: []byte(`[1]`)}); !errors.Is(err, pattern.ErrNotObject) {
		t.Errorf("Eval with a detail that is a list = %v, want ErrNotObject", err)
	}
}

// TestChanges applies random changes and compares each state with the reference
// evaluator, rule by rule.
func TestChanges(t *testing.T) {
	t.Parallel()
	const seed = 7
	o := orders{rand.New(rand.NewSource(seed))}
	m := pattern.NewMatcher(pattern.Options{})
	live := map[pattern.ID]*pattern.Pattern{}
	docs := o.docs(4)
	for rev := range uint64(600) {
		var ops []pattern.Op
		n := 1 + o.rnd.Intn(3)
		if rev%50 == 49 {
			n = 100
		}
		for range n {
			op := pattern.Op{ID: pattern.ID(o.rnd.Intn(40)), Remove: o.rnd.Intn(3) == 0, Off: o.rnd.Intn(8) == 0}
			if !op.Remove {
				// New paths all the time, so that old ones have to be forgotten.
				op.Filters = must(t, fmt.Sprintf(`{"source":[%q,%q],"detail":{"x%d":[{"exists":false}]}}`, o.source(), o.source(), rev))
				if o.rnd.Intn(3) == 0 {
					op.Filters = must(t, o.rule())
				}
			}
			delete(live, op.ID)
			if !op.Remove && !op.Off {
				live[op.ID] = op.Filters[0].Pattern
			}
			ops = append(ops, op)
		}
		apply(t, m, rev+1, ops...)
		for _, doc := range docs {
			var r pattern.Result
			if err := m.Snapshot().Match(doc, &r); err != nil {
				t.Fatal(err)
			}
			var want []pattern.ID
			for id, p := range live {
				if ok, err := p.Eval(doc); err != nil {
					t.Fatal(err)
				} else if ok {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if !slices.Equal(r.IDs, want) {
				t.Fatalf("seed %d, revision %d: Match = %v, want %v", seed, rev+1, r.IDs, want)
			}
		}
	}
}

// TestReadersSeeWholeChanges lets readers run beside a writer that keeps two
// rules of each revision in step: a reader sees both or neither.
func TestReadersSeeWholeChanges(t *testing.T) {
	t.Parallel()
	m := pattern.NewMatcher(pattern.Options{})
	even, odd := must(t, `{"n":["even"]}`), must(t, `{"n":["odd"]}`)
	const revisions = 2000
	apply(t, m, 1, pattern.Op{ID: 1, Filters: odd}, pattern.Op{ID: 2, Filters: odd})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			var r pattern.Result
			doc := &pattern.Doc{Data: []byte(`{"n":"even"}`)}
			for last := uint64(0); last < revisions; {
				s := m.Snapshot()
				if s.Rev() < last {
					t.Errorf("revision went from %d to %d", last, s.Rev())
					return
				}
				last = s.Rev()
				if err := s.Match(doc, &r); err != nil {
					t.Error(err)
					return
				}
				if want := int(2 * (1 - last%2)); len(r.IDs) != want {
					t.Errorf("revision %d: Match = %v, want %d rules", last, r.IDs, want)
					return
				}
			}
		})
	}
	for rev := uint64(2); rev <= revisions; rev++ {
		f := even
		if rev%2 == 1 {
			f = odd
		}
		apply(t, m, rev, pattern.Op{ID: 1, Filters: f}, pattern.Op{ID: 2, Filters: f})
	}
	wg.Wait()
}
