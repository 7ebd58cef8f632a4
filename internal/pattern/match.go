package pattern

import "slices"

// Snapshot is an immutable view of the rules of a [Matcher]. Copying it is free.
type Snapshot struct {
	m     *Matcher
	index *index
}

// Rev returns the revision that the snapshot shows.
func (s Snapshot) Rev() uint64 { return s.index.rev }

// Result is what [Snapshot.Match] found out. It belongs to the caller, who may
// use it again; its slices then are too.
type Result struct {
	IDs       []ID // rules that match, ascending
	Undecided []ID // rules for which the step budget did not suffice, ascending; almost always empty
}

// keepSize is up to which size of document its memory is used again. It is the
// size of the largest event of a bus; the pool lets go of what is not needed.
const keepSize = 256 << 10

// Match fills r with the rules that the document matches. The document is read
// once and, unless it is Checked, in any case to its end. An error concerns the document,
// never a rule; it is [ErrBadJSON], [ErrNotObject] or [ErrTooDeep], and r is
// then empty. Match does not allocate once it has seen events of the kind.
func (s Snapshot) Match(d *Doc, r *Result) error {
	r.IDs, r.Undecided = r.IDs[:0], r.Undecided[:0]
	mem := s.m.scratch.Get().(*matching)
	if len(d.Data) <= keepSize {
		defer s.m.scratch.Put(mem)
	}
	mem.start(s.index, s.m.seed, s.m.budget, r)
	if err := mem.readAll(d); err != nil {
		return err
	}
	mem.answer()
	mem.checkAll()
	r.finish()
	return nil
}

// readAll reads the documents of an event: those first that are known without
// reading JSON.
func (m *matching) readAll(d *Doc) error {
	if d.Metadata != nil {
		m.pairs(Metadata, d.Metadata)
	}
	if d.System != nil {
		m.pairs(System, d.System)
	}
	if d.Opaque {
		return nil
	}
	if d.Env != nil {
		m.envelope(d.Env)
	}
	if d.Checked && d.Env != nil && !m.wantsData() {
		m.have |= 1 << Data
		return nil
	}
	return m.read(d)
}

// wantsData reports whether it can matter what is in the data: whether a
// candidate needs more than what is known already and is not ruled out by that.
func (m *matching) wantsData() bool {
	if m.ix.late > 0 {
		return true
	}
	m.answer()
	return slices.ContainsFunc(m.found, m.anyOpen)
}

// anyOpen reports whether some candidate needs the data. In doubt it says yes.
func (m *matching) anyOpen(p postings) bool {
	if p.bucket == nil {
		return p.one != nil && m.open(p.one)
	}
	b := p.bucket
	for i := range b.few {
		if e := &b.few[i]; e.late && !(e.early && !m.passes(b.guards[i])) && m.open(e.candidate) {
			return true
		}
	}
	return b.more != nil && m.crowdOpen(b.more)
}

// crowdOpen looks into the parts that the envelope speaks for.
func (m *matching) crowdOpen(c *crowd) bool {
	if !c.rest.empty() {
		return true
	}
	for _, f := range c.fields {
		if !m.isEnvelope(f) {
			return true
		}
		if m.fields[f].epoch != m.epoch {
			continue
		}
		for at := m.fields[f].holding; at >= 0; at = m.holding[at].next {
			if p := c.below.get(mix(uint64(m.holding[at].predicate.id))); p != nil && m.anyOpen(*p) {
				return true
			}
		}
	}
	return false
}

func (m *matching) isEnvelope(field uint32) bool {
	for _, f := range m.ix.envelope {
		if f != nil && f.id == field {
			return true
		}
	}
	return false
}

// open reports whether a candidate needs the data and is not ruled out by the
// envelope.
func (m *matching) open(c *candidate) bool {
	late := false
	for _, cond := range c.conditions {
		if !cond.early {
			late = true
		} else if m.condition(cond) == no {
			return false
		}
	}
	return late
}
