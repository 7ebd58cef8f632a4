package pattern

// together decides whether values can be chosen for all conditions of a
// candidate such that no two lie in different elements of one array. Each
// condition holds on its own.
//
// Nearly always, all values of a condition that lie in an element lie in
// elements of one array, which is in no other element. Then the conditions of
// that array need an element that satisfies them all. Elements are marked: the
// n-th condition advances the marks of its elements that the n-1 before have
// advanced too. That is linear in the number of values. A condition that also
// has a value outside of elements never stands in the way, and is left out.
// Everything else is left to the reference evaluator.
func (m *matching) together(c *candidate) verdict {
	m.marks = grow(m.marks, len(m.facts.elements))
	if m.markBase > 1<<31 {
		clear(m.marks)
		m.markBase = 0
	}
	m.markBase += uint32(len(c.conditions)) + 1
	t := tally{}
	for _, cond := range c.conditions {
		if state := &m.fields[cond.field]; state.epoch != m.epoch || !state.bound {
			continue
		}
		if cond.absent {
			return m.walk(c)
		}
		switch m.advance(cond, &t) {
		case no:
			return no
		case spent:
			return spent
		case maybe:
			return m.walk(c)
		}
	}
	return yes
}

// tally counts, for each array, the conditions that have advanced its marks.
type tally struct {
	arrays [4]struct {
		array int32
		count uint32
	}
	used int
}

// of returns the place of an array, -1 if there are too many.
func (t *tally) of(array int32) int {
	for i := range t.used {
		if t.arrays[i].array == array {
			return i
		}
	}
	if t.used == len(t.arrays) {
		return -1
	}
	t.arrays[t.used].array = array
	t.used++
	return t.used - 1
}

// advance marks the elements that satisfy a condition and those before it. It
// returns no if there is none, and maybe if it is not as simple as that.
func (m *matching) advance(cond *condition, t *tally) verdict {
	for _, p := range cond.predicates {
		s := &m.stamps[p.id]
		if s.epoch != m.epoch || !s.holds {
			continue
		}
		if !s.listed && !m.evaluate(p, s, true) {
			return spent
		}
		if s.free {
			return yes
		}
	}
	result, place, visited, advanced := no, -1, 0, false
	for _, p := range cond.predicates {
		s := &m.stamps[p.id]
		if s.epoch != m.epoch || !s.holds {
			continue
		}
		for at := s.head; at >= 0; at = m.hits[at].next {
			visited++
			element := m.facts.fields[cond.field][m.hits[at].value].element
			e := &m.facts.elements[element]
			if place < 0 {
				place = t.of(e.array)
			}
			if e.parent >= 0 || place < 0 || t.arrays[place].array != e.array {
				return maybe
			}
			wanted := m.markBase + t.arrays[place].count
			if t.arrays[place].count == 0 || m.marks[element] == wanted {
				m.marks[element] = wanted + 1
				advanced = true
			}
		}
	}
	const visitsPerStep = 4
	if m.budget -= visited / visitsPerStep; m.budget < 0 {
		return spent
	}
	if advanced {
		t.arrays[place].count++
		result = yes
	}
	return result
}

// exactWalk is the memory for asking the reference evaluator about a candidate.
type exactWalk struct {
	pattern Pattern
	clauses []clause
	tests   []test
	field   []int
	eval    evaluation
}

// walk asks the reference evaluator.
func (m *matching) walk(c *candidate) verdict {
	x := &m.exact
	x.clauses, x.tests, x.field = x.clauses[:0], x.tests[:0], x.field[:0]
	for i, cond := range c.conditions {
		if m.fields[cond.field].epoch != m.epoch {
			m.facts.fields[cond.field] = m.facts.fields[cond.field][:0]
		}
		from := len(x.tests)
		for _, p := range cond.predicates {
			x.tests = append(x.tests, p)
		}
		x.clauses = append(x.clauses, clause{index: i, path: cond.name.path, tests: x.tests[from:len(x.tests):len(x.tests)], absent: cond.absent})
		x.field = append(x.field, int(cond.field))
	}
	p := &x.pattern
	if len(p.subRules) == 0 {
		p.subRules = []subRule{nil}
	}
	p.clauses, p.subRules[0] = p.clauses[:0], p.subRules[0][:0]
	for i := range x.clauses {
		p.clauses = append(p.clauses, &x.clauses[i])
	}
	p.subRules[0] = append(p.subRules[0], p.clauses...)
	ok, err := x.eval.run(p, &m.facts, x.field, m.budget)
	m.budget = x.eval.budget
	switch {
	case err != nil:
		return spent
	case ok:
		return yes
	}
	return no
}
