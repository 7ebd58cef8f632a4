package pattern

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// matching is the memory of one match. What belongs to an event carries the
// number of the event, so that nothing has to be cleared for the next one.
type matching struct {
	ix      *index
	seed    maphash.Seed
	epoch   uint32
	facts   facts
	fields  []fieldState
	held    []byte  // by predicate: 1 if a look-up has found it
	stamps  []stamp // by predicate
	holding []holding
	hits    []hit
	found   []postings // posted under predicates that hold
	passed  []*entry   // candidates whose guards let them pass
	touched int        // nothing that matters, see checkAll
	have    uint8      // documents that the event has, a bit set of scopes
	budget  int        // steps that are left
	result  *Result

	queries  []query
	keys     []byte // memory of keys that are not parts of values
	folded   []byte // canonical spelling of the string that is looked up
	isFolded bool

	marks    []uint32 // by element of an array, see together.go
	markBase uint32
	exact    exactWalk
	sweep    sweep
}

// fieldState is what is known of a field of the event.
type fieldState struct {
	epoch   uint32
	holding int32 // predicates that were found to hold: head of a list
	free    bool  // there are values outside of array elements
	bound   bool  // there are values in array elements
}

// stamp is what is known of a predicate. Without the event's epoch, nothing.
type stamp struct {
	epoch      uint32
	head, tail int32 // list of hits in array elements, -1: empty
	holds      bool
	free       bool // a value outside of array elements satisfies it
	listed     bool // the list of hits is complete
}

// holding is a node in a list of predicates that hold.
type holding struct {
	predicate *predicate
	next      int32
}

// hit is a node in a list of values, by position among those of the field.
type hit struct{ value, next int32 }

// start forgets the event before.
func (m *matching) start(ix *index, seed maphash.Seed, budget int, r *Result) {
	m.ix, m.seed, m.budget, m.result = ix, seed, budget, r
	m.epoch++
	if m.epoch == 0 { // after 4 thousand million events
		clear(m.fields)
		clear(m.stamps)
		m.epoch = 1
	}
	m.fields = grow(m.fields, int(ix.maxField))
	m.facts.fields = grow(m.facts.fields, int(ix.maxField))
	m.stamps = grow(m.stamps, int(ix.maxPred))
	for i := range m.holding {
		m.held[m.holding[i].predicate.id] = 0
	}
	m.held = grow(m.held, int(ix.maxPred))
	m.held[always] = 1
	m.facts.elements, m.facts.arrays, m.facts.text = m.facts.elements[:0], m.facts.arrays[:0], m.facts.text[:0]
	m.holding, m.hits, m.found, m.have = m.holding[:0], m.hits[:0], m.found[:0], 0
	m.passed, m.queries, m.keys = m.passed[:0], m.queries[:0], m.keys[:0]
}

// grow returns s with at least n elements.
func grow[E any](s []E, n int) []E {
	if len(s) >= n {
		return s
	}
	const spare = 16
	return append(s, make([]E, n-len(s)+spare)...)
}

// add notes a value of the event and finds what it satisfies.
func (m *matching) add(f *field, kind valueKind, text []byte, element int32) {
	state := &m.fields[f.id]
	list := m.facts.fields[f.id]
	if state.epoch != m.epoch {
		*state = fieldState{epoch: m.epoch, holding: -1}
		list = list[:0]
	}
	at := len(list)
	list = slices.Grow(list, 1)[:at+1]
	v := &list[at]
	v.kind, v.element, v.text, v.knows = kind, element, text, 0
	m.facts.fields[f.id] = list
	if element < 0 {
		state.free = true
	} else {
		state.bound = true
	}
	m.isFolded = false
	for i := range f.lookups {
		m.lookUp(f, &f.lookups[i], int32(at))
	}
}

// hit notes that a value satisfies the predicate of a stamp.
func (m *matching) hit(s *stamp, at, element int32) {
	if element < 0 {
		s.free = true
		return
	}
	if s.tail >= 0 && m.hits[s.tail].value == at {
		return
	}
	m.hits = append(m.hits, hit{at, -1})
	last := int32(len(m.hits) - 1)
	if s.tail >= 0 {
		m.hits[s.tail].next = last
	} else {
		s.head = last
	}
	s.tail = last
}

// envelope adds the fields that are known without reading JSON.
func (m *matching) envelope(e *Envelope) {
	for at, f := range m.ix.envelope {
		if f == nil {
			continue
		}
		switch at {
		case envVersion:
			m.addKnown(f, e.Version)
		case envID:
			m.addKnown(f, e.ID)
		case envSource:
			m.addKnown(f, e.Source)
		case envDetailType:
			m.addKnown(f, e.DetailType)
		case envAccount:
			m.addKnown(f, e.Account)
		case envRegion:
			m.addKnown(f, e.Region)
		case envTime:
			m.addKnown(f, e.Time)
		case envReplayName:
			if e.ReplayName != "" {
				m.addKnown(f, e.ReplayName)
			}
		case envResources:
			for _, r := range e.Resources {
				m.addKnown(f, r)
			}
		}
	}
}

func (m *matching) addKnown(f *field, text string) { m.add(f, kindString, m.facts.keep(text), -1) }

// pairs adds the fields of a document that is a list.
func (m *matching) pairs(scope Scope, list []KV) {
	m.have |= 1 << scope
	for i := range list {
		name := m.facts.keep(list[i].K)
		at := m.ix.roots[scope].find(m.seed, name)
		if at == nil && bytes.IndexByte(name, '.') >= 0 {
			at = m.ix.roots[scope].descend(m.seed, name)
		}
		if at != nil && at.field != nil {
			m.addKnown(at.field, list[i].V)
		}
	}
}
