package pattern

// table is a hash table of the writer. It holds pointers and nothing else: a hash
// is computed from what the pointer leads to. With a hundred thousand rules that
// is a third of what a map needs that has keys of its own.
type table[T any] struct {
	slots []*T // a power of two of them, with gaps; an entry is at its place or behind it
	count int
	hash  func(*T) uint64
}

// find returns the entry that is wanted, nil if there is none.
func (t *table[T]) find(hash uint64, wanted func(*T) bool) *T {
	if t.count == 0 {
		return nil
	}
	for at := t.place(hash); t.slots[at] != nil; at = t.next(at) {
		if wanted(t.slots[at]) {
			return t.slots[at]
		}
	}
	return nil
}

func (t *table[T]) place(hash uint64) int { return int(hash & uint64(len(t.slots)-1)) }

func (t *table[T]) next(at int) int { return (at + 1) & (len(t.slots) - 1) }

// add adds an entry that is not there yet.
func (t *table[T]) add(e *T) {
	if t.count >= len(t.slots)/8*7 {
		old := t.slots
		t.slots = make([]*T, max(8, 2*len(old)))
		for _, o := range old {
			if o != nil {
				t.put(o)
			}
		}
	}
	t.count++
	t.put(e)
}

func (t *table[T]) put(e *T) {
	at := t.place(t.hash(e))
	for t.slots[at] != nil {
		at = t.next(at)
	}
	t.slots[at] = e
}

// remove removes an entry. Those behind it that would not be found across the
// gap move up.
func (t *table[T]) remove(e *T) {
	gap := t.place(t.hash(e))
	for t.slots[gap] != e {
		gap = t.next(gap)
	}
	for at := t.next(gap); t.slots[at] != nil; at = t.next(at) {
		home := t.place(t.hash(t.slots[at]))
		if (at-home)&(len(t.slots)-1) >= (at-gap)&(len(t.slots)-1) {
			t.slots[gap] = t.slots[at]
			gap = at
		}
	}
	t.slots[gap] = nil
	t.count--
}
