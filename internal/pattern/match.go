package pattern

import "slices"

// Snapshot is an immutable view of the rules of a [Matcher]. Copying it is free.
type Snapshot struct {
	m     *Matcher
	table *table
}

// Rev returns the revision that the snapshot shows.
func (s Snapshot) Rev() uint64 { return s.table.rev }

// Result is what [Snapshot.Match] found out. It belongs to the caller, who may
// use it again; its slices then are too.
type Result struct {
	IDs       []ID // rules that match, ascending
	Undecided []ID // rules that used up their step budget, ascending; almost always empty
}

// scratch is the memory of one match.
type scratch struct {
	facts facts
	eval  evaluation
}

// keepSize is up to which size of document its memory is used again; a few large
// events should not be paid for for ever.
const keepSize = 64 << 10

// Match fills r with the rules that the document matches. The document is read
// once and to its end. An error concerns the document, never a rule; it is
// [ErrBadJSON], [ErrNotObject] or [ErrTooDeep], and r is then empty.
func (s Snapshot) Match(d *Doc, r *Result) error {
	r.IDs, r.Undecided = r.IDs[:0], r.Undecided[:0]
	mem := s.m.scratch.Get().(*scratch)
	if len(d.Data) <= keepSize {
		defer s.m.scratch.Put(mem)
	}
	if err := mem.facts.read(d, s.table.paths); err != nil {
		return err
	}
	s.all(s.table.anyRules, mem, r)
	for _, v := range mem.facts.fields[s.table.paths.fields[sourcePath]] {
		if v.kind == kindString {
			s.all(s.table.bySource[string(v.text)], mem, r)
		}
	}
	slices.Sort(r.IDs)
	r.IDs = slices.Compact(r.IDs)
	slices.Sort(r.Undecided)
	r.Undecided = slices.Compact(r.Undecided)
	return nil
}

// all evaluates rules one after another.
func (s Snapshot) all(rules []*rule, mem *scratch, r *Result) {
	for _, rule := range rules {
		if rule.pattern == nil {
			r.IDs = append(r.IDs, rule.id)
			continue
		}
		ok, err := mem.eval.run(rule.pattern, &mem.facts, rule.field, s.m.budget)
		if err != nil {
			r.Undecided = append(r.Undecided, rule.id)
		} else if ok {
			r.IDs = append(r.IDs, rule.id)
		}
	}
}
