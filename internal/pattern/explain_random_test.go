package pattern_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

var pairs = flag.Int("explain-pairs", 3000, "random patterns and events that are explained")

// grammar makes patterns and events of few names and few values, so that they
// meet often.
type grammar struct{ *rand.Rand }

func (g grammar) pick(of ...string) string { return of[g.Intn(len(of))] }

func (g grammar) key() string { return g.pick("a", "b", "c", "a.b", "d", "A") }

func (g grammar) text() string {
	return g.pick(`"x"`, `"xy"`, `"X"`, `"yx"`, `""`, `"5"`, `"10.0.0.1"`, `"10.0.0.2"`, `"::1"`, `"x y"`, `"ß"`)
}

func (g grammar) scalar() string {
	return g.pick(g.text(), g.text(), "1", "1.0", "2", "5", "-1", "9007199254740993", "true", "false", "null")
}

func (g grammar) number() string { return g.pick("-1", "0", "1", "2", "5") }

// entry returns one entry of a leaf array.
func (g grammar) entry() string {
	switch g.Intn(14) {
	case 0:
		return `{"prefix":` + g.text() + `}`
	case 1:
		return `{"suffix":` + g.text() + `}`
	case 2:
		return `{"` + g.pick("prefix", "suffix") + `":{"equals-ignore-case":` + g.text() + `}}`
	case 3:
		return `{"equals-ignore-case":` + g.text() + `}`
	case 4:
		return `{"wildcard":"` + g.pick("*", "x*", "*x", "x*y", "*y*", "x", "x*y*") + `"}`
	case 5:
		return `{"anything-but":` + g.pick(g.text(), g.number(), `["x","y"]`, `[1,2]`) + `}`
	case 6:
		return `{"anything-but":{"` + g.pick("prefix", "suffix") + `":` + g.pick(`"x"`, `["x","y"]`) + `}}`
	case 7:
		return `{"anything-but":{"wildcard":"` + g.pick("*", "x*", "*x") + `"}}`
	case 8:
		return `{"numeric":["` + g.pick("<", "<=", "=", ">", ">=") + `",` + g.number() + `]}`
	case 9:
		return `{"numeric":["` + g.pick(">", ">=") + `",` + g.pick("-1", "0") + `,"` + g.pick("<", "<=") + `",` + g.pick("1", "5") + `]}`
	case 10:
		return `{"cidr":"` + g.pick("10.0.0.0/8", "10.0.0.0/31", "::/8") + `"}`
	case 11, 12:
		return `{"exists":` + g.pick("true", "false") + `}`
	}
	return g.scalar()
}

// list joins one to most things.
func (g grammar) list(most int, thing func() string) string {
	var parts []string
	for range 1 + g.Intn(most) {
		parts = append(parts, thing())
	}
	return strings.Join(parts, ",")
}

func (g grammar) pattern(depth int) string {
	return `{` + g.list(3, func() string {
		switch n := g.Intn(10); {
		case n < 2 && depth > 0:
			return fmt.Sprintf(`"%s":%s`, g.key(), g.pattern(depth-1))
		case n == 2 && depth > 0:
			branch := func() string { return g.pattern(depth - 1) }
			return `"$or":[` + branch() + `,` + g.list(2, branch) + `]`
		}
		return fmt.Sprintf(`"%s":[%s]`, g.key(), g.list(2, g.entry))
	}) + `}`
}

func (g grammar) event(depth int) string {
	if g.Intn(20) == 0 {
		return `{}`
	}
	return `{` + g.list(4, func() string { return fmt.Sprintf(`"%s":%s`, g.key(), g.value(depth)) }) + `}`
}

func (g grammar) value(depth int) string {
	switch n := g.Intn(10); {
	case n < 2 && depth > 0:
		return g.event(depth - 1)
	case n < 5 && depth > 0:
		return `[` + g.list(3, func() string { return g.value(depth - 1) }) + `]`
	case n == 5:
		return `[]`
	}
	return g.scalar()
}

// TestExplainRandom compares explanations with the reference evaluator.
func TestExplainRandom(t *testing.T) {
	t.Parallel()
	const seed = 5
	g := grammar{rand.New(rand.NewSource(seed))}
	matched := 0
	for n := range *pairs {
		text, event := g.pattern(2), g.event(3)
		p, err := pattern.Compile([]byte(text), pattern.Classic, pattern.Limits{})
		if err != nil {
			t.Fatalf("seed %d, pair %d: Compile(%s) = %v", seed, n, text, err)
		}
		if checkExplanation(t, p, []byte(event)) {
			matched++
		}
		if t.Failed() {
			t.Fatalf("seed %d, pair %d", seed, n)
		}
	}
	if matched < *pairs/20 || matched > *pairs*19/20 {
		t.Errorf("%d of %d pairs match: the test proves little", matched, *pairs)
	}
}

// checkExplanation holds an explanation to what the reference evaluator says, of
// the whole pattern and of the clauses that are said to hold or to fail.
func checkExplanation(t *testing.T, p *pattern.Pattern, event []byte) (matched bool) {
	t.Helper()
	doc := &pattern.Doc{Data: event}
	want, wantErr := p.Eval(doc)
	e, err := pattern.Explain(p, doc)
	if wantErr != nil || err != nil {
		if !errors.Is(err, errors.Unwrap(wantErr)) && !errors.Is(err, wantErr) {
			t.Errorf("Explain(%s, %s) = error %v, Eval = error %v", p.Source(), event, err, wantErr)
		}
		return false
	}
	bad := func(format string, args ...any) {
		t.Helper()
		text, _ := json.Marshal(e)
		t.Errorf("Explain(%s, %s): %s\n%s", p.Source(), event, fmt.Sprintf(format, args...), text)
	}
	if e.Matched != want {
		bad("matched = %v, Eval = %v", e.Matched, want)
	}
	for i, b := range e.Branches {
		if (b.Held == b.Of) != (e.Matched && i == 0) && !(e.Matched && b.Held == b.Of) {
			bad("branch %d: %d of %d held", i, b.Held, b.Of)
		}
		checkBranch(t, doc, &b, len(e.Notes) > 0, bad)
	}
	if len(e.Branches) == 0 {
		bad("no branch")
	}
	return want
}

// checkBranch evaluates patterns that are made of the clauses of a branch.
func checkBranch(t *testing.T, doc *pattern.Doc, b *pattern.Branch, isCut bool, bad func(format string, args ...any)) {
	t.Helper()
	held, whole := []string{}, b.More == 0 && !isCut
	count := 0
	for _, c := range b.Clauses {
		if (c.Reason == pattern.Held) != c.Held {
			bad("%s: held is %v and the reason %s", c.Path, c.Held, c.Reason)
		}
		clause, exact := single(&c)
		if c.Held {
			count++
			held = append(held, clause)
			whole = whole && exact
			continue
		}
		alone := c.Reason != pattern.ArrayElement && c.Reason != pattern.MustBeAbsent && c.Reason != pattern.Undecided
		if alone && exact && len(b.Arrays) == 0 && holds(t, doc, clause) {
			bad("%s fails as %s, but it holds alone", c.Path, c.Reason)
		}
		if c.Reason == pattern.ArrayElement && exact && !holds(t, doc, clause) {
			bad("%s is said to hold in another element, but it does not hold alone", c.Path)
		}
		if c.Near == nil && c.Reason != pattern.Undecided && !isCut {
			bad("%s: no nearest miss", c.Path)
		}
	}
	if b.More == 0 && (count != b.Held || len(b.Clauses) != b.Of) {
		bad("%d clauses are said to hold, %d of %d do", b.Held, count, len(b.Clauses))
	}
	if whole && len(held) > 0 && !holds(t, doc, strings.Join(held, ",")) {
		bad("the clauses that are said to hold do not hold together")
	}
}

// single returns a clause as a field of a pattern, and whether it is complete.
func single(c *pattern.ClauseReport) (field string, exact bool) {
	path, err := json.Marshal(c.Path)
	wanted := strings.Join(c.Wanted, ",")
	return fmt.Sprintf("%s:[%s]", path, wanted), err == nil && c.MoreWanted == 0 && !strings.ContainsAny(wanted+c.Path, "…\uFFFD")
}

func holds(t *testing.T, doc *pattern.Doc, fields string) bool {
	t.Helper()
	p, err := pattern.Compile([]byte("{"+fields+"}"), pattern.Classic, pattern.Limits{})
	if err != nil {
		t.Fatalf("Compile({%s}) = %v", fields, err)
	}
	ok, err := p.Eval(doc)
	if err != nil {
		t.Fatalf("Eval({%s}) = %v", fields, err)
	}
	return ok
}

// FuzzExplain checks that no pattern and no event make an explanation panic or
// contradict the reference evaluator.
func FuzzExplain(f *testing.F) {
	for i, v := range vectors(f, "ruler.jsonl") {
		if i%10 == 0 && len(v.Event) < 10000 {
			f.Add([]byte(v.Pattern), []byte(v.Event))
		}
	}
	const seed = 6
	g := grammar{rand.New(rand.NewSource(seed))}
	for range 50 {
		f.Add([]byte(g.pattern(2)), []byte(g.event(3)))
	}
	f.Fuzz(func(t *testing.T, text, event []byte) {
		p, err := pattern.Compile(text, pattern.Classic, pattern.Limits{})
		if err == nil {
			checkExplanation(t, p, event)
		}
	})
}
