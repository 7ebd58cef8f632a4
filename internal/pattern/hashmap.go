package pattern

import (
	"iter"
	"math/bits"
	"slices"
)

// hashMap is an immutable map from 64-bit hashes to values: a hash trie whose
// nodes have up to 64 branches. put and remove return a new map that shares with
// the old one all but the nodes on one way down, a handful. So every revision of
// an index is a value that no reader has to lock, and none that nobody reads
// stays in memory.
//
// The zero value is empty. Equal hashes are one entry: who hashes text keeps a
// chain of what shares a hash.
type hashMap[T any] struct{ root *hashNode[T] }

// hashNode has at most one of a leaf and a child for each branch. Both lists are
// dense and in the order of the branches. Values stand in the list, because every
// pointer to follow may cost as much as all else.
type hashNode[T any] struct {
	leafBits, kidBits uint64
	leaves            []hashLeaf[T]
	kids              []*hashNode[T]
}

type hashLeaf[T any] struct {
	hash  uint64
	value T
}

const hashStep = 6 // bits of the hash that one level uses

// branch returns the bit of a hash at a level, and below which positions the
// dense lists count.
func branch(hash uint64, shift uint) uint64 { return 1 << (hash >> shift & (1<<hashStep - 1)) }

func place64(set, bit uint64) int { return bits.OnesCount64(set & (bit - 1)) }

// get returns the value of a hash, which must not be changed, nil if there is
// none.
func (m hashMap[T]) get(hash uint64) *T {
	n := m.root
	for shift := uint(0); n != nil; shift += hashStep {
		bit := branch(hash, shift)
		if n.leafBits&bit != 0 {
			if l := &n.leaves[place64(n.leafBits, bit)]; l.hash == hash {
				return &l.value
			}
			return nil
		}
		if n.kidBits&bit == 0 {
			return nil
		}
		n = n.kids[place64(n.kidBits, bit)]
	}
	return nil
}

// put returns a map in which hash has a copy of the value.
func (m hashMap[T]) put(hash uint64, value *T) hashMap[T] {
	return hashMap[T]{m.root.put(hashLeaf[T]{hash, *value}, 0)}
}

func (n *hashNode[T]) put(l hashLeaf[T], shift uint) *hashNode[T] {
	bit := branch(l.hash, shift)
	if n == nil {
		return &hashNode[T]{leafBits: bit, leaves: []hashLeaf[T]{l}}
	}
	c := *n
	at, kid := place64(n.leafBits, bit), place64(n.kidBits, bit)
	switch {
	case n.kidBits&bit != 0:
		c.kids = slices.Clone(n.kids)
		c.kids[kid] = n.kids[kid].put(l, shift+hashStep)
	case n.leafBits&bit == 0:
		c.leafBits |= bit
		c.leaves = inserted(n.leaves, at, l)
	case n.leaves[at].hash == l.hash:
		c.leaves = slices.Clone(n.leaves)
		c.leaves[at] = l
	default: // two hashes that begin alike move one level down
		var below *hashNode[T]
		below = below.put(n.leaves[at], shift+hashStep).put(l, shift+hashStep)
		c.leafBits &^= bit
		c.leaves = deleted(n.leaves, at)
		c.kidBits |= bit
		c.kids = inserted(n.kids, kid, below)
	}
	return &c
}

// remove returns a map without the hash.
func (m hashMap[T]) remove(hash uint64) hashMap[T] {
	return hashMap[T]{m.root.remove(hash, 0)}
}

// remove keeps nodes small: one that has a single leaf left becomes a leaf of
// the node above, and an empty one nil.
func (n *hashNode[T]) remove(hash uint64, shift uint) *hashNode[T] {
	if n == nil {
		return nil
	}
	bit := branch(hash, shift)
	at, kid := place64(n.leafBits, bit), place64(n.kidBits, bit)
	c := *n
	switch {
	case n.leafBits&bit != 0:
		if n.leaves[at].hash != hash {
			return n
		}
		c.leafBits &^= bit
		c.leaves = deleted(n.leaves, at)
	case n.kidBits&bit != 0:
		below := n.kids[kid].remove(hash, shift+hashStep)
		if below == n.kids[kid] {
			return n
		}
		if below != nil && (len(below.leaves) > 1 || len(below.kids) > 0) {
			c.kids = slices.Clone(n.kids)
			c.kids[kid] = below
			return &c
		}
		c.kidBits &^= bit
		c.kids = deleted(n.kids, kid)
		if below != nil {
			c.leafBits |= bit
			c.leaves = inserted(n.leaves, at, below.leaves[0])
		}
	default:
		return n
	}
	if c.leafBits|c.kidBits == 0 {
		return nil
	}
	return &c
}

// all yields every value.
func (m hashMap[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) { m.each(yield) }
}

// each calls f with every value, until it returns false.
func (m hashMap[T]) each(f func(*T) bool) bool { return m.root.each(f) }

func (n *hashNode[T]) each(f func(*T) bool) bool {
	if n == nil {
		return true
	}
	for i := range n.leaves {
		if !f(&n.leaves[i].value) {
			return false
		}
	}
	for _, k := range n.kids {
		if !k.each(f) {
			return false
		}
	}
	return true
}

func (m hashMap[T]) empty() bool { return m.root == nil }

// inserted and deleted return new lists of exactly the size that is needed.
func inserted[E any](list []E, at int, e E) []E {
	out := make([]E, len(list)+1)
	copy(out, list[:at])
	out[at] = e
	copy(out[at+1:], list[at:])
	return out
}

func deleted[E any](list []E, at int) []E {
	if len(list) == 1 {
		return nil
	}
	out := make([]E, len(list)-1)
	copy(out, list[:at])
	copy(out[at:], list[at+1:])
	return out
}

// mix spreads the bits of a small number over a hash. It is a bijection, so that
// different numbers never share a hash.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
