package pattern

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
)

// field is a path of one document that some rule reads, and what has to be
// looked up for its values. It is immutable.
type field struct {
	id      uint32
	scope   Scope
	early   bool // known before the document is read: part of the envelope
	lookups []lookup
}

// lookup is one way to find predicates of a field, by a key that is made of a
// value.
type lookup struct {
	op    operation
	size  uint8  // of opNetwork: leading bits
	long  uint32 // of the others: how many bytes the key has, 0: all
	salt  uint64 // what tells the keys of different fields and ways apart
	grams *gramFilter
}

// step is a node of the trie of all paths, below a root for each scope. The
// scanner walks down steps beside the names of a document. Steps are immutable;
// a change copies the way down to it.
type step struct {
	name  string
	path  []byte
	field *field // nil: the path only leads on
	mask  uint64 // which names there can be below
	far   uint64 // with which bytes names below can begin that lead on: those with dots
	few   []*step
	many  *hashMap[*step] // instead of few, once there are many
	same  *step           // in many: another one with the same hash
}

// fewSteps is up to how many names are compared one by one.
const fewSteps = 8

func nameBit[T string | []byte](name T) uint64 {
	if len(name) == 0 {
		return 1
	}
	return 1 << ((uint(len(name))*11 + uint(name[0]) + 5*uint(name[len(name)-1])) & 63)
}

// farBit returns which bit of far says that a name with dots may begin with the
// step.
func (s *step) farBit() uint64 {
	if !s.leads() {
		return 0
	}
	return firstBit(s.name + ".")
}

func firstBit[T string | []byte](name T) uint64 {
	if len(name) == 0 {
		return 0
	}
	return 1 << (name[0] & 63)
}

// leads reports whether there are steps below.
func (s *step) leads() bool { return s.mask != 0 }

// find returns the step of a name, nil if nobody reads anything there.
func (s *step) find(seed maphash.Seed, name []byte) *step {
	if s.mask&nameBit(name) == 0 {
		return nil
	}
	for _, k := range s.few {
		if string(name) == k.name {
			return k
		}
	}
	if s.many == nil {
		return nil
	}
	for k := s.chain(maphash.Bytes(seed, name)); k != nil; k = k.same {
		if string(name) == k.name {
			return k
		}
	}
	return nil
}

// chain returns the steps below whose names have a hash.
func (s *step) chain(hash uint64) *step {
	if k := s.many.get(hash); k != nil {
		return *k
	}
	return nil
}

// descend is find for a name with dots, which are separators like any other.
func (s *step) descend(seed maphash.Seed, name []byte) *step {
	for more := true; more && s != nil; {
		var first []byte
		first, name, more = bytes.Cut(name, []byte{'.'})
		s = s.find(seed, first)
	}
	return s
}

// with returns the trie below s with a field at a path, or without one there if
// f is nil. It returns nil for a trie without fields.
func (s *step) with(seed maphash.Seed, path string, f *field) *step {
	name, rest, more := strings.Cut(path, ".")
	old := s.find(seed, []byte(name))
	next := step{name: name, path: []byte(name)}
	if old != nil {
		next = *old
	} else if s.path != nil {
		next.path = slices.Concat(s.path, []byte{'.'}, []byte(name))
	}
	below := &next
	if more {
		below = below.with(seed, rest, f)
	} else {
		below.field = f
	}
	if below != nil && below.field == nil && !below.leads() {
		below = nil
	}
	c := *s
	c.set(seed, old, below)
	if c.field == nil && !c.leads() && c.path != nil {
		return nil
	}
	return &c
}

// set replaces one step below s, which is the writer's own copy. Each of old and
// next may be nil.
func (s *step) set(seed maphash.Seed, old, next *step) {
	if s.many != nil {
		s.setMany(seed, old, next)
		return
	}
	list := make([]*step, 0, len(s.few)+1)
	for _, k := range s.few {
		if k != old {
			list = append(list, k)
		}
	}
	if next != nil {
		list = append(list, next)
	}
	s.few, s.mask, s.far = list, 0, 0
	for _, k := range list {
		s.mask |= nameBit(k.name)
		s.far |= k.farBit()
	}
	if len(list) <= fewSteps {
		return
	}
	s.few, s.many = nil, &hashMap[*step]{}
	for _, k := range list {
		s.setMany(seed, nil, k)
	}
}

// setMany keeps what is said of set in a hash map. What the mask and far say is
// not taken back; they only save time.
func (s *step) setMany(seed maphash.Seed, old, next *step) {
	name := ""
	if old != nil {
		name = old.name
	} else if next != nil {
		name = next.name
	}
	hash := maphash.String(seed, name)
	var chain *step
	for k := s.chain(hash); k != nil; k = k.same {
		if k != old {
			c := *k
			c.same = chain
			chain = &c
		}
	}
	if next != nil {
		c := *next
		c.same = chain
		chain = &c
		s.mask |= nameBit(name)
		s.far |= next.farBit()
	}
	m := s.many.remove(hash)
	if chain != nil {
		m = m.put(hash, &chain)
	}
	s.many = &m
	if m.empty() {
		s.many, s.mask, s.far = nil, 0, 0
	}
}

// gramFilter tells quickly of most texts that they are no key.
type gramFilter [64]uint64

func (g *gramFilter) has(hash uint64) bool { return g[hash>>6&63]&(1<<(hash&63)) != 0 }

func (g *gramFilter) add(hash uint64) { g[hash>>6&63] |= 1 << (hash & 63) }
