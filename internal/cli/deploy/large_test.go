package deploy_test

import (
	"fmt"
	"strings"
	"testing"

	"stormbus/internal/clock"
)

// large is a board with so many services, each with one function that a person
// calls and one that reacts to it.
func large(services int) string {
	var events, triggers, reactions, things, owners strings.Builder
	var names []string
	for i := range services {
		fmt.Fprintf(&events, "  Asked%d: {by: Ask%d, of: T%d}\n  Done%d: {by: Do%d, of: T%d}\n", i, i, i, i, i, i)
		fmt.Fprintf(&triggers, "  Ask%d: {from: Ann}\n  Do%d: {from: reaction}\n", i, i)
		fmt.Fprintf(&reactions, "  r%d: {when: Asked%d, do: Do%d, dlq: true, retry: {attempts: 1, age: 1h}}\n", i, i, i)
		fmt.Fprintf(&things, "  T%d: {key: id}\n", i)
		fmt.Fprintf(&owners, "  s%d: {in: C, owns: [T%d]}\n", i, i)
		names = append(names, fmt.Sprintf("T%d", i))
	}
	return "name: large\nactors: {Ann: {}}\nevents:\n" + events.String() + "triggers:\n" + triggers.String() + "reactions:\n" + reactions.String() +
		"things:\n" + things.String() + "contexts: {C: {things: [" + strings.Join(names, ", ") + "]}}\nservices:\n" + owners.String()
}

// TestLarge deploys more than a page of everything, twice, and takes it away.
func TestLarge(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := s.state()
	text := large(110)
	begin := clock.Real().Now()
	created := s.apply(text)
	t.Logf("%d changes in %v", len(created), clock.Real().Now().Sub(begin))
	if n := strings.Count(list(created), "create "); n != 1+110+220+110 {
		t.Errorf("%d resources were made", n)
	}
	s.writes()
	begin = clock.Real().Now()
	if again := list(s.apply(text)); again != "" || len(s.writes()) > 0 {
		t.Errorf("the second time:\n%s", again)
	}
	t.Logf("nothing to do in %v", clock.Real().Now().Sub(begin))
	if _, err := s.Remove(t.Context(), "large"); err != nil {
		t.Fatal(err)
	}
	if after := s.state(); after != before {
		t.Errorf("left: %s", after)
	}
}

// BenchmarkDeploy deploys to a server that has nothing and that syncs every
// commit to disk.
func BenchmarkDeploy(b *testing.B) {
	for _, board := range []struct{ name, text string }{{"cinema", cinema(b)}, {"functions=200", large(100)}} {
		b.Run(board.name, func(b *testing.B) {
			p := of(b, board.text)
			s := startWith(b, "power")
			for b.Loop() {
				if _, err := s.Apply(b.Context(), p); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if _, err := s.Remove(b.Context(), p.Name); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
