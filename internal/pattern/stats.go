package pattern

// Stats says how large the index of a matcher is. Equal predicates, and equal
// conditions, which are disjunctions of them for one field, exist once for all
// rules.
type Stats struct {
	Rules      int // that are not off
	SubRules   int // ways to match, all rules together
	Conditions int
	Predicates int
	Fields     int // paths that are read
}

// Stats returns the size of the index. It takes time in proportion to the number
// of rules and holds up changes, but no matches.
func (m *Matcher) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.writer
	s := Stats{Rules: w.byID.count, Conditions: w.conditions.count, Fields: len(w.fields)}
	for _, c := range w.byID.slots {
		for ; c != nil; c = c.next {
			s.SubRules++
		}
	}
	w.predicates.each(func(p *posting) bool {
		for ; p != nil; p = p.same {
			s.Predicates++
		}
		return true
	})
	return s
}
