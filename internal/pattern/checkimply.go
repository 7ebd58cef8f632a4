package pattern

import (
	"bytes"
	"slices"
	"strings"
)

// What one test says of another is decided here for all pairs for which it is
// easy. The answer "no" means: not proven.

// implies reports whether every value that satisfies a satisfies b.
func implies(a, b test) bool {
	if _, ok := b.(anyValue); ok {
		return true
	}
	if all, ok := every(a, b.holds); ok {
		return all
	}
	if but, ok := b.(none); ok {
		if len(but) > maxCheckEntries {
			return false
		}
		if a, ok := a.(none); ok {
			return !slices.ContainsFunc(but, func(t test) bool { return !impliesAny(t, a) })
		}
		return !slices.ContainsFunc(but, func(t test) bool { return !disjoint(a, t) })
	}
	if types(a) == TypeString && allStrings(b) {
		return true
	}
	switch a := a.(type) {
	case numberRange:
		return a.within(b)
	case network:
		b, ok := b.(network)
		return ok && b.Bits() <= a.Bits() && b.Contains(a.Addr())
	case edge:
		return edgeImplies(a, b)
	case *glob:
		return globImplies(a, b)
	case *fold:
		b, ok := b.(*fold)
		return ok && foldImplies(a, b)
	}
	return false
}

// impliesAny reports whether what satisfies a test satisfies one of others.
func impliesAny(a test, others []test) bool {
	return slices.ContainsFunc(others, func(b test) bool { return implies(a, b) })
}

// every tries a predicate with values one of which is at stake whenever a test is
// satisfied: what holds for them holds for every value that satisfies the test.
// Numbers that are equal are accepted by the same tests. It reports known false if
// a test has no such values.
func every(t test, holds func(v *value) bool) (all, known bool) {
	kind := kindString
	var list []string
	switch t := t.(type) {
	case *textSet:
		list = t.list
	case *numberSet:
		kind, list = kindNumber, t.texts.list
	case isKind:
		return holds(&value{kind: valueKind(t)}), true
	case *glob:
		if len(t.pieces) > 1 {
			return false, false
		}
		list = []string{string(t.pieces[0])}
	default:
		return false, false
	}
	return !slices.ContainsFunc(list, func(s string) bool { return !holds(&value{kind: kind, text: []byte(s)}) }), true
}

// disjoint reports whether no value satisfies both tests.
func disjoint(a, b test) bool {
	if types(a)&types(b) == 0 {
		return true
	}
	if all, ok := every(a, func(v *value) bool { return !b.holds(v) }); ok {
		return all
	}
	if all, ok := every(b, func(v *value) bool { return !a.holds(v) }); ok {
		return all
	}
	if but, ok := a.(none); ok {
		return impliesAny(b, but)
	}
	if but, ok := b.(none); ok {
		return impliesAny(a, but)
	}
	switch a := a.(type) {
	case numberRange:
		b, ok := b.(numberRange)
		return ok && a.meet(b).empty()
	case network:
		b, ok := b.(network)
		return ok && !a.Overlaps(b.Prefix)
	}
	return differentEdge(a, b, foldPrefix) || differentEdge(a, b, foldSuffix)
}

// meet returns the numbers that lie in both ranges.
func (r numberRange) meet(o numberRange) numberRange {
	if o.low > r.low || o.low == r.low && o.lowOpen {
		r.low, r.lowOpen = o.low, o.lowOpen
	}
	if o.high < r.high || o.high == r.high && o.highOpen {
		r.high, r.highOpen = o.high, o.highOpen
	}
	return r
}

// within reports whether all numbers of the range satisfy a test.
func (r numberRange) within(t test) bool {
	switch t := t.(type) {
	case numberRange:
		return t.meet(r) == r
	case *numberSet:
		_, found := slices.BinarySearch(t.values, r.low)
		return found && r.low == r.high
	}
	return false
}

// edgeOf returns the text with which everything begins or ends that satisfies a
// test, as far as it is known.
func edgeOf(t test, where foldWhere) []byte {
	switch t := t.(type) {
	case edge:
		if t.where == where {
			return t.text
		}
	case *glob:
		if where == foldPrefix {
			return t.pieces[0]
		}
		return t.pieces[len(t.pieces)-1]
	}
	return nil
}

// differentEdge reports whether the texts that satisfy two tests begin, or end,
// differently.
func differentEdge(a, b test, where foldWhere) bool {
	x, y := edgeOf(a, where), edgeOf(b, where)
	if where == foldSuffix {
		return !bytes.HasSuffix(x, y) && !bytes.HasSuffix(y, x)
	}
	return !bytes.HasPrefix(x, y) && !bytes.HasPrefix(y, x)
}

// edgeImplies decides for a prefix or a suffix: what follows or precedes it is
// free, so b has to be satisfied by the edge alone and look no further.
func edgeImplies(a edge, b test) bool {
	switch b := b.(type) {
	case edge:
		return b.where == a.where && b.holds(&value{kind: kindString, text: a.text})
	case *fold:
		return b.where == a.where && b.holds(&value{kind: kindString, text: a.text})
	case *glob:
		return len(b.pieces) == 2 && edgeImplies(a, oneEdge(b))
	}
	return false
}

// oneEdge returns the prefix or the suffix that a wildcard with one star is, if
// the star is at one of its ends.
func oneEdge(g *glob) test {
	switch {
	case len(g.pieces[1]) == 0:
		return edge{text: g.pieces[0], where: foldPrefix}
	case len(g.pieces[0]) == 0:
		return edge{text: g.pieces[1], where: foldSuffix}
	}
	return none{anyValue{}} // satisfied by nothing
}

// globImplies decides for a wildcard with a star: it says how texts begin and
// end.
func globImplies(a *glob, b test) bool {
	if b, ok := b.(*glob); ok && slices.EqualFunc(a.pieces, b.pieces, bytes.Equal) {
		return true
	}
	first := edge{text: a.pieces[0], where: foldPrefix}
	last := edge{text: a.pieces[len(a.pieces)-1], where: foldSuffix}
	return edgeImplies(first, b) || edgeImplies(last, b)
}

// foldImplies decides for two texts whose case is ignored.
func foldImplies(a, b *fold) bool {
	same := func(x, y spellings) bool { return bytes.Equal(x.lower, y.lower) && bytes.Equal(x.upper, y.upper) }
	if len(a.chars) < len(b.chars) {
		return false
	}
	switch b.where {
	case foldPrefix:
		return a.where != foldSuffix && slices.EqualFunc(a.chars[:len(b.chars)], b.chars, same)
	case foldSuffix:
		return a.where != foldPrefix && slices.EqualFunc(a.chars[len(a.chars)-len(b.chars):], b.chars, same)
	}
	return a.where == foldWhole && slices.EqualFunc(a.chars, b.chars, same)
}

// universal reports whether every value satisfies one of the tests.
func universal(tests []test) bool {
	if len(tests) > maxCheckEntries {
		return slices.Contains(tests, test(anyValue{}))
	}
	for _, t := range tests {
		switch t := t.(type) {
		case anyValue:
			return true
		case none:
			if !slices.ContainsFunc(t, func(x test) bool { return !impliesAny(x, tests) }) {
				return true
			}
		}
	}
	return false
}

// clauses are the clauses of a sub-rule by path.
type clauses map[string]*clause

func (r subRule) byPath() clauses {
	out := make(clauses, len(r))
	for _, c := range r {
		out[c.path] = c
	}
	return out
}

// always reports whether every event matches the sub-rule. Each clause can go on
// whatever was chosen before: with a value that agrees, or without one.
func (r subRule) always() bool {
	return !slices.ContainsFunc(r, func(c *clause) bool { return !c.always() })
}

// always reports whether the clause can be satisfied in every event.
func (c *clause) always() bool { return c.absent && universal(c.tests) }

// implies reports whether every event that matches r matches o. Whatever values
// r chooses, o may choose at the same paths. An exists:false needs more: o must
// have chosen as much as r before it, wherever that could concern it.
func (r subRule) implies(mine clauses, o subRule, others clauses) bool {
	for _, c := range o {
		m := mine[c.path]
		if m == nil && c.always() && o.isApart(c) {
			continue
		}
		if m == nil || !m.implies(c) || m.absent && !r.sameBefore(m, others) {
			return false
		}
	}
	return true
}

// top returns the first name of a path. Two clauses with different ones have no
// array in common.
func top(path string) string {
	name, _, _ := strings.Cut(path, ".")
	return name
}

// isApart reports whether no other clause has an array in common with c.
func (r subRule) isApart(c *clause) bool {
	return !slices.ContainsFunc(r, func(o *clause) bool { return o != c && top(o.path) == top(c.path) })
}

// sameBefore reports whether others have all clauses of r that stand before c
// and could have an array in common with it.
func (r subRule) sameBefore(c *clause, others clauses) bool {
	for _, before := range r {
		if before == c {
			break
		}
		if top(before.path) == top(c.path) && others[before.path] == nil {
			return false
		}
	}
	return true
}

// implies reports whether what satisfies c at a path satisfies o.
func (c *clause) implies(o *clause) bool {
	if c == o {
		return true
	}
	if c.absent && !o.absent {
		return false
	}
	return universal(o.tests) || !slices.ContainsFunc(c.tests, func(t test) bool { return !spread(t, o.tests) })
}

// spread reports whether what satisfies a test satisfies one of others; a list
// of literals may be spread over several of them.
func spread(t test, others []test) bool {
	all, ok := every(t, func(v *value) bool {
		return slices.ContainsFunc(others, func(o test) bool { return o.holds(v) })
	})
	return ok && all || !ok && impliesAny(t, others)
}
