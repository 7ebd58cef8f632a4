package pattern

import (
	"slices"
	"strings"
)

// condition is a clause in the form of the index: one of the predicates has to
// hold or, if absent is set, there must be no value. All rules with an equal
// clause share it. It is immutable but for uses, which belongs to the writer.
type condition struct {
	check      check
	early      bool // part of the envelope
	absent     bool
	field      uint32
	uses       uint32 // by candidates
	predicates []*predicate
	path       string
}

// check is a condition in short: up to two predicates one of which has to hold.
// Candidates have a copy of their own, because reading memory that is elsewhere
// is what costs most.
type check struct {
	either [2]uint32 // equal if there is one; noGuard: ask the condition
	field  uint32
	eager  bool // predicates that have not been found do not hold
}

// parts reports whether candidates can be told apart by the values of the
// condition: those that are found at once have it in their hands.
func (c *condition) parts() bool {
	const many = 16
	return !c.absent && len(c.predicates) <= many && c.eager()
}

func (c *condition) eager() bool {
	return !slices.ContainsFunc(c.predicates, func(p *predicate) bool { return !p.op.eager() })
}

// short returns the check of a condition.
func (c *condition) short() check {
	n := len(c.predicates)
	if c.absent || n == 0 || n > 2 {
		return check{either: [2]uint32{noGuard, noGuard}, field: c.field}
	}
	return check{either: [2]uint32{c.predicates[0].id, c.predicates[n-1].id}, field: c.field, eager: c.eager()}
}

// fewChecks is of how many conditions a candidate has copies. Nearly all
// candidates have no more.
const fewChecks = 4

// candidate is a sub-rule in the index. It is posted under one of its
// conditions, and checked when an event satisfies that one. It is immutable.
type candidate struct {
	id         ID
	access     int16 // the condition that it is posted under, -1: it is always checked
	needs      uint8 // bit set of the scopes that it has a filter for
	copied     uint8 // how many checks there are
	checks     [fewChecks]check
	conditions []*condition // in the order of the reference evaluator
	serial     uint64
	next       *candidate // another sub-rule of the same rule
}

// entry is a candidate in a bucket, with a guard: two predicates one of which has
// to hold for the candidate to be worth a look. Most candidates are ruled out by
// it without being read. A guard that is noGuard lets everything pass. If the way
// to the bucket and the guard are all that the candidate demands, it is decided,
// and matches without being read.
type entry struct {
	guard     [2]uint32
	id        ID
	decided   bool
	late      bool // some condition is not on the envelope
	early     bool // the guard is on the envelope
	candidate *candidate
}

const noGuard = ^uint32(0)

// guarded returns an entry for c, guarded by the condition that the fewest others
// have and that the way to the bucket does not know of. used are the fields that
// it knows of, the one of the access condition first.
func (c *candidate) guarded(used []uint32) entry {
	e := entry{guard: [2]uint32{noGuard, noGuard}, id: c.id, candidate: c}
	best, open := rank{}, 0
	for i, cond := range c.conditions {
		e.late = e.late || !cond.early
		if i == int(c.access) && cond.exact() || i != int(c.access) && slices.Contains(used, cond.field) {
			continue
		}
		open++
		if !cond.check.eager || i == int(c.access) {
			continue
		}
		if r, _ := cond.rank(); e.guard[0] == noGuard || r.less(best) {
			e.guard, e.early, best = cond.check.either, cond.early, r
		}
	}
	if e.guard[0] != noGuard {
		open--
	}
	e.decided = open == 0 && c.apart()
	return e
}

// exact reports whether a condition holds as soon as one of the predicates does
// by which it is found.
func (c *condition) exact() bool {
	return !slices.ContainsFunc(c.predicates, func(p *predicate) bool { return p.entry != nil })
}

// apart reports whether the conditions cannot depend on each other: no two have
// values in the same document below the same name, so no array is around both.
func (c *candidate) apart() bool {
	if c.needs&(c.needs-1) != 0 {
		return false
	}
	seen := map[string]bool{}
	for _, cond := range c.conditions {
		first, _, _ := strings.Cut(cond.path, ".")
		if seen[first] {
			return false
		}
		seen[first] = true
	}
	return true
}
