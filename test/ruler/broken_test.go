package ruler_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"stormbus/internal/pattern"
	"stormbus/internal/pattern/patterntest"
)

// TestBroken asks package pattern and event-ruler about texts that are nearly
// patterns. They must refuse the same ones, in the same words and at the same
// place.
func TestBroken(t *testing.T) {
	t.Parallel()
	n := 4000
	if *long {
		n = 300000
	}
	random := patterntest.NewRandom(*seed)
	questions := make([]pair, n)
	for i := range questions {
		questions[i] = pair{Pattern: onePattern(random.Broken()), Event: "{}"}
	}
	errs, unknown := 0, 0
	for i, theirs := range ask(t, questions) {
		q := questions[i]
		ours := judge(t, q)
		if ours.Error != "" {
			errs++
		}
		if sameWords(ours, theirs) || isEmptyList(q, ours) || isLongNumber(ours) || isLongNumber(theirs) {
			continue
		}
		if unknown++; unknown <= 5 {
			t.Errorf("pattern %q\nours        %q\nevent-ruler %q %s", q.Pattern, ours.Error, theirs.Error, theirs.Crash)
		}
	}
	t.Logf("seed %d: %d texts, %d are not valid, %d differ", *seed, n, errs, unknown)
	if errs < n/2 || errs == n {
		t.Errorf("%d of %d texts are not valid: the comparison says little", errs, n)
	}
}

// onePattern leaves out what stands behind the end of a pattern: package pattern
// refuses it, and event-ruler does not look at it.
func onePattern(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	var first json.RawMessage
	if d.Decode(&first) != nil {
		return text
	}
	return text[:d.InputOffset()]
}

// again is a location behind another one.
var again = regexp.MustCompile(`(?s)^\n at \[Source: \(String\)".*; line: \d+, column: \d+\]$`)

// sameWords reports whether both accept a pattern or refuse it alike. Where a fault
// of JSON is within a list below anything-but, event-ruler adds where its parser
// stands by then, which package pattern does not repeat.
func sameWords(ours, theirs answer) bool {
	more, same := strings.CutPrefix(theirs.Error, ours.Error)
	if !same || theirs.Crash != "" || (ours.Error == "") != (theirs.Error == "") {
		return false
	}
	return more == "" || again.MatchString(more)
}

// isEmptyList reports whether package pattern refuses an empty list below
// anything-but, of which event-ruler notices only when it adds the pattern, and
// then crashes.
func isEmptyList(q pair, ours answer) bool {
	return strings.Contains(strings.Join(strings.Fields(q.Pattern), ""), "[]") && strings.HasPrefix(ours.Error, emptyList)
}

const emptyList = "Inside anything but list, either all values are number or string, mixed type is not supported"

// longNumber is a number that is not comparable and has 15 digits or more.
var longNumber = regexp.MustCompile(`^Cannot compare number : -?(\d\.?){15}`)

// isLongNumber reports whether one with as many digits as a float64 keeps is
// refused. Whether such a number is comparable depends on the version of Java:
// before 19, not all are printed with as few digits as tell them apart.
func isLongNumber(a answer) bool { return longNumber.MatchString(a.Error) }

// TestComplexity compares what is said of the wildcards of random patterns.
func TestComplexity(t *testing.T) {
	t.Parallel()
	n := 2000
	if *long {
		n = 100000
	}
	random := patterntest.NewRandom(*seed)
	questions := make([]pair, n)
	for i := range questions {
		questions[i] = pair{Pattern: random.Globs(), Measure: true}
	}
	high := 0
	limit := pattern.StrictAWS(pattern.Classic).WildcardComplexity
	for i, theirs := range ask(t, questions) {
		p, err := pattern.Compile([]byte(questions[i].Pattern), pattern.Classic, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Complexity() > limit {
			high++
		}
		if theirs.Crash+theirs.Error != "" || p.Complexity() != theirs.Complexity {
			t.Fatalf("Complexity(%s) = %d, event-ruler says %+v", questions[i].Pattern, p.Complexity(), theirs)
		}
	}
	t.Logf("seed %d: %d patterns, %d are above %d", *seed, n, high, limit)
	if high < n/200 {
		t.Errorf("only %d of %d patterns are above the limit: the comparison says little", high, n)
	}
}
