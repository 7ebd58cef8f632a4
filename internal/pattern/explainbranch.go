package pattern

import (
	"cmp"
	"slices"
)

// branches explains the sub-rules of one pattern.
type branches struct {
	*explainer
	pattern *Pattern
	origin  *origins
	eval    evaluation
	reports map[*clause]ClauseReport // of clauses that fail in whatever company
}

// noteSteps says that an explanation was cut by its step budget.
const noteSteps = "the step budget was used up: not every way through the arrays of the event was tried"

// closest explains the sub-rules that came closest, the closest first: those with
// the fewest clauses that failed, and among them those that failed least.
func (b *branches) closest(matched bool) []Branch {
	p := b.pattern
	b.eval.facts, b.eval.field, b.eval.patient = &b.facts, p.bind(b.paths), true
	b.eval.states = make([]clauseState, len(p.clauses))
	order := b.rank(matched)
	var out []Branch
	b.eval.budget = 2 * StepBudget // more than it took to find out
	for i, n := range order {
		if i == 0 && !matched || i == 1 && matched {
			b.eval.budget = b.walk
		}
		out = append(out, b.branch(n))
	}
	b.walk = min(b.walk, max(b.eval.budget, 0))
	slices.SortStableFunc(out, func(x, y Branch) int {
		return cmp.Or(cmp.Compare(x.Of-x.Held, y.Of-y.Held), cmp.Compare(y.weight, x.weight))
	})
	return out[:min(len(out), maxBranches)]
}

// rank returns the sub-rules to explain, those with the fewest clauses that fail
// alone first. If one matches, it comes before all others.
func (b *branches) rank(matched bool) []int {
	rules := b.pattern.subRules
	missed := make([]int, len(rules))
	order := make([]int, 0, len(rules))
	b.eval.budget = StepBudget
	for i, r := range rules {
		if len(order) > 0 && b.eval.budget < 0 {
			b.note("the step budget was used up: not every branch was looked at")
			break
		}
		for _, c := range r {
			if b.state(c) == fails {
				missed[i]++
			}
		}
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(missed[x], missed[y]) })
	if matched {
		b.eval.budget = StepBudget
		winner := slices.IndexFunc(rules, b.eval.subRule)
		order = slices.DeleteFunc(order, func(n int) bool { return n == winner })
		order = slices.Insert(order, 0, winner)
	}
	return order[:min(len(order), maxLooked)]
}

// state looks at a clause without regard to others, once.
func (b *branches) state(c *clause) clauseState {
	if b.eval.states[c.index] == unseen {
		b.eval.states[c.index] = b.eval.alone(c)
	}
	return b.eval.states[c.index]
}

// branch explains one sub-rule.
func (b *branches) branch(n int) Branch {
	r := b.pattern.subRules[n]
	held, chosen, undecided := b.agree(r)
	out := Branch{Choice: b.origin.choices[n].shown(), Held: len(held), Of: len(r), Arrays: b.arrays(chosen)}
	room := max(maxClauses-(len(r)-len(held)), 0) // clauses that failed come first
	for _, c := range r {
		holds := held.has(c)
		if holds && room == 0 || len(out.Clauses) == maxClauses {
			out.More++
			continue
		}
		var report ClauseReport
		switch {
		case holds:
			room--
			report = b.held(c, chosen)
		case undecided.has(c):
			report = b.undecided(c)
		case b.state(c) == fails:
			report = b.failed(c)
		default:
			report = b.elsewhere(c, chosen)
		}
		if !report.Held {
			out.weight += report.weight
		}
		out.Clauses = append(out.Clauses, report)
	}
	return out
}

// has reports whether a clause is among those of the sub-rule.
func (r subRule) has(c *clause) bool {
	_, found := slices.BinarySearchFunc(r, c, func(a, b *clause) int { return comparePaths(a.path, b.path) })
	return found
}

// agree returns the clauses of a sub-rule that hold together, as many as are
// found by taking one after the other, the elements that they agreed on by number
// of the array, and the clauses for which the budget did not suffice.
func (b *branches) agree(r subRule) (held subRule, chosen []int32, undecided subRule) {
	var all subRule
	for _, c := range r {
		if b.state(c) != fails {
			all = append(all, c)
		}
	}
	if b.together(all) {
		return all, slices.Clone(b.eval.chosen), nil
	}
	chosen = extend(nil, len(b.facts.arrays), -1)
	for _, c := range all {
		with := append(slices.Clip(held), c)
		switch {
		case b.state(c) == free:
			held = with
		case b.eval.budget >= 0 && b.together(with):
			held = with
			chosen = append(chosen[:0], b.eval.chosen...)
		case b.eval.budget < 0:
			b.note(noteSteps)
			undecided = append(undecided, c)
		}
	}
	return held, chosen, undecided
}

// together reports whether clauses hold at once, and leaves the elements that
// they chose in b.eval.chosen.
func (b *branches) together(r subRule) bool {
	b.eval.budget -= len(r)
	return b.eval.subRule(r)
}

// arrays names the chosen elements.
func (b *branches) arrays(chosen []int32) []ArrayChoice {
	var out []ArrayChoice
	for i := range b.facts.elements {
		el := &b.facts.elements[i]
		if len(chosen) == 0 || chosen[el.array] != el.index {
			continue
		}
		if len(out) == maxShown {
			b.note("only the first arrays that were agreed on are listed")
			break
		}
		path := string(b.facts.arrays[el.array])
		out = append(out, ArrayChoice{Path: cut(b.at(path, el.parent)), Index: int(el.index)})
	}
	return out
}
