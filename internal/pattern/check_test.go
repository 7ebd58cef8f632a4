package pattern_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/pattern"
)

// brief writes findings shortly.
func brief(findings []pattern.Finding) []string {
	var out []string
	for _, f := range findings {
		where := strings.TrimSpace(f.Path + " " + strings.Join(f.Branch, " "))
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s: %s", f.Severity, f.ID, where, f.Text)), " "))
	}
	return out
}

func TestLint(t *testing.T) {
	t.Parallel()
	kinds := func(path string) pattern.Field {
		switch path {
		case "kind":
			return pattern.Field{Known: true, Types: pattern.TypeString, Values: []string{"held", "sold"}, Always: true}
		case "n":
			return pattern.Field{Known: true, Types: pattern.TypeNumber | pattern.TypeNull}
		}
		return pattern.Field{}
	}
	tests := []struct {
		about, pattern string
		schema         pattern.Schema
		want           []string
	}{
		{"nothing", `{"source":["a","b"],"detail":{"x":[{"exists":true}],"y":[{"anything-but":["a","b"]}],"z":[{"numeric":[">",0,"<",1]}]}}`, pattern.EventSchema, nil},
		{"what cannot be known", `{"kind":["x"],"n":["y"],"top":[1]}`, nil, nil},

		{"empty range", `{"a":[{"numeric":[">",1,"<",1.0000000000000002]}]}`, nil, []string{"error never-matches a: no event can match: no value is accepted at a"}},
		{"above everything", `{"a":[{"numeric":[">",1.7976931348623157e308]}]}`, nil, []string{"error never-matches a: no event can match: no value is accepted at a"}},
		{"an empty range, or absent", `{"a":[{"numeric":[">",1.7976931348623157e308]},{"exists":false}]}`, nil, []string{"info also-absent a: entries of a list are alternatives: events without the field match, too"}},
		{"an empty range in a branch", `{"$or":[{"a":[{"numeric":["<",-1.7976931348623157e308]}]},{"b":[1]}]}`, nil, []string{"warning never-branch a $or[0]: no event can match this branch: no value is accepted at a"}},

		{"a field that is never set", `{"detailType":["x"],"detail":{"a":[1]}}`, pattern.EventSchema, []string{"error never-matches detailType: no event can match: no event has a value at detailType"}},
		{"below a string", `{"source":{"name":["x"]}}`, pattern.EventSchema, []string{"error never-matches source.name: no event can match: no event has a value at source.name"}},
		{"detail itself", `{"detail":["x"]}`, pattern.EventSchema, []string{"error never-matches detail: no event can match: no event has a value at detail"}},
		{"a number for a string", `{"account":[123456789012]}`, pattern.EventSchema, []string{"error never-matches account: no event can match: no value that account can have is accepted"}},
		{"always there", `{"source":[{"exists":false}]}`, pattern.EventSchema, []string{"error never-matches source: no event can match: every event has a value at source"}},
		{"an archive's pattern", `{"replay-name":[{"exists":false}],"resources":[{"prefix":"arn:"}]}`, pattern.EventSchema, nil},
		{"nothing but all texts", `{"source":[{"anything-but":{"wildcard":"*"}}]}`, pattern.EventSchema, []string{"error never-matches source: no event can match: no value that source can have is accepted"}},
		{"a value that there is not", `{"kind":["hold",{"prefix":"x"}]}`, kinds, []string{"error never-matches kind: no event can match: no value that kind can have is accepted"}},
		{"one that there is", `{"kind":["hold",{"prefix":"s"}]}`, kinds, nil},
		{"all values excluded", `{"kind":[{"anything-but":["held","sold"]}]}`, kinds, []string{"error never-matches kind: no event can match: no value that kind can have is accepted"}},
		{"another type", `{"n":["1",true,{"prefix":"2"}]}`, kinds, []string{"error never-matches n: no event can match: no value that n can have is accepted"}},
		{"a type that there is", `{"n":[null]}`, kinds, nil},

		{"all and nothing", `{"a":[{"exists":true},{"exists":false}]}`, nil, []string{
			"warning always-matches : every event matches: all that it asks for holds with and without a value",
			"warning always-holds a: holds with every value and without one",
		}},
		{"a branch for all", `{"$or":[{"a":[1]},{"b":[{"exists":false},{"exists":true}]}]}`, nil, []string{
			"warning always-matches $or[1]: every event matches: all that it asks for holds with and without a value",
			"warning always-holds b: holds with every value and without one",
		}},
		{"a branch that the others do not need", `{"s":["x"],"$or":[{"a":[1]},{"b":[{"exists":false},{"exists":true}]}]}`, nil, []string{
			"warning redundant-branch $or[0]: what matches $or[0] matches $or[1], too",
			"warning always-holds b: holds with every value and without one",
		}},
		{"a narrow branch", `{"$or":[{"a":[1,2]},{"a":[1],"b":[1]},{"c":[1]}]}`, nil, []string{"warning redundant-branch $or[1]: what matches $or[1] matches $or[0], too"}},
		{"the same branch twice", `{"$or":[{"a":[{"prefix":"x"}]},{"a":[{"prefix":"x"}]}]}`, nil, []string{"warning redundant-branch $or[0]: what matches $or[0] matches $or[1], too"}},
		{"exists:false and arrays", `{"$or":[{"a":{"b":[1],"c":[{"exists":false}]}},{"a":{"c":[{"exists":false}]}}]}`, nil, nil},
		{"exists:false and other fields", `{"$or":[{"a":[1],"c":[{"exists":false}]},{"c":[{"exists":false}]}]}`, nil, []string{"warning redundant-branch $or[0]: what matches $or[0] matches $or[1], too"}},

		{"a key twice", `{"a":["x"],"a":["y"]}`, nil, []string{"warning overwritten a: a later field with the same path replaces it"}},
		{"dots", `{"a.b":["x"],"a":{"b":["y"]}}`, nil, []string{"warning overwritten a.b: a later field with the same path replaces it"}},
		{"overwritten in a branch only", `{"a":["x"],"$or":[{"a":["y"]},{"b":["y"]}]}`, nil, nil},

		{"two exclusions", `{"a":[{"anything-but":"x"},{"anything-but":"y"}]}`, nil, []string{"warning any-value a: accepts every value: entries of a list are alternatives, and what one excludes another one accepts"}},
		{"a value and its exclusion", `{"a":["x",{"anything-but":"x"}]}`, nil, []string{"warning any-value a: accepts every value: entries of a list are alternatives, and what one excludes another one accepts"}},
		{"a prefix and an exclusion in it", `{"a":[{"prefix":"x"},{"anything-but":"xy"}]}`, nil, []string{"warning any-value a: accepts every value: entries of a list are alternatives, and what one excludes another one accepts"}},
		{"a prefix and an exclusion elsewhere", `{"a":[{"prefix":"x"},{"anything-but":"y"}]}`, nil, []string{`warning redundant-entry a: what {"prefix":"x"} accepts {"anything-but":"y"} accepts, too`}},
		{"exclusions of different types", `{"a":[{"anything-but":"x"},{"anything-but":5}]}`, nil, []string{"warning any-value a: accepts every value: entries of a list are alternatives, and what one excludes another one accepts"}},
		{"exclusions that overlap", `{"a":[{"anything-but":{"prefix":"x"}},{"anything-but":{"suffix":"y"}}]}`, nil, nil},

		{"a value twice", `{"a":["x","y","x"]}`, nil, []string{`warning redundant-entry a: what "x" accepts "x" accepts, too`}},
		{"a number twice", `{"a":[5,5.0]}`, nil, []string{"warning redundant-entry a: what 5 accepts 5.0 accepts, too"}},
		{"a value with a prefix", `{"a":["xy",{"prefix":"x"}]}`, nil, []string{`warning redundant-entry a: what "xy" accepts {"prefix":"x"} accepts, too`}},
		{"a value beside exists", `{"a":["xy",{"exists":true}]}`, nil, []string{`warning redundant-entry a: what "xy" accepts {"exists":true} accepts, too`}},
		{"a smaller range", `{"a":[{"numeric":[">",0,"<",5]},{"numeric":[">=",0]}]}`, nil, []string{`warning redundant-entry a: what {"numeric":[">",0,"<",5]} accepts {"numeric":[">=",0]} accepts, too`}},
		{"a smaller network", `{"a":[{"cidr":"10.1.0.0/16"},{"cidr":"10.0.0.0/8"},{"cidr":"11.0.0.0/8"}]}`, nil, []string{`warning redundant-entry a: what {"cidr":"10.1.0.0/16"} accepts {"cidr":"10.0.0.0/8"} accepts, too`}},
		{"an address in a network", `{"a":["10.1.0.1",{"cidr":"10.0.0.0/8"}]}`, nil, []string{`warning redundant-entry a: what "10.1.0.1" accepts {"cidr":"10.0.0.0/8"} accepts, too`}},
		{"the same without case", `{"a":["Xy",{"equals-ignore-case":"xY"},{"prefix":{"equals-ignore-case":"x"}}]}`, nil, []string{
			`warning redundant-entry a: what "Xy" accepts {"equals-ignore-case":"xY"} accepts, too`,
			`warning redundant-entry a: what {"equals-ignore-case":"xY"} accepts {"prefix":{"equals-ignore-case":"x"}} accepts, too`,
		}},
		{"a wildcard that begins with a prefix", `{"a":[{"wildcard":"xy*z"},{"prefix":"x"}]}`, nil, []string{`warning redundant-entry a: what {"wildcard":"xy*z"} accepts {"prefix":"x"} accepts, too`}},
		{"a prefix that is a wildcard", `{"a":[{"prefix":"xy"},{"wildcard":"x*"}]}`, nil, []string{`warning redundant-entry a: what {"prefix":"xy"} accepts {"wildcard":"x*"} accepts, too`}},
		{"absent twice", `{"a":[{"exists":false},{"exists":false}]}`, nil, []string{`warning redundant-entry a: what {"exists":false} accepts {"exists":false} accepts, too`}},
		{"absent beside a value", `{"a":["x",{"exists":false}]}`, nil, []string{"info also-absent a: entries of a list are alternatives: events without the field match, too"}},
		{"several without a relation", `{"a":["x",5,true,null,{"prefix":"y"},{"suffix":"z"},{"wildcard":"u*v"},{"numeric":["<",0]},{"cidr":"10.0.0.0/8"}]}`, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.about, func(t *testing.T) {
			t.Parallel()
			p, err := pattern.Compile([]byte(tt.pattern), pattern.Classic, pattern.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			findings, err := pattern.Lint(p, tt.schema)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, brief(findings)); diff != "" {
				t.Errorf("Lint(%s) (-want +got):\n%s", tt.pattern, diff)
			}
			for _, f := range findings {
				if f.Remedy == "" {
					t.Errorf("Lint(%s): %s has no remedy", tt.pattern, f.ID)
				}
			}
		})
	}
}

func TestLintSet(t *testing.T) {
	t.Parallel()
	rules := named(
		t,
		"everything", "",
		"all sales", `{"source":["shop"],"detail-type":[{"prefix":"Sale"}]}`,
		"big sales", `{"source":["shop"],"detail-type":["SaleMade"],"detail":{"total":[{"numeric":[">",100]}]}}`,
		"huge sales", `{"source":["shop"],"detail-type":["SaleMade"],"detail":{"total":[{"numeric":[">",1000]}]}}`,
		"big sales again", `{"detail":{"total":[{"numeric":[">",1e2]}]},"detail-type":["SaleMade"],"source":["shop"]}`,
		"refunds", `{"source":["shop"],"detail-type":["Refund"]}`,
		"either", `{"source":["shop"],"$or":[{"detail-type":["Refund"]},{"detail-type":["Return"]}]}`,
		"broken", `{"sauce":["shop"]}`,
	)
	findings, complete, err := pattern.LintSet(rules, pattern.EventSchema)
	if err != nil || !complete {
		t.Fatalf("LintSet = complete %v, error %v", complete, err)
	}
	var got []string
	for _, f := range findings {
		got = append(got, fmt.Sprintf("%s %s %s: %s", f.Severity, f.ID, f.Rule, f.Text))
	}
	want := []string{
		"error never-matches broken: no event can match: no event has a value at sauce",
		"info shadowed-rule big sales: every event that matches it matches all sales, too",
		"info shadowed-rule huge sales: every event that matches it matches all sales, too, and 1 more rule",
		"info shadowed-rule refunds: every event that matches it matches either, too",
		"warning equal-rule big sales again: matches the same events as big sales",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("LintSet (-want +got):\n%s", diff)
	}
}

// TestLintRandom tries what is said of random patterns and sets with random
// events.
func TestLintRandom(t *testing.T) {
	t.Parallel()
	const seed, sets, events = 12, 80, 40
	g := grammar{rand.New(rand.NewSource(seed))}
	said := map[string]int{}
	for range sets {
		rules := map[string]*pattern.Pattern{}
		var list []pattern.Named
		for i := range 12 {
			r := named(t, fmt.Sprint(i), g.pattern(1))[0]
			rules[r.Name] = r.Pattern
			list = append(list, r)
		}
		findings, _, err := pattern.LintSet(list, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range events {
			doc := &pattern.Doc{Data: []byte(g.event(3))}
			for _, f := range findings {
				said[f.ID]++
				matched, err := rules[f.Rule].Eval(doc)
				if err != nil {
					t.Fatal(err)
				}
				other := matched
				if words := strings.Fields(strings.NewReplacer("matches the same events as", "@", "every event that matches it matches", "@", ",", "").Replace(f.Text)); words[0] == "@" {
					if other, err = rules[words[1]].Eval(doc); err != nil {
						t.Fatal(err)
					}
				}
				wrong := f.ID == pattern.NeverMatches && matched || f.ID == pattern.AlwaysMatches && !matched ||
					f.ID == pattern.EqualRule && matched != other || f.ID == pattern.ShadowedRule && matched && !other
				if wrong {
					t.Fatalf("seed %d: %s is said to be %q (%s), but with %s it matches: %v", seed, rules[f.Rule].Source(), f.ID, f.Text, doc.Data, matched)
				}
			}
		}
	}
	for _, id := range []string{pattern.AlwaysMatches, pattern.EqualRule, pattern.ShadowedRule} {
		if said[id] < events {
			t.Errorf("%s was tried %d times: the test proves little", id, said[id])
		}
	}
}

func BenchmarkLintSet(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			var rules []pattern.Named
			for i := range n {
				text := fmt.Sprintf(`{"source":["cinema"],"detail-type":["t%d"],"detail":{"tenant":["%d"]}}`, i%200, i)
				rules = append(rules, named(b, fmt.Sprintf("r%d", i), text)...)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, complete, err := pattern.LintSet(rules, pattern.EventSchema); err != nil || !complete {
					b.Fatal(complete, err)
				}
			}
		})
	}
}

// TestLintOneList looks at what is said to write instead of several anything-but.
func TestLintOneList(t *testing.T) {
	t.Parallel()
	const example = `{"anything-but": ["a", "b"]}`
	for entries, want := range map[string]string{
		`[{"anything-but":"x"},{"anything-but":["y","z"]}]`:                          `{"anything-but": ["x", "y", "z"]}`,
		`[{"anything-but":1},{"anything-but":[2.5]}]`:                                `{"anything-but": [1, 2.5]}`,
		`[{"anything-but":1},{"anything-but":"x"}]`:                                  example,
		`[{"anything-but":{"prefix":"x"}},{"anything-but":"y"}]`:                     example,
		`[{"anything-but":"` + strings.Repeat("x", 120) + `"},{"anything-but":"y"}]`: example,
	} {
		p := must(t, `{"a":`+entries+`}`)[0].Pattern
		findings, err := pattern.Lint(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(findings, func(f pattern.Finding) bool { return f.ID == pattern.AnyValue })
		if i < 0 || !strings.HasSuffix(findings[i].Remedy, want) {
			t.Errorf("findings of %s: %+v, want the remedy %s", entries, findings, want)
		}
	}
}
