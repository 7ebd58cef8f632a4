package ruler_test

import (
	"slices"
	"strings"
	"testing"
)

// difference is a question that event-ruler answers otherwise.
type difference struct {
	q            pair
	ours, theirs answer
	why          string // of the table below; empty if nothing there explains it
}

// differences are what event-ruler 2.0.1 is known to answer otherwise, and why
// package pattern does not follow it. Each difference is proven anew by asking
// event-ruler itself another question, so that a row does not hide a fault of
// ours.
var differences = []struct {
	why string
	// proof are questions of which event-ruler must answer one with a match if we
	// match, and none if we do not. Nil if the row does not apply.
	proof func(d difference) []pair
	seen  []pair // examples
}{
	{
		// It compares the hex digits of addresses as text, which its form of numbers and
		// the longer digits of IPv6 are as well.
		why: "a network of all IPv4 addresses contains numbers and addresses of IPv6, one of half of IPv6 numbers",
		proof: func(d difference) []pair {
			if d.ours.Match || !isWide(d.q.Pattern) {
				return nil
			}
			var out []pair
			for _, q := range alone(d.q) {
				if isWide(q.Pattern) {
					q.Event = parse(q.Event).withoutNumbers().String()
				}
				out = append(out, q)
			}
			return out
		},
		seen: []pair{
			{Pattern: `{"a":[{"cidr":"0.0.0.0/0"}]}`, Event: `{"a":1e2}`},
			{Pattern: `{"a":[{"cidr":"0.0.0.0/0"}]}`, Event: `{"a":"::1"}`},
			{Pattern: `{"a":[{"cidr":"::/1"}]}`, Event: `{"a":5}`},
		},
	},
	{
		// Of the values at one path, some inside and some outside of an array, the
		// structured finder takes the former only once it is in an element.
		why: "its structured finder, the default, loses what its flat one finds",
		proof: func(d difference) []pair {
			return []pair{{Pattern: d.q.Pattern, Event: d.q.Event, Flat: true}}
		},
		seen: []pair{{Pattern: `{"a":["6"],"a.b":["x"]}`, Event: `{"a":[["6"],{"b":"y"}],"a.b":"x"}`}},
	},
	{
		// A pattern matches if and only if one of its alternatives does; event-ruler's
		// automaton of a field mixes them: the loop of a leading star leads into the
		// letters of an equals-ignore-case (and of one under anything-but), and the
		// second "exists: false" of a field leads nowhere.
		why:   "alternatives disturb each other: alone they answer otherwise",
		proof: func(d difference) []pair { return alone(d.q) },
		seen: []pair{
			{Pattern: `{"b":[{"wildcard":"*0"},{"equals-ignore-case":"E"}]}`, Event: `{"b":"x"}`},
			{Pattern: `{"b":[{"wildcard":"*0"},{"anything-but":{"equals-ignore-case":["E"]}}]}`, Event: `{"b":"x"}`},
			{Pattern: `{"$or":[{"a":[{"exists":false},"x"]},{"a":[{"exists":false},{"anything-but":"zz"}]}]}`, Event: `{"a":"q"}`},
		},
	},
}

// isWide reports whether a pattern has a network that contains numbers.
func isWide(pattern string) bool {
	return strings.Contains(pattern, `"0.0.0.0/0"`) || strings.Contains(pattern, `"::/1"`)
}

// alone asks about each alternative of the pattern for itself.
func alone(q pair) []pair {
	var out []pair
	for _, alternative := range parse(q.Pattern).alternatives() {
		out = append(out, pair{Pattern: alternative.String(), Event: q.Event, Flat: true})
	}
	return out
}

// explain says which row of the table explains each difference, and how many each
// explains.
func explain(t *testing.T, differ []difference) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, row := range differences {
		var questions []pair
		var of []int // the difference that a question is about
		for i, d := range differ {
			if d.why != "" || d.ours.Error != "" || d.theirs.Error != "" {
				continue
			}
			for _, q := range row.proof(d) {
				questions, of = append(questions, q), append(of, i)
			}
		}
		matches, failed := map[int]bool{}, map[int]bool{}
		for k, a := range ask(t, questions) {
			matches[of[k]] = matches[of[k]] || a.Match
			failed[of[k]] = failed[of[k]] || a.Error != "" || a.Crash != ""
		}
		for _, i := range slices.Compact(of) {
			if !failed[i] && matches[i] == differ[i].ours.Match {
				differ[i].why = row.why
				count[row.why]++
			}
		}
	}
	return count
}

// TestDifferences holds the table to the truth: every example still differs, and
// its own row explains it.
func TestDifferences(t *testing.T) {
	t.Parallel()
	var seen []pair
	var want []string
	for _, row := range differences {
		for _, q := range row.seen {
			seen, want = append(seen, q), append(want, row.why)
		}
	}
	differ := make([]difference, len(seen))
	for i, theirs := range ask(t, seen) {
		differ[i] = difference{q: seen[i], ours: judge(t, seen[i]), theirs: theirs}
		if differ[i].ours == theirs {
			t.Errorf("pattern %s, event %s: both answer %+v", seen[i].Pattern, seen[i].Event, theirs)
		}
	}
	explain(t, differ)
	for i, d := range differ {
		if d.why != want[i] {
			t.Errorf("pattern %s, event %s: explained by %q, want %q", d.q.Pattern, d.q.Event, d.why, want[i])
		}
	}
}

// TestAlternatives splits a pattern into those without a choice.
func TestAlternatives(t *testing.T) {
	t.Parallel()
	var got []string
	for _, n := range parse(`{"a":[1,{"prefix":"x"}],"$or":[{"b":["y"]},{"c":{"d":["z"],"e":[true,null]}}],"f":[{"numeric":["<",1]}]}`).alternatives() {
		got = append(got, n.String())
	}
	want := []string{
		`{"a":[1],"b":["y"],"f":[{"numeric":["<",1]}]}`,
		`{"a":[1],"c":{"d":["z"],"e":[true]},"f":[{"numeric":["<",1]}]}`,
		`{"a":[1],"c":{"d":["z"],"e":[null]},"f":[{"numeric":["<",1]}]}`,
		`{"a":[{"prefix":"x"}],"b":["y"],"f":[{"numeric":["<",1]}]}`,
		`{"a":[{"prefix":"x"}],"c":{"d":["z"],"e":[true]},"f":[{"numeric":["<",1]}]}`,
		`{"a":[{"prefix":"x"}],"c":{"d":["z"],"e":[null]},"f":[{"numeric":["<",1]}]}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
