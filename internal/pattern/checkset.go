package pattern

import (
	"fmt"
	"slices"
)

// maxCheckPairs bounds the comparison of rules with one another: a step is one
// clause that is looked for in another rule.
const maxCheckPairs = 1 << 24

// LintSet checks every rule of a set and the rules with one another. Rules
// without a pattern are left out, since they match every event on purpose. It
// reports complete false if the set is too large to compare all rules.
func LintSet(rules []Named, schema Schema) (findings []Finding, complete bool, err error) {
	s := &ruleSet{left: maxCheckPairs}
	for _, r := range rules {
		if r.Pattern == nil {
			continue
		}
		own, err := Lint(r.Pattern, schema)
		if err != nil {
			return nil, false, fmt.Errorf("rule %s: %w", r.Name, err)
		}
		for i := range own {
			own[i].Rule = r.Name
		}
		findings = append(findings, own...)
		if isUseful(own) && len(r.Pattern.subRules) <= maxCheckBranches {
			s.add(r)
		}
	}
	return append(findings, s.compare()...), s.left >= 0, nil
}

// isUseful reports whether it makes sense to compare a rule with others.
func isUseful(findings []Finding) bool {
	return !slices.ContainsFunc(findings, func(f Finding) bool { return f.ID == NeverMatches || f.ID == AlwaysMatches })
}

// ruleSet compares rules with one another.
type ruleSet struct {
	rules []setRule
	left  int // steps
}

// setRule is a rule of a set. Its sub-rules stand beside their clauses by path.
type setRule struct {
	name     string
	subRules []subRule
	byPath   []clauses
}

func (s *ruleSet) add(r Named) {
	m := setRule{name: r.Name, subRules: r.Pattern.subRules}
	for _, sub := range m.subRules {
		m.byPath = append(m.byPath, sub.byPath())
	}
	s.rules = append(s.rules, m)
}

// compare returns one finding for each rule that another one makes superfluous.
func (s *ruleSet) compare() []Finding {
	var findings []Finding
	equal := make([]bool, len(s.rules)) // to a rule before it
	for i := range s.rules {
		if equal[i] {
			continue
		}
		shadows := 0
		first := ""
		for j := range s.rules {
			if i == j || equal[j] || !s.implies(i, j) {
				continue
			}
			if j > i && s.implies(j, i) {
				equal[j] = true
				findings = append(findings, equalRule(s.rules[j].name, s.rules[i].name))
				continue
			}
			if shadows++; shadows == 1 {
				first = s.rules[j].name
			}
		}
		if shadows > 0 {
			findings = append(findings, shadowedRule(s.rules[i].name, first, shadows-1))
		}
	}
	return findings
}

// implies reports whether every event that matches one rule matches another.
func (s *ruleSet) implies(i, j int) bool {
	a, b := &s.rules[i], &s.rules[j]
	for n := range a.subRules {
		if !s.impliesOne(a, n, b) {
			return false
		}
	}
	return true
}

// impliesOne reports whether what matches a sub-rule of a matches some of b.
func (s *ruleSet) impliesOne(a *setRule, n int, b *setRule) bool {
	for m, other := range b.subRules {
		if s.left -= len(other); s.left >= 0 && a.subRules[n].implies(a.byPath[n], other, b.byPath[m]) {
			return true
		}
	}
	return false
}

func equalRule(name, other string) Finding {
	return Finding{
		ID: EqualRule, Severity: Warning, Rule: name,
		Text:   fmt.Sprintf("matches the same events as %s", other),
		Remedy: "put the targets of both into one rule",
	}
}

func shadowedRule(name, other string, more int) Finding {
	text := fmt.Sprintf("every event that matches it matches %s, too", other)
	if more > 0 {
		text += fmt.Sprintf(", and %s", plural(more, "more rule"))
	}
	return Finding{
		ID: ShadowedRule, Severity: Info, Rule: name, Text: text,
		Remedy: "nothing, if the targets differ; else remove one of the rules",
	}
}
