package pattern

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Finding is what is wrong with a pattern, or looks wrong. Findings are proven:
// of what cannot be decided, nothing is said. The JSON form is stable.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule,omitempty"`   // of a set
	Path     string   `json:"path,omitempty"`   // of the clause that it is about
	Branch   []string `json:"branch,omitempty"` // the branches of $or that it is about
	Text     string   `json:"text"`
	Remedy   string   `json:"remedy"`
}

// Severity is how bad a finding is.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the pattern cannot do what it is for
	Warning Severity = "warning" // a part of the pattern is without effect
	Info    Severity = "info"    // legal, and sometimes not what was meant
)

// The ids of findings.
const (
	NeverMatches    = "never-matches"    // no event can match
	NeverBranch     = "never-branch"     // no event can match a branch of $or
	AlwaysMatches   = "always-matches"   // every event matches
	RedundantBranch = "redundant-branch" // what matches a branch of $or matches another one
	Overwritten     = "overwritten"      // a field that a later one with the same path replaces
	AnyValue        = "any-value"        // the entries of a list accept every value together
	AlwaysHolds     = "always-holds"     // a list accepts every value and no value
	RedundantEntry  = "redundant-entry"  // what an entry accepts another one accepts
	AlsoAbsent      = "also-absent"      // exists:false beside values is an alternative to them
	EqualRule       = "equal-rule"       // two rules match the same events
	ShadowedRule    = "shadowed-rule"    // what matches a rule matches another one
)

// Bounds of the checks. Beyond them, nothing is proven and nothing said.
const (
	maxCheckEntries  = 200 // entries of a list that are compared with one another
	maxCheckBranches = 64  // sub-rules of a pattern that are compared with one another
)

// Lint checks one pattern. The schema says what is known of events; nil knows
// nothing. It fails only if the pattern cannot be read again, which would be a
// fault of this package.
func Lint(p *Pattern, schema Schema) ([]Finding, error) {
	origin, err := p.origins()
	if err != nil {
		return nil, err
	}
	c := &checker{pattern: p, origin: origin, schema: schema}
	c.branches()
	for _, cl := range p.clauses {
		if c.first[cl.index] >= 0 {
			c.clause(cl)
		}
	}
	return c.findings, nil
}

// checker collects the findings on one pattern.
type checker struct {
	pattern  *Pattern
	origin   *origins
	schema   Schema
	findings []Finding
	first    []int // by clause: the first sub-rule that it is in, -1 if none
}

func (c *checker) report(id string, severity Severity, path, remedy, format string, args ...any) *Finding {
	c.findings = append(c.findings, Finding{
		ID: id, Severity: severity, Path: cut(path), Remedy: remedy, Text: fmt.Sprintf(format, args...),
	})
	return &c.findings[len(c.findings)-1]
}

// branches checks the sub-rules.
func (c *checker) branches() {
	rules := c.pattern.subRules
	why := make([]string, len(c.pattern.clauses)) // clauses are impossible
	for i, cl := range c.pattern.clauses {
		why[i] = c.impossible(cl)
	}
	dead := make([]bool, len(rules))
	c.first = slices.Repeat([]int{-1}, len(why))
	for i, r := range rules {
		for _, cl := range r {
			dead[i] = dead[i] || why[cl.index] != ""
			if c.first[cl.index] < 0 {
				c.first[cl.index] = i
			}
		}
	}
	all := !slices.Contains(dead, false)
	for _, cl := range c.pattern.clauses {
		switch i := c.first[cl.index]; {
		case i < 0:
			c.report(Overwritten, Warning, cl.path, "join the two lists, or remove this one",
				"a later field with the same path replaces it")
		case why[cl.index] != "":
			c.never(cl, i, all, why[cl.index])
		}
	}
	if i := slices.IndexFunc(rules, subRule.always); i >= 0 {
		c.report(AlwaysMatches, Warning, "", "ask for a value in at least one field",
			"every event matches: all that it asks for holds with and without a value").Branch = c.choice(i)
		return
	}
	c.redundantBranches(dead)
}

// never reports a clause that cannot hold.
func (c *checker) never(cl *clause, branch int, all bool, why string) {
	id, severity, what := NeverMatches, Error, "no event can match"
	if !all {
		id, severity, what = NeverBranch, Warning, "no event can match this branch"
	}
	f := c.report(id, severity, cl.path, "change or remove the field", "%s: %s", what, why)
	if note := c.schema.field(cl.path).Note; note != "" {
		f.Remedy = note
	}
	if !all {
		f.Branch = c.choice(branch)
	}
}

func (c *checker) choice(branch int) []string { return c.origin.choices[branch].list() }

// redundantBranches reports sub-rules that add nothing to another one.
func (c *checker) redundantBranches(dead []bool) {
	rules := c.pattern.subRules
	if len(rules) > maxCheckBranches {
		return
	}
	byPath := make([]clauses, len(rules))
	for i, r := range rules {
		byPath[i] = r.byPath()
	}
	gone := slices.Clone(dead)
	for i := range rules {
		for j := range rules {
			if i == j || gone[i] || gone[j] || !rules[i].implies(byPath[i], rules[j], byPath[j]) {
				continue
			}
			gone[i] = true
			c.report(RedundantBranch, Warning, "", "remove the branch", "what matches %s matches %s, too",
				strings.Join(c.choice(i), " with "), strings.Join(c.choice(j), " with ")).Branch = c.choice(i)
		}
	}
}

// clause checks the entries of one clause.
func (c *checker) clause(cl *clause) {
	entries := c.origin.entries[cl.index]
	if len(entries) > maxCheckEntries {
		return
	}
	c.redundantEntries(cl, entries)
	switch {
	case len(entries) == 1:
	case universal(cl.tests) && cl.absent:
		c.report(AlwaysHolds, Warning, cl.path, "remove the field", "holds with every value and without one")
	case universal(cl.tests) && !slices.Contains(cl.tests, test(anyValue{})):
		c.report(AnyValue, Warning, cl.path, "put what is excluded into one list: "+oneList(entries),
			"accepts every value: entries of a list are alternatives, and what one excludes another one accepts")
	case cl.absent && len(cl.tests) > 0 && !c.schema.field(cl.path).Always:
		c.report(AlsoAbsent, Info, cl.path, `if that is not meant, remove {"exists": false}`,
			"entries of a list are alternatives: events without the field match, too")
	}
}

// oneList writes the entries of several anything-but as one, or an example of it
// if they have other operators or do not go together.
func oneList(entries []listEntry) string {
	const example = `{"anything-but": ["a", "b"]}`
	var all []string
	for _, e := range entries {
		var but struct {
			Operand json.RawMessage `json:"anything-but"`
		}
		if json.Unmarshal([]byte(e.raw), &but) != nil || len(but.Operand) == 0 {
			return example
		}
		var list []json.RawMessage
		if json.Unmarshal(but.Operand, &list) != nil {
			list = []json.RawMessage{but.Operand}
		}
		for _, v := range list {
			if v[0] == '{' || len(all) > 0 && (v[0] == '"') != (all[0][0] == '"') {
				return example
			}
			all = append(all, string(v))
		}
	}
	if text := `{"anything-but": [` + strings.Join(all, ", ") + `]}`; len(text) <= maxText {
		return text
	}
	return example
}

// redundantEntries reports entries that add nothing to another one.
func (c *checker) redundantEntries(cl *clause, entries []listEntry) {
	gone := make([]bool, len(entries))
	for i, e := range entries {
		for j, other := range entries {
			if i == j || gone[i] || gone[j] {
				continue
			}
			same := len(e.tests) == 0 && len(other.tests) == 0 // exists:false
			if same || len(e.tests) > 0 && len(other.tests) > 0 && implies(e.tests[0], other.tests[0]) {
				gone[i] = true
				c.report(RedundantEntry, Warning, cl.path, "remove the entry",
					"what %s accepts %s accepts, too", cut(e.raw), cut(other.raw))
			}
		}
	}
}

// impossible says why a clause cannot hold; it is empty if it may.
func (c *checker) impossible(cl *clause) string {
	f := c.schema.field(cl.path)
	if cl.absent && !f.Always {
		return ""
	}
	if slices.ContainsFunc(cl.tests, f.allows) {
		return ""
	}
	switch {
	case f.Known && f.Types == 0:
		return "no event has a value at " + cut(cl.path)
	case cl.absent && len(cl.tests) == 0:
		return "every event has a value at " + cut(cl.path)
	case f.Known:
		return "no value that " + cut(cl.path) + " can have is accepted"
	}
	return "no value is accepted at " + cut(cl.path)
}
