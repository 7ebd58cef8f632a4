package pattern

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// orKey is the field name that multiplies a pattern out to sub-rules.
const orKey = "$or"

// What bounds the expansion of $or in any mode: sub-rules, and clauses in all of
// them together.
const (
	maxSubRules   = 1 << 14
	maxClauseRefs = 1 << 20
)

// reserved lists the names that may not be used as fields inside $or.
var reserved = []string{
	"exactly", "prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists",
	"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case",
	"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range",
	"ip-address-in-range", "ip-address-not-in-range",
}

// compiler turns the tokens of a pattern into sub-rules. It stops at the first
// fault.
type compiler struct {
	*reader
	clauses  []*clause
	known    map[string]bool // paths that some sub-rule has a clause for
	limit    int             // most sub-rules
	refs     int             // clauses in sub-rules, counted each time
	wildcard bool
}

// parse compiles p.source into clauses and sub-rules.
func (p *Pattern) parse(limit int) error {
	if limit <= 0 || limit > maxSubRules {
		limit = maxSubRules
	}
	c := &compiler{reader: &reader{src: p.source}, known: map[string]bool{}, limit: limit}
	t, err := c.next()
	if err != nil {
		return err
	}
	if t.kind != startObject {
		return c.fail("Filter is not an object")
	}
	rules, err := c.object(nil, place{}, false)
	if err != nil {
		return err
	}
	if t, err = c.next(); err != nil {
		return err
	}
	if t.kind != endOfText {
		return c.fail("Unexpected text behind the pattern")
	}
	p.clauses, p.subRules, p.wildcard = c.clauses, rules, c.wildcard
	sortRules(rules, c.clauses)
	p.paths = newPathSet()
	for _, cl := range p.clauses {
		p.paths.add(cl.path)
	}
	return nil
}

// sortRules brings the clauses of every sub-rule into the order of their paths.
// There may be a million of them in all, so paths are compared once.
func sortRules(rules []subRule, clauses []*clause) {
	sorted := slices.Clone(clauses)
	slices.SortFunc(sorted, func(a, b *clause) int { return comparePaths(a.path, b.path) })
	rank := make([]int, len(clauses)) // by index
	for i, c := range sorted {
		rank[c.index] = i
	}
	for _, r := range rules {
		slices.SortFunc(r, func(a, b *clause) int { return rank[a.index] - rank[b.index] })
	}
}

// comparePaths orders by UTF-16 units, which differs from the order of bytes for
// characters above U+D7FF.
func comparePaths(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	for i > 0 && !(utf8.RuneStart(a[i]) && utf8.RuneStart(b[i])) {
		i--
	}
	ra, _ := utf8.DecodeRuneInString(a[i:])
	rb, _ := utf8.DecodeRuneInString(b[i:])
	return cmp.Or(cmp.Compare(firstUnit(ra), firstUnit(rb)), cmp.Compare(ra, rb), cmp.Compare(a, b))
}

func firstUnit(r rune) rune {
	if r > 0xFFFF {
		r, _ = utf16.EncodeRune(r)
	}
	return r
}

// place is where in a pattern the compiler is: the names down to an object.
type place struct {
	path string
	deep bool // at least one name
}

// inner returns the place of an object below p.
func (p place) inner(name string) place {
	if p.deep {
		name = p.path + "." + name
	}
	return place{path: name, deep: true}
}

// leaf returns the path of a leaf below p. An empty path vanishes; paths of
// events are not forgiving in that way (see scan.go).
func (p place) leaf(name string) string {
	if p.path == "" {
		return name
	}
	return p.path + "." + name
}

// object compiles the fields of an object whose bracket has been read into the
// given sub-rules, and returns what became of them.
func (c *compiler) object(rules []subRule, at place, insideOr bool) ([]subRule, error) {
	for filled := false; ; filled = true {
		t, err := c.next()
		if err != nil {
			return nil, err
		}
		if t.kind == endObject {
			if !filled {
				return nil, c.fail("Empty objects are not allowed")
			}
			return rules, nil
		}
		name := t.text
		if name == orKey {
			if rules, err = c.or(rules, at); err != nil {
				return nil, err
			}
			continue
		}
		if insideOr && slices.Contains(reserved, name) {
			return nil, c.fail("%s is Ruler reserved fieldName which cannot be used inside $or.", name)
		}
		if rules, err = c.field(rules, at, name, insideOr); err != nil {
			return nil, err
		}
	}
}

func (c *compiler) field(rules []subRule, at place, name string, insideOr bool) ([]subRule, error) {
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	switch t.kind {
	case startObject:
		return c.object(rules, at.inner(name), insideOr)
	case startArray:
		cl, err := c.leaf(at.leaf(name))
		if err != nil {
			return nil, err
		}
		return c.put(rules, cl)
	default:
		return nil, c.fail(`"%s" must be an object or an array`, name)
	}
}

// or compiles the branches of a $or: every branch starts from the sub-rules
// that stood before it.
func (c *compiler) or(before []subRule, at place) ([]subRule, error) {
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	if t.kind != startArray {
		return nil, c.fail("It must be an Array followed with $or.")
	}
	var after []subRule
	for branches := 0; ; branches++ {
		if t, err = c.next(); err != nil {
			return nil, err
		}
		switch t.kind {
		case endArray:
			if branches < 2 {
				return nil, c.fail("There must have at least 2 Objects in $or relationship.")
			}
			return after, nil
		case startObject:
			branch, err := c.fork(before)
			if err != nil {
				return nil, err
			}
			if branch, err = c.object(branch, at, true); err != nil {
				return nil, err
			}
			after = append(after, branch...)
			if len(after) > c.limit {
				return nil, c.tooMany()
			}
		default:
			return nil, c.fail("Only JSON object is allowed in array of $or relationship.")
		}
	}
}

func (c *compiler) tooMany() error {
	return c.bare("Rule is too complex - $or must not make more than %d combinations", c.limit)
}

// fork copies sub-rules, so that a branch can go on with them alone.
func (c *compiler) fork(rules []subRule) ([]subRule, error) {
	if len(rules) == 0 {
		return []subRule{{}}, nil
	}
	out := make([]subRule, len(rules))
	for i, r := range rules {
		if c.refs += len(r); c.refs > maxClauseRefs {
			return nil, c.tooMany()
		}
		out[i] = slices.Clone(r)
	}
	return out, nil
}

// put adds a clause to every sub-rule. The clause that comes last in the text
// replaces one with the same path.
func (c *compiler) put(rules []subRule, cl *clause) ([]subRule, error) {
	if len(rules) == 0 {
		rules = []subRule{{}}
	}
	cl.index = len(c.clauses)
	c.clauses = append(c.clauses, cl)
	if c.refs += len(rules); c.refs > maxClauseRefs {
		return nil, c.tooMany()
	}
	for i, r := range rules {
		at := -1
		if c.known[cl.path] {
			at = slices.IndexFunc(r, func(old *clause) bool { return old.path == cl.path })
		}
		if at >= 0 {
			r[at] = cl
		} else {
			rules[i] = append(r, cl)
		}
	}
	c.known[strings.Clone(cl.path)] = true
	return rules, nil
}

// leaf compiles the entries of a leaf array whose bracket has been read.
func (c *compiler) leaf(path string) (*clause, error) {
	cl := &clause{path: path}
	var lits literals
	for filled := false; ; filled = true {
		t, err := c.next()
		if err != nil {
			return nil, err
		}
		switch t.kind {
		case endArray:
			if !filled {
				return nil, c.fail("Empty arrays are not allowed")
			}
			cl.tests = append(lits.tests(), cl.tests...)
			return cl, nil
		case startObject:
			err = c.expression(cl, &lits)
		case stringValue:
			var s string
			if s, err = c.str(); err == nil {
				lits.addText(s)
			}
		case numberValue:
			lits.addNumber(t.text)
		case trueValue, falseValue, nullValue:
			lits.addToken(t.kind)
		default:
			err = c.fail("Match value must be String, number, true, false, or null")
		}
		if err != nil {
			return nil, err
		}
	}
}
