package pattern

import (
	"encoding/binary"
	"slices"
	"strings"
)

// MaxComplexity is where [Pattern.Complexity] stops counting. A pattern whose
// complexity could not be found within a bounded number of steps has it too.
const MaxComplexity = 100

// measureBudget bounds the search for the complexity of one pattern. The number
// of situations grows exponentially with the number of wildcards.
const measureBudget = 1 << 17

// operand is one wildcard entry: a glob, or the list of globs below
// anything-but, which counts once.
type operand []*glob

// measure sets p.complexity.
//
// What is measured is an automaton that reads a value byte by byte and follows
// all wildcard entries of one clause at once. In every situation that some value
// can bring it to, each place where it stands counts as many times as there are
// entries that can still match from there. A place just before a star counts the
// loop of that star too. The complexity is the largest such sum.
func (p *Pattern) measure() {
	budget := measureBudget
	seen := make([]bool, len(p.clauses))
	for _, r := range p.subRules {
		for _, c := range r {
			if !seen[c.index] {
				seen[c.index] = true
				p.complexity = max(p.complexity, c.complexity(&budget))
			}
		}
	}
}

func (c *clause) complexity(budget *int) int {
	ops := map[string]operand{} // the same entry twice counts once
	for _, t := range c.tests {
		var op operand
		switch t := t.(type) {
		case *glob:
			op = operand{t}
		case none:
			for _, inner := range t {
				if g, ok := inner.(*glob); ok {
					op = append(op, g)
				}
			}
		}
		if op != nil {
			ops[op.key()] = op
		}
	}
	if len(ops) == 0 {
		return 0
	}
	m := &machine{root: &place{}}
	id := 0
	for _, op := range ops {
		for _, g := range op {
			m.add(g, id)
		}
		id++
	}
	m.root.weigh(m)
	return m.largest(budget)
}

func (op operand) key() string {
	var keys []string
	for _, g := range op {
		var b []byte
		for _, p := range g.pieces {
			b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
		}
		keys = append(keys, string(b))
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), "\x00") + "\x00" + string(rune(len(op)))
}

// machine is a tree of places. A value is read with its quotation marks.
type machine struct {
	root   *place
	places []*place // numbered in weigh, the root excluded
}

// place is where the machine can stand: behind a byte, or on the loop of a star.
type place struct {
	number int
	next   map[byte]*place
	loop   *place       // of a star that comes next
	isLoop bool
	ops    map[int]bool // entries that can still match from here
	weight int
}

func (p *place) step(b byte) *place {
	if p.next == nil {
		p.next = map[byte]*place{}
	}
	if p.next[b] == nil {
		p.next[b] = &place{}
	}
	return p.next[b]
}

// add lays one glob into the tree.
func (m *machine) add(g *glob, op int) {
	trail := []*place{}
	at := m.root.step('"')
	trail = append(trail, at)
	for i, piece := range g.pieces {
		if i > 0 {
			if at.loop == nil {
				at.loop = &place{isLoop: true}
			}
			at = at.loop
			trail = append(trail, at)
		}
		for _, b := range piece {
			at = at.step(b)
			trail = append(trail, at)
		}
	}
	trail = append(trail, at.step('"'))
	for _, p := range trail {
		if p.ops == nil {
			p.ops = map[int]bool{}
		}
		p.ops[op] = true
	}
}

// weigh numbers the places below p and counts their entries.
func (p *place) weigh(m *machine) {
	visit := func(q *place) {
		q.number = len(m.places)
		q.weight = len(q.ops)
		m.places = append(m.places, q)
		q.weigh(m)
	}
	if p.loop != nil {
		visit(p.loop)
	}
	for _, q := range p.next {
		visit(q)
	}
}

// situation is the set of places in which the machine stands, by number.
type situation []int

// largest searches all situations.
func (m *machine) largest(budget *int) int {
	first := situation{m.root.next['"'].number}
	known := map[string]bool{first.key(): true}
	queue := []situation{first}
	most := 0
	for len(queue) > 0 {
		s := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if most = max(most, m.size(s)); most >= MaxComplexity {
			return MaxComplexity
		}
		for _, t := range m.following(s) {
			if *budget -= len(t); *budget < 0 {
				return MaxComplexity
			}
			if k := t.key(); !known[k] {
				known[k] = true
				queue = append(queue, t)
			}
		}
	}
	return most
}

func (s situation) key() string {
	var b []byte
	for _, n := range s {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return string(b)
}

func (m *machine) size(s situation) int {
	n := 0
	for _, number := range s {
		p := m.places[number]
		n += p.weight
		if p.loop != nil && !slices.Contains(s, p.loop.number) {
			n += p.loop.weight
		}
	}
	return n
}

// following returns the situations that one more byte can lead to: one for every
// byte that some place waits for, and one for all others.
func (m *machine) following(s situation) []situation {
	loops := situation{}
	byByte := map[byte]situation{}
	for _, number := range s {
		p := m.places[number]
		sources := []*place{p}
		if p.loop != nil {
			loops = append(loops, p.loop.number)
			sources = append(sources, p.loop)
		}
		if p.isLoop {
			loops = append(loops, p.number)
		}
		for _, q := range sources {
			for b, to := range q.next {
				byByte[b] = append(byByte[b], to.number)
			}
		}
	}
	var out []situation
	if len(loops) > 0 {
		out = append(out, sorted(loops))
	}
	for _, places := range byByte {
		out = append(out, sorted(append(places, loops...)))
	}
	return out
}

func sorted(s situation) situation {
	slices.Sort(s)
	return slices.Compact(s)
}
