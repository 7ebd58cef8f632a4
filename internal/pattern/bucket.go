package pattern

import (
	"iter"
	"slices"
)

// bucketSize is up to how many candidates are checked one after another.
const bucketSize = 128

// postings are candidates that are found together: one, more than one, or none.
// Where every rule has a value of its own, one is what nearly all are.
type postings struct {
	one    *candidate
	bucket *bucket // if not one
}

func (p postings) none() bool { return p.one == nil && p.bucket == nil }

// add returns the postings with one more candidate. used are the fields that the
// way to them has used.
func (p postings) add(c *candidate, used []uint32) postings {
	switch {
	case p.bucket != nil:
		return postings{bucket: p.bucket.add(c, used)}
	case p.one == nil:
		return postings{one: c}
	}
	return postings{bucket: (&bucket{}).add(p.one, used).add(c, used)}
}

// remove returns the postings without a candidate, and whether it was there.
func (p postings) remove(c *candidate) (postings, bool) {
	if p.bucket == nil {
		if p.one != c {
			return p, false
		}
		return postings{}, true
	}
	b, found := p.bucket.remove(c)
	switch {
	case b == nil:
		return postings{}, found
	case b.more == nil && len(b.few) == 1:
		return postings{one: b.few[0].candidate}, found
	}
	return postings{bucket: b}, found
}

// bucket holds several candidates. A bucket with many of them parts them once
// more, by the values of another field. Buckets are immutable.
type bucket struct {
	guards []guard // of the few: most are ruled out without reading more than that
	few    []entry
	more   *crowd // nil as long as few are enough
}

// crowd is what a bucket needs when it is too full.
type crowd struct {
	rest   hashMap[*candidate] // by serial: what cannot be parted
	size   int                 // of the rest, and of what was taken from it
	fields []uint32            // by which candidates have been parted
	below  hashMap[postings]   // the parts, by predicate
}

// add returns the bucket with one more candidate.
func (b *bucket) add(c *candidate, used []uint32) *bucket {
	next := *b
	if next.more != nil {
		for _, f := range next.more.fields {
			if cond := c.parting(f); cond != nil {
				next.more = next.more.post(c, cond, used)
				return &next
			}
		}
	}
	if len(b.few) < bucketSize {
		g, e := c.guarded(used)
		next.guards = inserted(b.guards, len(b.guards), g)
		next.few = inserted(b.few, len(b.few), e)
		return &next
	}
	if next.more == nil {
		next.more = &crowd{}
	}
	if next.more.mayPart() {
		if f, ok := next.bestField(used); ok {
			next.part(f, used)
			return next.add(c, used)
		}
	}
	more := *next.more
	more.rest = more.rest.put(c.key(), &c)
	more.size++
	next.more = &more
	return &next
}

// mayPart reports whether it is time to look for a field by which candidates can
// be parted. That takes a while, so after a failure it is tried again only when
// there are twice as many, and at some point no more.
func (m *crowd) mayPart() bool {
	const often, last = 2*bucketSize - 1, 4096
	return m.size == 0 || m.size&(m.size-1) == 0 && m.size > often && m.size <= last
}

// parting returns the condition by which c can be parted on a field, nil if
// there is none.
func (c *candidate) parting(field uint32) *condition {
	for i, cond := range c.conditions {
		if cond.field == field && i != int(c.access) && cond.parts() {
			return cond
		}
	}
	return nil
}

// post puts a candidate into the parts of all its predicates on a field.
func (m *crowd) post(c *candidate, cond *condition, used []uint32) *crowd {
	next := *m
	used = append(slices.Clip(used), cond.field)
	for _, p := range cond.predicates {
		key := mix(uint64(p.id))
		part := next.part(key).add(c, used)
		next.below = next.below.put(key, &part)
	}
	return &next
}

// part returns one of the parts.
func (m *crowd) part(key uint64) postings {
	if p := m.below.get(key); p != nil {
		return *p
	}
	return postings{}
}

// part moves the candidates that have a condition on a field to parts of their
// own. b is the writer's own copy.
func (b *bucket) part(field uint32, used []uint32) {
	more := *b.more
	more.fields = inserted(more.fields, len(more.fields), field)
	b.more = &more
	var stay []entry
	var guards []guard
	for i, e := range b.few {
		if cond := e.candidate.parting(field); cond != nil {
			b.more = b.more.post(e.candidate, cond, used)
		} else {
			stay, guards = append(stay, e), append(guards, b.guards[i])
		}
	}
	b.few, b.guards = slices.Clip(stay), slices.Clip(guards)
	rest := b.more.rest
	for at := range rest.all() {
		c := *at
		if cond := c.parting(field); cond != nil {
			b.more = b.more.post(c, cond, used)
			b.more.rest = b.more.rest.remove(c.key())
		}
	}
	b.more.size = 0
}

// bestField returns the field that parts the few best: many candidates have it,
// no value has most of them, and few have several values.
func (b *bucket) bestField(used []uint32) (field uint32, found bool) {
	groups := map[*predicate]int{}
	type tally struct{ covered, posted, largest int }
	fields := map[uint32]tally{}
	for c := range b.loose() {
		for i, cond := range c.conditions {
			if i == int(c.access) || slices.Contains(used, cond.field) || !cond.parts() {
				continue
			}
			t := fields[cond.field]
			t.covered++
			for _, p := range cond.predicates {
				groups[p]++
				t.posted++
				t.largest = max(t.largest, groups[p])
			}
			fields[cond.field] = t
		}
	}
	best := 0
	for f, t := range fields {
		if t.covered < bucketSize/8 || t.largest > t.covered*3/4 {
			continue
		}
		// A candidate that is checked in vain costs more than one that is posted twice.
		cost := 4*t.largest + t.posted - 2*t.covered + 4*bucketSize
		if !found || cost < best || cost == best && f < field {
			field, found, best = f, true, cost
		}
	}
	return field, found
}

// loose yields the candidates that have not been parted.
func (b *bucket) loose() iter.Seq[*candidate] {
	return func(yield func(*candidate) bool) {
		for _, e := range b.few {
			if !yield(e.candidate) {
				return
			}
		}
		for c := range b.more.rest.all() {
			if !yield(*c) {
				return
			}
		}
	}
}

// remove returns the bucket without a candidate, and whether it was there. The
// bucket is nil if it was the last one.
func (b *bucket) remove(c *candidate) (*bucket, bool) {
	next := *b
	found := false
	if i := slices.IndexFunc(b.few, func(e entry) bool { return e.candidate == c }); i >= 0 {
		next.few, next.guards, found = deleted(b.few, i), deleted(b.guards, i), true
	} else if b.more != nil {
		next.more, found = b.more.remove(c)
	}
	if !found {
		return b, false
	}
	if len(next.few) == 0 && next.more == nil {
		return nil, true
	}
	return &next, true
}

func (m *crowd) remove(c *candidate) (*crowd, bool) {
	next := *m
	at := m.rest.get(c.key())
	found := at != nil && *at == c
	if found {
		next.rest = m.rest.remove(c.key())
	} else {
		next.below, found = m.removeBelow(c)
	}
	if next.rest.empty() && next.below.empty() {
		return nil, found
	}
	return &next, found
}

// removeBelow looks through the parts of every field; those of one field either
// all have the candidate or none has it.
func (m *crowd) removeBelow(c *candidate) (below hashMap[postings], found bool) {
	below = m.below
	for _, f := range m.fields {
		cond := c.parting(f)
		if cond == nil {
			continue
		}
		for _, p := range cond.predicates {
			key := mix(uint64(p.id))
			left, ok := m.part(key).remove(c)
			if !ok {
				break
			}
			found = true
			if below = below.remove(key); !left.none() {
				below = below.put(key, &left)
			}
		}
		if found {
			return below, true
		}
	}
	return below, false
}
