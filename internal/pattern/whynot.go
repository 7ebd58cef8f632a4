package pattern

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Named is a pattern and the name of the rule that it belongs to.
type Named struct {
	Name    string
	Pattern *Pattern // nil: the rule has none and matches every event
}

// Ranking says which rules an event missed, those first that came closest.
type Ranking struct {
	Matched   int        `json:"matched"` // rules that match
	Misses    []NearMiss `json:"misses"`
	More      int        `json:"more,omitempty"`      // rules that do not match and were left out
	Undecided []string   `json:"undecided,omitempty"` // rules that used up their step budget
	Unseen    int        `json:"unseen,omitempty"`    // rules that were not looked at: the step budget of all was used up
}

// NearMiss is a rule that does not match.
type NearMiss struct {
	Rule        string       `json:"rule"`
	Held        int          `json:"held"` // clauses that hold, in the branch that came closest
	Of          int          `json:"of"`   // clauses of that branch
	Explanation *Explanation `json:"explanation"`
}

// Bounds of [WhyNot].
const (
	whyNotSteps = 1 << 24 // steps for all rules together
	whyNotTexts = 64      // rules that are explained, to find the closest
)

// WhyNot explains why rules do not match a document: at most most of them,
// ranked by the share of clauses that hold, then by how close the others came,
// then by name. Its error concerns the document, as that of [Pattern.Eval]. It
// takes a few microseconds for each rule, and more for those that it explains.
func WhyNot(rules []Named, d *Doc, most int) (*Ranking, error) {
	paths := newPathSet()
	for _, r := range rules {
		if r.Pattern != nil {
			for path := range r.Pattern.paths.fields {
				paths.add(path)
			}
		}
	}
	x, err := newExplainer(d, paths)
	if err != nil {
		return nil, err
	}
	out := &Ranking{Misses: []NearMiss{}}
	missed := x.missed(rules, out)
	slices.SortStableFunc(missed, contender.compare)
	if err := x.rank(missed[:min(len(missed), max(most, whyNotTexts))], out); err != nil {
		return nil, err
	}
	out.Misses = out.Misses[:min(len(out.Misses), max(most, 0))]
	out.More = len(missed) - len(out.Misses)
	return out, nil
}

// contender is a rule that does not match, and how many clauses of its best
// branch hold when each is looked at alone.
type contender struct {
	Named
	held, of int
}

// compare puts the larger share of clauses that hold first.
func (a contender) compare(b contender) int {
	return cmp.Or(cmp.Compare(b.held*a.of, a.held*b.of), cmp.Compare(a.Name, b.Name))
}

// missed returns the rules that do not match, and counts the others.
func (x *explainer) missed(rules []Named, out *Ranking) []contender {
	var missed []contender
	var e evaluation
	left := whyNotSteps
	for i, r := range rules {
		if r.Pattern == nil {
			out.Matched++
			continue
		}
		if left <= 0 {
			out.Unseen = len(rules) - i
			break
		}
		budget := min(StepBudget, left)
		ok, err := e.run(r.Pattern, &x.facts, r.Pattern.bind(x.paths), budget)
		c := contender{Named: r}
		switch {
		case errors.Is(err, ErrUndecided):
			out.Undecided = append(out.Undecided, r.Name)
		case ok:
			out.Matched++
		default:
			c.held, c.of = e.best(r.Pattern)
			missed = append(missed, c)
		}
		left -= budget - e.budget
	}
	return missed
}

// best counts the clauses that hold alone in the sub-rule that has the fewest
// others. The pattern has been run and does not match.
func (e *evaluation) best(p *Pattern) (held, of int) {
	least := -1
	for _, r := range p.subRules {
		failed := 0
		for _, c := range r {
			if e.states[c.index] == unseen {
				e.states[c.index] = e.alone(c)
			}
			if e.states[c.index] == fails {
				failed++
			}
		}
		failed = max(failed, 1) // they hold alone, but not together
		if least < 0 || failed < least {
			least, held, of = failed, len(r)-failed, len(r)
		}
		if e.budget < 0 {
			break
		}
	}
	return held, of
}

// rank explains rules and sorts them by the explanations.
func (x *explainer) rank(missed []contender, out *Ranking) error {
	for _, c := range missed {
		explanation, err := x.describe(c.Pattern, false)
		if err != nil {
			return fmt.Errorf("rule %s: %w", c.Name, err)
		}
		best := &explanation.Branches[0]
		out.Misses = append(out.Misses, NearMiss{Rule: c.Name, Held: best.Held, Of: best.Of, Explanation: explanation})
	}
	slices.SortStableFunc(out.Misses, func(a, b NearMiss) int {
		return cmp.Or(
			cmp.Compare(b.Held*a.Of, a.Held*b.Of),
			cmp.Compare(b.Explanation.Branches[0].weight, a.Explanation.Branches[0].weight),
			cmp.Compare(a.Rule, b.Rule),
		)
	})
	return nil
}

// WriteText writes the ranking as text: for each rule a line with its name, and
// the explanation as [Explanation.WriteText] does.
func (r *Ranking) WriteText(w io.Writer) error {
	buf := bufio.NewWriter(w)
	fmt.Fprintf(buf, "%s matched, %d did not\n", plural(r.Matched, "rule"), len(r.Misses)+r.More+len(r.Undecided))
	for i := range r.Misses {
		fmt.Fprintf(buf, "\n%s: ", plain(cut(r.Misses[i].Rule)))
		if err := r.Misses[i].Explanation.WriteText(buf); err != nil {
			return err
		}
	}
	if r.More > 0 {
		fmt.Fprintf(buf, "\nand %s did not match\n", plural(r.More, "more rule"))
	}
	for _, name := range r.Undecided {
		fmt.Fprintf(buf, "\n%s: %v\n", plain(cut(name)), ErrUndecided)
	}
	if r.Unseen > 0 {
		fmt.Fprintf(buf, "\n%s not looked at: the event is too large for so many\n", plural(r.Unseen, "rule"))
	}
	return buf.Flush()
}
