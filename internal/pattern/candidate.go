package pattern

import (
	"slices"
	"strings"
)

// condition is a clause in the form of the index: one of the predicates has to
// hold or, if absent is set, there must be no value. All rules with an equal
// clause share it. It is immutable but for uses, which belongs to the writer.
type condition struct {
	short      guard // in short, up to two predicates one of which has to hold; none: ask the condition
	field      uint32
	uses       uint32 // by candidates
	early      bool   // part of the envelope
	absent     bool
	eager      bool // predicates that have not been found do not hold
	name       *fieldPath
	predicates []*predicate
}

// guard is two predicates one of which has to hold, twice the same if there is
// one only.
type guard [2]uint32

// always is the number of a predicate that holds for every event.
const always = 0

// none reports whether there is nothing that could be said in short.
func (g guard) none() bool { return g == guard{always, always} }

// parts reports whether candidates can be told apart by the values of the
// condition: those that are found at once have it in their hands.
func (c *condition) parts() bool {
	const many = 16
	return !c.absent && len(c.predicates) <= many && c.eager
}

// know fills in what follows from the predicates of a condition.
func (c *condition) know() {
	c.eager = !slices.ContainsFunc(c.predicates, func(p *predicate) bool { return !p.op.eager() })
	if n := len(c.predicates); !c.absent && (n == 1 || n == 2) {
		c.short = guard{c.predicates[0].id, c.predicates[n-1].id}
	}
}

// hash says where a condition is among those of the writer.
func (c *condition) hash() uint64 {
	h := mix(uint64(c.field)<<1 | uint64(bit(c.absent)))
	for _, p := range c.predicates {
		h = mix(h + uint64(p.id) + 1)
	}
	return h
}

// equal reports whether two conditions demand the same.
func (c *condition) equal(d *condition) bool {
	return c.field == d.field && c.absent == d.absent && slices.Equal(c.predicates, d.predicates)
}

// candidate is a sub-rule in the index. It is posted under one of its
// conditions, and checked when an event satisfies that one. It is immutable.
type candidate struct {
	id         ID
	access     int16 // the condition that it is posted under, -1: it is always checked
	needs      uint8 // bit set of the scopes that it has a filter for
	serial     uint32
	conditions []*condition // in the order of the reference evaluator
	next       *candidate   // another sub-rule of the same rule
}

// key is what the candidate is found by among those that cannot be parted.
func (c *candidate) key() uint64 { return mix(uint64(c.serial)) }

// entry is a candidate in a bucket. It has a guard: the candidate is worth a look
// only if one of two predicates holds. If the way to the bucket and the guard are
// all that the candidate demands, it is decided, and matches without being read.
type entry struct {
	candidate *candidate
	id        ID
	decided   bool
	late      bool // some condition is not on the envelope
	early     bool // the guard is on the envelope
}

// guarded returns an entry for c, and for guard the condition that the fewest
// others have and that the way to the bucket does not know of. used are the
// fields that it knows of, the one of the access condition first.
func (c *candidate) guarded(used []uint32) (guard, entry) {
	g, e := guard{}, entry{id: c.id, candidate: c}
	best, open := rank{}, 0
	for i, cond := range c.conditions {
		e.late = e.late || !cond.early
		if i == int(c.access) && cond.exact() || i != int(c.access) && slices.Contains(used, cond.field) {
			continue
		}
		open++
		if cond.short.none() || !cond.eager || i == int(c.access) {
			continue
		}
		if r, _ := cond.rank(); g.none() || r.less(best) {
			g, e.early, best = cond.short, cond.early, r
		}
	}
	if !g.none() {
		open--
	}
	e.decided = open == 0 && c.apart()
	return g, e
}

// exact reports whether a condition holds as soon as one of the predicates does
// by which it is found.
func (c *condition) exact() bool {
	return !slices.ContainsFunc(c.predicates, func(p *predicate) bool { return p.entry() != nil })
}

// apart reports whether the conditions cannot depend on each other: no two have
// values in the same document below the same name, so no array is around both.
func (c *candidate) apart() bool {
	if c.needs&(c.needs-1) != 0 {
		return false
	}
	seen := map[string]bool{}
	for _, cond := range c.conditions {
		first, _, _ := strings.Cut(cond.name.path, ".")
		if seen[first] {
			return false
		}
		seen[first] = true
	}
	return true
}
