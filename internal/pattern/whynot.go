package pattern

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// Named is a pattern and the name of the rule that it belongs to.
type Named struct {
	Name     string
	Pattern  *Pattern // nil: the rule has none and matches every event
	Disabled bool     // the rule takes no event, whatever it matches; for [WhyNot]
}

// Ranking says which rules an event missed, those first that came closest.
type Ranking struct {
	Matched   int        `json:"matched"`            // rules that match and are not disabled
	Matches   []string   `json:"matches,omitempty"`  // the first of them
	Disabled  []string   `json:"disabled,omitempty"` // rules that would match if they were not disabled
	Misses    []NearMiss `json:"misses"`
	More      int        `json:"more,omitempty"`      // rules that do not match and were left out
	Undecided []string   `json:"undecided,omitempty"` // rules that used up their step budget
	Unseen    int        `json:"unseen,omitempty"`    // rules that were not looked at: the step budget of all was used up
	Notes     []string   `json:"notes,omitempty"`     // what is wrong with the event itself
}

// NearMiss is a rule that does not match.
type NearMiss struct {
	Rule     string `json:"rule"`
	Disabled bool   `json:"disabled,omitempty"` // and it takes no event anyway
	Held     int    `json:"held"`               // clauses that hold, in the branch that came closest
	Of       int    `json:"of"`                 // clauses of that branch
	// Closeness is the share of clauses that hold, and of each other one how close
	// it came: 0 has nothing in common with the event, 1 would be a match.
	Closeness   float64      `json:"closeness"`
	Explanation *Explanation `json:"explanation"`
}

// Bounds of [WhyNot].
const (
	whyNotSteps = 1 << 24 // steps for all rules together
	whyNotTexts = 64      // rules that are explained, to find the closest
	whyNotNames = 64      // rules that match and are listed
)

// WhyNot explains why rules do not match a document: at most most of them, the
// closest first, then by name. Of very many rules it compares those of which the
// largest share of clauses holds. Its error concerns the document, as that of
// [Pattern.Eval]. It takes a few microseconds for each rule, and more for those
// that it explains.
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
	if out.Matched == 0 {
		out.Notes = x.notEvent(slices.ContainsFunc(missed, func(c contender) bool { return c.Pattern.wantsEvent() }))
	}
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
			out.match(r)
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
			out.match(r)
		default:
			c.held, c.of = e.best(r.Pattern)
			missed = append(missed, c)
		}
		left -= budget - e.budget
	}
	return missed
}

// match notes a rule that matches.
func (r *Ranking) match(rule Named) {
	if rule.Disabled {
		r.Disabled = append(r.Disabled, rule.Name)
		return
	}
	if r.Matched++; r.Matched <= whyNotNames {
		r.Matches = append(r.Matches, rule.Name)
	}
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
		out.Misses = append(out.Misses, NearMiss{
			Rule: c.Name, Disabled: c.Disabled, Held: best.Held, Of: best.Of,
			Closeness: (float64(best.Held) + best.weight) / float64(best.Of), Explanation: explanation,
		})
	}
	slices.SortStableFunc(out.Misses, func(a, b NearMiss) int {
		return cmp.Or(cmp.Compare(b.Closeness, a.Closeness), cmp.Compare(a.Rule, b.Rule))
	})
	return nil
}

// WriteText writes the ranking as text: the rules that match, and for each other
// one a line with its name and the explanation as [Explanation.WriteText] does.
func (r *Ranking) WriteText(w io.Writer) error {
	buf := bufio.NewWriter(w)
	fmt.Fprintln(buf, r.headline())
	for _, name := range r.Matches {
		fmt.Fprintf(buf, "  ✔ %s\n", plain(cut(name)))
	}
	if more := r.Matched - len(r.Matches); more > 0 {
		fmt.Fprintf(buf, "  and %s\n", plural(more, "more rule"))
	}
	for _, name := range r.Disabled {
		fmt.Fprintf(buf, "  ✗ %s  matches, but is disabled: enable the rule\n", plain(cut(name)))
	}
	for i := range r.Misses {
		name := r.Misses[i].Rule
		if r.Misses[i].Disabled {
			name += " (disabled)"
		}
		fmt.Fprintf(buf, "\n%s: ", plain(cut(name)))
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
	for _, note := range r.Notes {
		fmt.Fprintf(buf, "\nnote: %s\n", note)
	}
	return buf.Flush()
}

// headline says in one line how many rules took the event.
func (r *Ranking) headline() string {
	missed := len(r.Disabled) + len(r.Misses) + r.More + len(r.Undecided)
	switch {
	case r.Matched > 0:
		return fmt.Sprintf("%s matched, %d did not", plural(r.Matched, "rule"), missed)
	case missed+r.Unseen == 0:
		return "there are no rules"
	}
	return "no rule matched, of " + strconv.Itoa(missed+r.Unseen)
}
