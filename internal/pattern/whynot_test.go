package pattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/pattern"
)

func named(tb testing.TB, rules ...string) []pattern.Named {
	tb.Helper()
	var out []pattern.Named
	for i := 0; i < len(rules); i += 2 {
		r := pattern.Named{Name: rules[i]}
		if rules[i+1] != "" {
			r.Pattern = must(tb, rules[i+1])[0].Pattern
		}
		out = append(out, r)
	}
	return out
}

func TestWhyNot(t *testing.T) {
	t.Parallel()
	rules := named(
		t,
		"everything", "",
		"cinema", `{"source":["cinema"]}`,
		"far", `{"source":["theatre"],"detail":{"kind":["x"]}}`,
		"half", `{"source":["cinema"],"detail":{"total":[{"numeric":["<",1]}]}}`,
		"half, closer", `{"source":["cinema"],"detail":{"total":[{"numeric":["<=",11]}]}}`,
		"two of three", `{"source":["cinema"],"detail":{"seat":[{"exists":true}],"total":[12]}}`,
		"element", `{"detail":{"items":{"n":[1],"sku":["y"]}}}`,
	)
	const event = `{"source":"cinema","detail":{"seats":["A1"],"total":12,"items":[{"n":1,"sku":"x"},{"n":2,"sku":"y"}]}}`
	r, err := pattern.WhyNot(rules, &pattern.Doc{Data: []byte(event)}, 4)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range r.Misses {
		got = append(got, fmt.Sprintf("%s %d/%d", m.Rule, m.Held, m.Of))
	}
	want := []string{"two of three 2/3", "half, closer 1/2", "element 1/2", "half 1/2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ranking (-want +got):\n%s", diff)
	}
	if r.Matched != 2 || r.More != 1 {
		t.Errorf("%d match and %d more do not; want 2 and 1", r.Matched, r.More)
	}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 rules matched, 5 did not\n  ✔ everything\n  ✔ cinema\n\ntwo of three",
		"two of three: no match: 2 of 3 clauses held\n  ✗ detail.seat   missing path: the event has detail.seats",
		"and 1 more rule did not match\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("text lacks %q:\n%s", want, b.String())
		}
	}
	none, err := pattern.WhyNot(rules[:2], &pattern.Doc{Data: []byte(event)}, 4)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(none)
	if want := `{"matched":2,"matches":["everything","cinema"],"misses":[]}`; err != nil || string(text) != want {
		t.Errorf("ranking of rules that match = %s, error %v; want %s", text, err, want)
	}
	if _, err := pattern.WhyNot(rules, &pattern.Doc{Data: []byte(`1`)}, 4); !errors.Is(err, pattern.ErrNotObject) {
		t.Errorf("WhyNot(1) = error %v, want %v", err, pattern.ErrNotObject)
	}
}

// TestWhyNotDisabled tells rules that are disabled from rules that do not match,
// and says what to do when there is nothing to rank.
func TestWhyNotDisabled(t *testing.T) {
	t.Parallel()
	rules := named(
		t,
		"off", `{"source":["cinema"]}`,
		"off, too", `{"source":["Cinema"]}`,
		"slip", `{"source":["cinemas"]}`,
		"other", `{"source":["cinema"],"detail-type":["Refund"],"account":["1"]}`,
	)
	rules[0].Disabled, rules[1].Disabled = true, true
	r, err := pattern.WhyNot(rules, &pattern.Doc{Data: []byte(`{"source":"cinema","detail-type":"SeatsHeld","account":"2"}`)}, 2)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := `no rule matched, of 4
  ✗ off  matches, but is disabled: enable the rule

off, too (disabled): no match: 0 of 1 clause held
  ✗ source  value differs: "cinema" differs from "Cinema" in case only; wanted "Cinema"

slip: no match: 0 of 1 clause held
  ✗ source  value differs: "cinema" differs from "cinemas" in 1 character; wanted "cinemas"

and 1 more rule did not match
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	text, err := json.Marshal(r)
	if want := `{"matched":0,"disabled":["off"],"misses":[{"rule":"off, too","disabled":true,"held":0,"of":1,"closeness":0.95,`; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("JSON = %s, error %v; want %s…", text, err, want)
	}
	b.Reset()
	if err := new(pattern.Ranking).WriteText(&b); err != nil || b.String() != "there are no rules\n" {
		t.Errorf("text of no rules = %q, error %v", b.String(), err)
	}
}

// TestWhyNotRandom holds a ranking to the reference evaluator: who does not
// match is in it once, and none that matches; and it is in order.
func TestWhyNotRandom(t *testing.T) {
	t.Parallel()
	const seed, sets = 7, 200
	g := grammar{rand.New(rand.NewSource(seed))}
	for range sets {
		var rules []pattern.Named
		for i := range 1 + g.Intn(20) {
			rules = append(rules, named(t, fmt.Sprintf("r%02d", i), g.pattern(2))...)
		}
		doc := &pattern.Doc{Data: []byte(g.event(3))}
		var want, got []string
		for _, r := range rules {
			if ok, err := r.Pattern.Eval(doc); err != nil {
				t.Fatal(err)
			} else if !ok {
				want = append(want, r.Name)
			}
		}
		r, err := pattern.WhyNot(rules, doc, len(rules))
		if err != nil {
			t.Fatal(err)
		}
		closest := 1.0
		for _, m := range r.Misses {
			got = append(got, m.Rule)
			if m.Closeness > closest {
				t.Errorf("seed %d: %s came to %v and is behind one that came to %v", seed, m.Rule, m.Closeness, closest)
			}
			closest = m.Closeness
			if least := float64(m.Held) / float64(m.Of); m.Closeness < least || m.Closeness >= 1 {
				t.Errorf("seed %d: %s came to %v with %d of %d clauses", seed, m.Rule, m.Closeness, m.Held, m.Of)
			}
			if m.Explanation.Matched || m.Held >= m.Of {
				t.Errorf("seed %d: %s holds %d of %d clauses", seed, m.Rule, m.Held, m.Of)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" || r.Matched != len(rules)-len(want) {
			t.Errorf("seed %d: %d match; missed (-want +got):\n%s", seed, r.Matched, diff)
		}
	}
}

// TestWhyNotHostile holds that many rules and a large event have an end, and
// that it is said which rules were not looked at.
func TestWhyNotHostile(t *testing.T) {
	t.Parallel()
	for _, tt := range hostile() {
		if tt.name != "many entries for many values" {
			continue
		}
		var rules []pattern.Named
		for i := range 100 {
			rules = append(rules, named(t, fmt.Sprint(i), tt.pattern)...)
		}
		r, err := pattern.WhyNot(rules, &pattern.Doc{Data: []byte(tt.event)}, 3)
		if err != nil {
			t.Fatal(err)
		}
		if seen := r.Matched + len(r.Misses) + r.More + len(r.Undecided); seen == 0 || r.Unseen == 0 || seen+r.Unseen != len(rules) {
			t.Errorf("%d rules seen and %d not, of %d; want some of both", seen, r.Unseen, len(rules))
		}
		return
	}
	t.Fatal("there is no such hostile event")
}

func BenchmarkWhyNot(b *testing.B) {
	for _, n := range []int{100, 10000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			var rules []pattern.Named
			for i := range n {
				text := fmt.Sprintf(`{"source":["cinema"],"detail-type":["t%d"],"detail":{"tenant":["%d"]}}`, i%200, i)
				rules = append(rules, named(b, fmt.Sprintf("r%d", i), text)...)
			}
			doc := &pattern.Doc{Data: []byte(`{"source":"cinema","detail-type":"t7","detail":{"tenant":"x"}}`)}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pattern.WhyNot(rules, doc, 10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
