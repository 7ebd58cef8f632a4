package ruler_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
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
	Flat    bool   `json:"flat,omitempty"`    // to its older finder, which compares lists of fields
	Measure bool   `json:"measure,omitempty"` // how complex the wildcards of the pattern are
}

// answer is what event-ruler says: whether it matches, why the pattern is not
// valid, or what went wrong inside.
type answer struct {
	Match      bool   `json:"match"`
	Error      string `json:"error"`
	Crash      string `json:"crash"`
	Complexity int    `json:"complexity"`
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
		pairs[i] = pair{Pattern: random.Pattern(), Event: random.Event()}
	}
	answers := ask(t, pairs)
	matches, errs := 0, 0
	var differ []difference
	for i, theirs := range answers {
		ours := judge(t, pairs[i])
		if ours.Error != "" {
			errs++
		}
		if ours.Match {
			matches++
		}
		if ours != theirs {
			differ = append(differ, difference{q: pairs[i], ours: ours, theirs: theirs})
		}
	}
	t.Logf("seed %d: %d pairs, %d match, %d patterns are not valid, %d differ: %v",
		*seed, n, matches, errs, len(differ), explain(t, differ))
	report(t, differ)
	if matches < n/30 {
		t.Errorf("only %d of %d pairs match: the comparison says little", matches, n)
	}
}

// report fails the test for differences that no row of the table explains, the
// first of them as small as they can be made.
func report(t *testing.T, differ []difference) {
	t.Helper()
	unknown := 0
	for _, d := range differ {
		if d.why != "" {
			continue
		}
		if unknown++; unknown > 3 {
			t.Fatal("too many differences")
		}
		t.Errorf("pattern %s\nevent %s\nours %+v\nevent-ruler %+v", d.q.Pattern, d.q.Event, d.ours, d.theirs)
		small := shrink(t, d)
		t.Errorf("the same, smaller\npattern %s\nevent %s", small.Pattern, small.Event)
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
	}
	return answers
}

// judge answers a question by package pattern: with the matcher, and with the
// reference evaluator, which must say the same.
func judge(t *testing.T, q pair) answer {
	t.Helper()
	p, err := pattern.Compile([]byte(q.Pattern), pattern.Classic, pattern.Limits{})
	if err != nil {
		return answer{Error: err.Error()}
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
