package ruler_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"stormbus/internal/pattern"
	"stormbus/internal/pattern/patterntest"
	"stormbus/test/ruler"
)

var (
	long = flag.Bool("long", false, "run the long form of every test")
	seed = flag.Uint64("seed", 1, "seed of the random patterns and events")
)

// pair is a question to event-ruler.
type pair struct {
	Pattern string `json:"pattern"`
	Event   string `json:"event"`
}

// answer is what event-ruler says: whether it matches, why the pattern is not
// valid, or what went wrong inside.
type answer struct {
	Match bool   `json:"match"`
	Error string `json:"error"`
	Crash string `json:"crash"`
}

// TestAnswers asks package pattern and event-ruler the same random questions.
// Every difference has to be in the table of known ones.
func TestAnswers(t *testing.T) {
	t.Parallel()
	n := 6000
	if *long {
		n = 500000
	}
	random := patterntest.NewRandom(*seed)
	pairs := make([]pair, n)
	for i := range pairs {
		pairs[i] = pair{random.Pattern(), random.Event()}
	}
	answers := ask(t, pairs)
	matches, errs, known := 0, 0, map[string]int{}
	for i, theirs := range answers {
		ours := judge(t, pairs[i])
		if ours.Error != "" {
			errs++
		}
		if ours.Match {
			matches++
		}
		if ours == theirs {
			continue
		}
		if why := explain(pairs[i], ours, theirs); why != "" {
			known[why]++
			continue
		}
		t.Errorf("pattern %s\nevent %s\nours %+v\nevent-ruler %+v", pairs[i].Pattern, pairs[i].Event, ours, theirs)
		if known["new"]++; known["new"] > 20 {
			t.Fatal("too many differences")
		}
	}
	t.Logf("seed %d: %d pairs, %d match, %d patterns are not valid; known differences: %v", *seed, n, matches, errs, known)
	if matches < n/30 {
		t.Errorf("only %d of %d pairs match: the comparison says little", matches, n)
	}
}

// ask runs event-ruler on all pairs.
func ask(t *testing.T, pairs []pair) []answer {
	t.Helper()
	cmd, err := ruler.Command(t.Context(), "match")
	if errors.Is(err, ruler.ErrNoJava) {
		t.Skipf("SKIPPED: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, p := range pairs {
		if err := encoder.Encode(p); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	answers := make([]answer, len(pairs))
	for i := range answers {
		if err := decoder.Decode(&answers[i]); err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		answers[i].Error, _, _ = strings.Cut(answers[i].Error, "\n")
	}
	return answers
}

// judge answers a question by package pattern: with the matcher, and with the
// reference evaluator, which must say the same.
func judge(t *testing.T, q pair) answer {
	t.Helper()
	p, err := pattern.Compile([]byte(q.Pattern), pattern.Classic, pattern.Limits{})
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return answer{Error: first}
	}
	doc := &pattern.Doc{Data: []byte(q.Event)}
	m := pattern.NewMatcher(pattern.Options{})
	if err := m.Add(1, pattern.Scoped{Pattern: p}); err != nil {
		t.Fatal(err)
	}
	var r pattern.Result
	if err := m.Snapshot().Match(doc, &r); err != nil {
		t.Fatalf("Match(%s) = %v", q.Event, err)
	}
	slow, err := p.Eval(doc)
	if err != nil || slow != (len(r.IDs) == 1) {
		t.Fatalf("pattern %s\nevent %s\nEval = %v, %v; Match = %v", q.Pattern, q.Event, slow, err, r.IDs)
	}
	return answer{Match: slow}
}

// differences are what event-ruler is known to answer otherwise, and why package
// pattern does not follow it.
var differences = []struct {
	why  string
	is   func(q pair, ours, theirs answer) bool
	seen string // an example
}{
	{
		why: "a network of all IPv4 addresses contains numbers",
		is: func(q pair, ours, theirs answer) bool {
			return !ours.Match && theirs.Match && strings.Contains(q.Pattern, `"0.0.0.0/0"`)
		},
		seen: `{"a":[{"cidr":"0.0.0.0/0"}]} matches {"a":1e2}: it compares the hex digits of addresses with its own form of numbers`,
	},
	{
		why: "a wildcard changes what equals-ignore-case accepts",
		is: func(q pair, ours, theirs answer) bool {
			return !ours.Match && theirs.Match &&
				strings.Contains(q.Pattern, "wildcard") && strings.Contains(q.Pattern, "equals-ignore-case")
		},
		seen: `{"$or":[{"$or":[{"a":[{"wildcard":"*yxyx*z"}]},{"b":[1]}]},{"a":[{"equals-ignore-case":"x"}]}]} matches ` +
			`{"a":"x*y"}, which no branch of it does alone`,
	},
}

// explain says why event-ruler is known to answer otherwise, empty if it is not
// known.
func explain(q pair, ours, theirs answer) string {
	for _, d := range differences {
		if d.is(q, ours, theirs) {
			return d.why
		}
	}
	return ""
}
