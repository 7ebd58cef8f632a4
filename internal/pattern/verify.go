package pattern

import "slices"

// verdict is what is known of a condition or a candidate.
type verdict uint8

const (
	no    verdict = iota
	yes           // holds, whatever is chosen for other conditions
	maybe         // an absence that depends on the array elements that others choose
	spent         // the step budget did not suffice to find out
)

// checkAll checks all candidates that were found.
//
// Reading memory that is elsewhere is what costs most. So it goes in rounds, each
// of which reads of all buckets what the next one needs: the processor then waits
// for all of them at the same time, and not for one after the other.
func (m *matching) checkAll() {
	if always := m.ix.always; !always.none() {
		m.found = append(m.found, always)
	}
	sum := 0
	for _, p := range m.found {
		if p.bucket != nil {
			sum += len(p.bucket.guards)
		}
	}
	for i := 0; i < len(m.found); i++ { // it gets longer
		if b := m.found[i].bucket; b != nil {
			for at := 0; at < len(b.guards); at += guardsPerLine {
				sum += int(b.guards[at][0])
			}
			m.spread(b.more)
		}
	}
	for _, p := range m.found {
		if p.bucket != nil {
			m.sift(p.bucket)
		} else {
			m.check(p.one)
		}
	}
	for _, e := range m.passed {
		if e.decided {
			m.result.IDs = append(m.result.IDs, e.id)
		} else {
			m.check(e.candidate)
		}
	}
	m.touched += sum
}

// guardsPerLine is how many guards the processor reads at a time.
const guardsPerLine = 8

// spread finds the parts of a bucket for which the event has the values by which
// they are parted, and checks what could not be parted.
func (m *matching) spread(c *crowd) {
	if c == nil {
		return
	}
	if !c.rest.empty() {
		m.checkRest(c.rest.root)
	}
	for _, f := range c.fields {
		if m.fields[f].epoch != m.epoch {
			continue
		}
		for at := m.fields[f].holding; at >= 0; at = m.holding[at].next {
			if p := c.below.get(mix(uint64(m.holding[at].predicate.id))); p != nil {
				m.found = append(m.found, *p)
			}
		}
	}
}

// sift finds the entries of a bucket whose guards let them pass.
func (m *matching) sift(b *bucket) {
	held := m.held
	for i, g := range b.guards {
		if held[g[0]]|held[g[1]] != 0 {
			m.passed = append(m.passed, &b.few[i])
		}
	}
}

// passes reports whether one of two eager predicates holds.
func (m *matching) passes(g guard) bool {
	return m.held[g[0]]|m.held[g[1]] != 0
}

func (m *matching) checkRest(n *hashNode[*candidate]) {
	for i := range n.leaves {
		m.check(n.leaves[i].value)
	}
	for _, k := range n.kids {
		m.checkRest(k)
	}
}

// check decides whether a candidate matches, and notes its rule if it does.
func (m *matching) check(c *candidate) {
	switch m.decide(c) {
	case yes:
		m.result.IDs = append(m.result.IDs, c.id)
	case spent:
		m.result.Undecided = append(m.result.Undecided, c.id)
	}
}

// decide looks at the conditions one by one first. Only if several of them have
// values in array elements, it matters which elements these are.
func (m *matching) decide(c *candidate) verdict {
	if c.needs&^m.have != 0 {
		return no
	}
	bound, result := 0, yes
	for _, cond := range c.conditions {
		v, known := m.quick(cond)
		if !known {
			v = m.condition(cond)
		}
		if v == no {
			return no
		}
		if f := &m.fields[cond.field]; f.epoch == m.epoch && f.bound {
			bound++
		}
		result = max(result, v)
	}
	switch {
	case result == spent:
		return spent
	case bound > 1:
		return m.together(c)
	case result == maybe: // nobody chooses an element, so every value is in the way
		return no
	}
	return yes
}

// quick decides a condition by its short form, if that says enough.
func (m *matching) quick(c *condition) (v verdict, known bool) {
	if c.short.none() {
		return no, false
	}
	stamped := 0
	for _, id := range c.short {
		s := &m.stamps[id]
		if s.epoch != m.epoch {
			continue
		}
		if s.holds {
			return yes, true
		}
		stamped++
	}
	return no, c.eager || stamped == len(c.short)
}

// condition decides whether a condition holds on its own.
func (m *matching) condition(c *condition) verdict {
	result := no
	for _, p := range c.predicates {
		switch m.holds(p) {
		case yes:
			return yes
		case spent:
			result = spent
		}
	}
	if !c.absent || result == spent {
		return result
	}
	switch state := &m.fields[c.field]; {
	case state.epoch != m.epoch:
		return yes
	case state.free:
		return no
	}
	return maybe
}

// holds decides whether some value satisfies a predicate.
func (m *matching) holds(p *predicate) verdict {
	s := &m.stamps[p.id]
	if s.epoch != m.epoch {
		if p.op.eager() || m.fields[p.field].epoch != m.epoch {
			return no
		}
		if !m.evaluate(p, s, m.fields[p.field].bound) {
			return spent
		}
	}
	if s.holds {
		return yes
	}
	return no
}

// evaluate tries the values of a field on a predicate: until one satisfies it,
// or all to list them. It reports false if the budget did not suffice.
func (m *matching) evaluate(p *predicate, s *stamp, list bool) bool {
	values := m.facts.fields[p.field]
	*s = stamp{epoch: m.epoch, head: -1, tail: -1, listed: list}
	for i := range values {
		v := &values[i]
		if m.budget -= steps(p, v); m.budget < 0 {
			*s = stamp{}
			return false
		}
		if !p.holds(v) {
			continue
		}
		s.holds = true
		if !list {
			return true
		}
		m.hit(s, int32(i), v.element)
	}
	return true
}

// finish brings the result into its final form: each rule once, ascending.
func (r *Result) finish() {
	r.IDs = unique(r.IDs)
	if len(r.Undecided) == 0 {
		return
	}
	r.Undecided = slices.DeleteFunc(unique(r.Undecided), func(id ID) bool {
		_, matches := slices.BinarySearch(r.IDs, id)
		return matches
	})
}

func unique(ids []ID) []ID {
	if len(ids) < 2 {
		return ids
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
