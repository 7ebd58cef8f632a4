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
	m := &machine{root: newStand(), ends: map[int]*stand{}}
	ids := map[string]int{} // equal entries count as one
	for _, t := range c.tests {
		globs, key := globsOf(t)
		if len(globs) == 0 {
			continue
		}
		id, ok := ids[key]
		if !ok {
			id = len(ids)
			ids[key] = id
		}
		for _, g := range globs {
			m.add(g, id)
		}
	}
	if len(ids) == 0 {
		return 0
	}
	m.root.weigh(m)
	return m.largest(budget)
}

// globsOf returns the globs of a test, each once, of which the list below
// anything-but has several, and a text that is the same for equal tests.
func globsOf(t test) (globs []*glob, key string) {
	switch t := t.(type) {
	case *glob:
		return []*glob{t}, "=" + t.key()
	case none:
		var keys []string
		for _, inner := range t {
			g, ok := inner.(*glob)
			if !ok || slices.Contains(keys, g.key()) {
				continue
			}
			globs = append(globs, g)
			keys = append(keys, g.key())
		}
		slices.Sort(keys)
		return globs, "!" + strings.Join(keys, "")
	}
	return nil, ""
}

// key returns the pieces of g, each behind its length.
func (g *glob) key() string {
	b := binary.AppendUvarint(nil, uint64(len(g.pieces)))
	for _, p := range g.pieces {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	return string(b)
}

// machine is a tree of stands. A value is read with its quotation marks.
type machine struct {
	root *stand
	all  []*stand       // numbered in weigh, the root excluded
	ends map[int]*stand // by entry: where a match ends
}

// stand is where the machine can be: behind a byte, or on the loop of a star.
type stand struct {
	number int // -1 until weigh has come by
	next   map[byte][]*stand
	loop   *stand // of a star that comes next
	isLoop bool
	ops    map[int]bool // entries that can still match from here
	weight int
}

func newStand() *stand { return &stand{number: -1, next: map[byte][]*stand{}, ops: map[int]bool{}} }

// step returns the stand behind byte b. Globs that begin alike share it, up to
// the first star, and behind a star those that go on with the same escape.
func (p *stand) step(b byte, share bool) *stand {
	if share && len(p.next[b]) > 0 {
		return p.next[b][0]
	}
	q := newStand()
	p.next[b] = append(p.next[b], q)
	return q
}

// add lays one glob of an entry into the tree.
func (m *machine) add(g *glob, op int) {
	at := m.root.step('"', true)
	at.ops[op] = true
	for i, piece := range g.pieces {
		if i > 0 {
			if at.loop == nil {
				at.loop = newStand()
				at.loop.isLoop = true
			}
			at = at.loop
			at.ops[op] = true
		}
		for _, b := range piece {
			at = at.step(b, i == 0 || b == '*' || b == '\\')
			at.ops[op] = true
		}
	}
	if m.ends[op] == nil {
		m.ends[op] = newStand()
		m.ends[op].ops[op] = true
	}
	at.next['"'] = append(at.next['"'], m.ends[op])
}

// weigh numbers the places below p and counts their entries.
func (p *stand) weigh(m *machine) {
	visit := func(q *stand) {
		if q.number >= 0 {
			return
		}
		q.number = len(m.all)
		q.weight = len(q.ops)
		m.all = append(m.all, q)
		q.weigh(m)
	}
	if p.loop != nil {
		visit(p.loop)
	}
	for _, qs := range p.next {
		for _, q := range qs {
			visit(q)
		}
	}
}

// situation is the set of places in which the machine stands, by number.
type situation []int

// largest searches all situations.
func (m *machine) largest(budget *int) int {
	first := situation{m.root.next['"'][0].number}
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
		p := m.all[number]
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
		p := m.all[number]
		sources := []*stand{p}
		if p.loop != nil {
			loops = append(loops, p.loop.number)
			sources = append(sources, p.loop)
		}
		if p.isLoop {
			loops = append(loops, p.number)
		}
		for _, q := range sources {
			for b, qs := range q.next {
				for _, to := range qs {
					byByte[b] = append(byByte[b], to.number)
				}
			}
		}
	}
	var out []situation
	if loops = sorted(loops); len(loops) > 0 {
		out = append(out, loops)
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
