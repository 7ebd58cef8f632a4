package pattern_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"stormbus/internal/pattern"
	"stormbus/internal/pattern/patterntest"
)

var (
	long = flag.Bool("long", false, "run the long form of the differential tests")
	seed = flag.Uint64("seed", 1, "seed of the differential tests")
)

// model is a set of rules that is matched by asking the reference evaluator about
// each of them.
type model map[pattern.ID]*pattern.Pattern

// match returns what a matcher with the same rules should answer, and whether
// the reference evaluator can tell.
func (m model) match(tb testing.TB, doc *pattern.Doc) (ids []pattern.ID, ok bool) {
	tb.Helper()
	for id, p := range m {
		matches, err := p.Eval(doc)
		switch {
		case errors.Is(err, pattern.ErrUndecided):
			return nil, false
		case err != nil:
			tb.Fatalf("Eval(%s, %s) = %v", p.Source(), doc.Data, err)
		case matches:
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, true
}

// differential keeps a matcher and a model in step.
type differential struct {
	random  *patterntest.Random
	rnd     *rand.Rand
	matcher *pattern.Matcher
	model   model
	rev     uint64
	pairs   int // of a pattern and an event that have been compared
	matches int // of them
}

func newDifferential(seed uint64) *differential {
	r := patterntest.NewRandom(seed)
	return &differential{random: r, rnd: r.Rand(), matcher: pattern.NewMatcher(pattern.Options{}), model: model{}}
}

// change applies some random ops.
func (d *differential) change(tb testing.TB, ids int) {
	tb.Helper()
	ops := make([]pattern.Op, 1+d.rnd.IntN(4))
	for i := range ops {
		op := pattern.Op{ID: pattern.ID(d.rnd.IntN(ids)), Remove: d.rnd.IntN(4) == 0, Off: d.rnd.IntN(10) == 0}
		delete(d.model, op.ID)
		if !op.Remove {
			p := d.pattern()
			op.Filters = []pattern.Scoped{{Pattern: p}}
			if !op.Off {
				d.model[op.ID] = p
			}
		}
		ops[i] = op
	}
	d.rev++
	if err := d.matcher.Apply(d.rev, ops...); err != nil {
		tb.Fatal(err)
	}
}

// pattern returns a random pattern that is valid.
func (d *differential) pattern() *pattern.Pattern {
	for {
		if p, err := compile(d.random.Pattern()); err == nil {
			return p
		}
	}
}

// compare matches some random events.
func (d *differential) compare(tb testing.TB, events int) {
	tb.Helper()
	for range events {
		doc := &pattern.Doc{Data: []byte(d.random.Event())}
		if d.rnd.IntN(4) == 0 {
			doc.Env = &pattern.Envelope{Source: "x", DetailType: "xy", Resources: []string{"x", "10.0.0.1"}}
		}
		doc.Checked = d.rnd.IntN(2) == 0
		want, ok := d.model.match(tb, doc)
		if !ok {
			continue
		}
		var r pattern.Result
		if err := d.matcher.Snapshot().Match(doc, &r); err != nil {
			tb.Fatalf("Match(%s) = %v", doc.Data, err)
		}
		d.pairs += len(d.model)
		d.matches += len(want)
		if !slices.Equal(r.IDs, want) || len(r.Undecided) > 0 {
			for _, id := range append(slices.Clone(want), r.IDs...) {
				if slices.Contains(want, id) != slices.Contains(r.IDs, id) {
					tb.Errorf("rule %s\nevent %s, envelope %+v", d.model[id].Source(), doc.Data, doc.Env)
				}
			}
			tb.Fatalf("revision %d: Match = %v, undecided %v; the reference says %v", d.rev, r.IDs, r.Undecided, want)
		}
	}
}

// TestDifferential compares the matcher with the reference evaluator while rules
// come and go. The long form compares more than a million pairs.
func TestDifferential(t *testing.T) {
	t.Parallel()
	rounds, revisions := 4, 60
	if *long {
		rounds, revisions = 40, 400
	}
	pairs, matches := 0, 0
	for round := range rounds {
		d := newDifferential(*seed + uint64(round))
		ids := 4 + 30*(round%4)
		for range revisions {
			d.change(t, ids)
			d.compare(t, 4)
			if t.Failed() {
				t.Fatalf("seed %d", *seed+uint64(round))
			}
		}
		pairs, matches = pairs+d.pairs, matches+d.matches
	}
	t.Logf("%d pairs of a pattern and an event compared, %d of them match", pairs, matches)
	if matches < pairs/40 {
		t.Errorf("only %d of %d pairs match: the comparison says little", matches, pairs)
	}
}
