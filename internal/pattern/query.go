package pattern

import "slices"

// query is a look-up that has still to be made: whether there is a predicate of
// some field and kind with a key. Its memory is used again.
type query struct {
	hash   uint64
	node   *hashNode[posting] // on the way to it
	found  *posting           // with the hash
	field  *field
	lookup *lookup
	key    []byte
	at     int32 // position of the value among those of the field
}

// lookUp asks for the predicates of one kind that a value satisfies.
func (m *matching) lookUp(f *field, l *lookup, at int32) {
	m.makeRoom()
	v := &m.facts.fields[f.id][at]
	switch l.op {
	case opText:
		if v.kind == kindString {
			m.ask(f, l, v.text, at)
		}
	case opNumber:
		if n, ok := v.number(); ok {
			m.ask(f, l, m.keep(appendFloat(m.keys, n)), at)
		}
	case opNumberText:
		if _, ok := v.number(); !ok && v.kind == kindNumber {
			m.ask(f, l, v.text, at)
		}
	case opToken:
		if v.kind != kindString && v.kind != kindNumber {
			m.ask(f, l, m.keep(append(m.keys, byte(v.kind))), at)
		}
	case opPresent:
		if at == 0 {
			m.ask(f, l, nil, at)
		}
	case opNetwork4, opNetwork6:
		m.lookUpNetwork(f, l, v, at)
	default:
		if v.kind == kindString {
			m.lookUpPart(f, l, v.text, at)
		}
	}
}

// keep returns what longer has more than the memory of keys, which it becomes.
func (m *matching) keep(longer []byte) []byte {
	from := len(m.keys)
	m.keys = longer
	return longer[from:len(longer):len(longer)]
}

func (m *matching) lookUpNetwork(f *field, l *lookup, v *value, at int32) {
	addr, ok := v.address()
	if !ok || addr.Is4() != (l.op == opNetwork4) {
		return
	}
	prefix, err := addr.Prefix(int(l.size))
	if err != nil {
		return // it has not so many bits: no such look-up is ever made
	}
	m.ask(f, l, m.keep(appendAddress(m.keys, prefix.Addr())), at)
}

// lookUpPart looks up the beginning, the end, or every part of a string, folded
// or not.
func (m *matching) lookUpPart(f *field, l *lookup, text []byte, at int32) {
	switch l.op {
	case opFold, opFoldPrefix, opFoldSuffix:
		if !m.isFolded {
			m.folded, m.isFolded = m.keep(appendCanonical(m.keys, text)), true
		}
		text = m.folded
	}
	long := int(l.long)
	switch {
	case l.op == opFold:
		m.ask(f, l, text, at)
	case len(text) < long:
	case l.op == opPrefix || l.op == opFoldPrefix:
		m.ask(f, l, text[:long], at)
	case l.op == opSuffix || l.op == opFoldSuffix:
		m.ask(f, l, text[len(text)-long:], at)
	case l.op == opGram:
		m.lookUpGrams(f, l, text, at)
	}
}

// lookUpGrams looks up every part of a string. The same part twice would find
// nothing new, so those of the last ones that come again are left out: a long text
// of few letters would cost most.
func (m *matching) lookUpGrams(f *field, l *lookup, text []byte, at int32) {
	const many = 64
	var last [many]uint32 // numbers of parts, plus 1
	long := int(l.long)
	for i := 0; i+long <= len(text); i++ {
		part := text[i : i+long]
		number := gramNumber(part)
		hash := gramHash(number)
		if !l.grams.has(hash) || last[hash%many] == number+1 {
			continue
		}
		last[hash%many] = number + 1
		m.makeRoom()
		m.ask(f, l, part, at)
	}
}

// Fewer look-ups than fewQueries are made one by one, and no more than
// manyQueries together.
const (
	fewQueries  = 4
	manyQueries = 32
)

// ask notes a look-up, to be made together with others. Before a key is made,
// there has to be room.
func (m *matching) ask(f *field, l *lookup, key []byte, at int32) {
	n := len(m.queries)
	m.queries = slices.Grow(m.queries, 1)[:n+1]
	q := &m.queries[n]
	q.hash, q.field, q.lookup, q.key, q.at = hashKey(m.seed, l.salt, key), f, l, key, at
}

// makeRoom sees to it that no more look-ups, and no more keys, are kept than is
// useful.
func (m *matching) makeRoom() {
	if len(m.queries) >= manyQueries {
		m.answer()
	}
}

// answer makes the look-ups that have been asked for, in that order, and forgets
// their keys.
func (m *matching) answer() {
	if len(m.queries) >= fewQueries {
		m.fetch(m.queries)
	} else {
		for i := range m.queries {
			q := &m.queries[i]
			q.found = m.ix.predicates.get(q.hash)
		}
	}
	for i := range m.queries {
		if m.queries[i].found != nil {
			m.hold(&m.queries[i])
		}
	}
	m.queries, m.keys, m.isFolded = m.queries[:0], m.keys[:0], false
}

// fetch finds what has the hashes of some queries. Like checkAll, it goes in
// rounds, so that the processor waits for all of them at the same time: three
// steps down the trie, to the predicate, and to its text.
func (m *matching) fetch(queries []query) {
	root := m.ix.predicates.root
	sum := uint64(0)
	for i := range queries {
		q := &queries[i]
		q.node, q.found = root, nil
		sum += q.descend(0)
	}
	for i := range queries {
		sum += queries[i].descend(hashStep)
	}
	for i := range queries {
		sum += queries[i].descend(2 * hashStep)
	}
	for i := range queries {
		q := &queries[i]
		if q.node != nil {
			q.found = m.ix.predicates.get(q.hash)
		}
		if q.found != nil {
			sum += q.found.predicate.hash
		}
	}
	for i := range queries {
		if p := queries[i].found; p != nil {
			sum += uint64(m.stamps[p.predicate.id].epoch)
			if text := p.predicate.text; text != "" {
				sum += uint64(text[0])
			}
		}
	}
	m.touched += int(sum)
}

// descend goes one level down, as far as there is one, and reads what is there.
func (q *query) descend(shift uint) uint64 {
	n := q.node
	if n == nil {
		return 0
	}
	q.node = nil
	bit := branch(q.hash, shift)
	if n.leafBits&bit != 0 {
		l := &n.leaves[place64(n.leafBits, bit)]
		if l.hash == q.hash {
			q.found = &l.value
		}
		return l.hash
	}
	if n.kidBits&bit != 0 {
		q.node = n.kids[place64(n.kidBits, bit)]
		return q.node.leafBits
	}
	return 0
}

// hold notes that the predicate that a query asks for, if there is one, holds for
// a value.
func (m *matching) hold(q *query) {
	f, l := q.field, q.lookup
	p := q.found.find(f.id, l.op, l.size, q.key)
	if p == nil {
		return
	}
	s := &m.stamps[p.predicate.id]
	if s.epoch != m.epoch {
		*s = stamp{epoch: m.epoch, head: -1, tail: -1, holds: true, listed: l.op != opPresent}
		state := &m.fields[f.id]
		m.holding = append(m.holding, holding{p.predicate, state.holding})
		state.holding = int32(len(m.holding) - 1)
		m.held[p.predicate.id] = 1
		if !p.found.none() {
			m.found = append(m.found, p.found)
		}
	}
	m.hit(s, q.at, m.facts.fields[f.id][q.at].element)
}
