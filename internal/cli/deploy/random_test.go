package deploy_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/plan"
)

var seed = flag.Uint64("seed", 1, "seed of the random boards")

// randomBoard is a board of a few services that react to each other.
func randomBoard(r *rand.Rand) string {
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	var events, triggers, reactions, views, services, things []string
	for i := range 4 {
		if r.IntN(5) == 0 {
			continue
		}
		things = append(things, fmt.Sprintf("T%d", i))
		services = append(services, fmt.Sprintf("s%d: {in: C, owns: [T%d], runtime: python3.1%d}", i, i, 2+r.IntN(2)))
		from := one("from: Ann", "from: reaction", "from: reaction", "")
		triggers = append(triggers, fmt.Sprintf("Do%d: {%s}", i, from))
		events = append(events, fmt.Sprintf("E%d: {by: Do%d, of: T%d%s}", i, i, i, one("", fmt.Sprintf(", was: Old%d", i))))
		if from != "from: Ann" {
			for k := range r.IntN(3) {
				reactions = append(reactions, fmt.Sprintf("r%d.%d: {when: E%d, do: Do%d, %s %s %s}", i, k, r.IntN(4), i,
					one("", "dlq: true,"), one("", "retry: {attempts: 0},", "retry: {age: 10m, attempts: 9},"), one("", "match: {detail: {x: [{exists: true}]}}")))
			}
		}
		if r.IntN(2) == 0 {
			views = append(views, fmt.Sprintf("V%d: {of: T%d, from: [E%d, E%d]}", i, i, i, (i+1)%4))
		}
	}
	section := func(name string, items []string) string { return name + ": {" + strings.Join(items, ", ") + "}\n" }
	return "name: random\nbus: {name: random}\nactors: {Ann: {}}\n" + section("events", events) + section("triggers", triggers) +
		section("reactions", reactions) + section("views", views) + section("services", services) +
		"things: {" + strings.Join(things, ": {key: id}, ") + ": {key: id}}\n" +
		"contexts: {C: {things: [" + strings.Join(things, ", ") + "]}}\n"
}

// TestRandomBoards applies random boards one after another. After each, the
// server has what a fresh one gets from the last alone.
func TestRandomBoards(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(*seed, 7))
	s := start(t)
	changed := 0
	for i := range 10 {
		text := randomBoard(r)
		if !strings.Contains(text, "things: {T") {
			continue // nothing at all
		}
		version := fmt.Sprint(r.IntN(3))
		s.Code = func(f plan.Function) ([]byte, error) { return zipOf(f.Name + version) }
		planned, err := s.Plan(t.Context(), of(t, text))
		if err != nil {
			t.Fatalf("seed %d, board %d: %v", *seed, i, err)
		}
		done := s.apply(text)
		if diff := cmp.Diff(planned, done); diff != "" {
			t.Errorf("seed %d, board %d: what was done is not what was planned (-planned +done):\n%s", *seed, i, diff)
		}
		changed += strings.Count(list(done), "\n")
		fresh := start(t)
		fresh.Code = s.Code
		fresh.apply(text)
		if diff := cmp.Diff(fresh.state(), s.state()); diff != "" {
			t.Fatalf("seed %d, board %d (-fresh +got):\n%s\n%s", *seed, i, diff, text)
		}
		s.writes()
		if again := list(s.apply(text)); again != "" || len(s.writes()) > 0 {
			t.Errorf("seed %d, board %d: the second time:\n%s", *seed, i, again)
		}
	}
	if changed < 50 {
		t.Errorf("only %d changes: the test proves little", changed)
	}
}

// TestOrder: what refers to something is made after it and deleted before it.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(shop)
	s.inOrder("AWSEvents.CreateEventBus", "AmazonSQS.CreateQueue", "POST /2015-03-31/functions/", "PUT /2019-09-25/functions/", "AWSEvents.PutRule", "AWSEvents.PutTargets")
	s.seen.all = nil
	if _, err := s.Remove(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	s.inOrder("AWSEvents.RemoveTargets", "AWSEvents.DeleteRule", "DELETE /2015-03-31/functions/", "AmazonSQS.DeleteQueue", "AWSEvents.DeleteEventBus")
}

// inOrder checks that the calls of each kind begin after those of the kind
// before, and that all functions are there before the first rule leads to one.
func (s *server) inOrder(kinds ...string) {
	s.tb.Helper()
	first := func(kind string) int {
		return slices.IndexFunc(s.seen.all, func(call string) bool { return strings.HasPrefix(call, kind) })
	}
	for i, kind := range kinds {
		at := first(kind)
		if at < 0 {
			s.tb.Errorf("there is no call %s", kind)
		}
		if i > 0 && at < first(kinds[i-1]) {
			s.tb.Errorf("%s comes before %s", kind, kinds[i-1])
		}
	}
	last := 0
	for i, call := range s.seen.all {
		if strings.HasPrefix(call, "POST /2015-03-31/functions") {
			last = i
		}
	}
	if rule := first("AWSEvents.PutRule"); last > 0 && rule < last {
		s.tb.Error("a rule is made before the last function")
	}
}
