package pattern

import "slices"

// bestAccess returns under which of its conditions a candidate is posted: the
// one that the fewest others have. It is -1 if there is none that needs a value.
func bestAccess(conditions []*condition) int16 {
	best, bestRank := -1, rank{}
	for i, c := range conditions {
		if r, ok := c.rank(); ok && (best < 0 || r.less(bestRank)) {
			best, bestRank = i, r
		}
	}
	return int16(best)
}

// rank says how good a condition is to be found by; less is better.
type rank struct {
	class int  // how well its look-ups tell values apart
	uses  int  // candidates that are found by the same predicates
	late  byte // 1 unless it is part of the envelope, which is known first
	posts int  // how often the candidate has to be posted
}

// fewUses is up to how many candidates it does not matter how many there are.
const fewUses = 12

// rank returns false for a condition that may hold without a value.
func (c *condition) rank() (rank, bool) {
	if c.absent || len(c.predicates) == 0 {
		return rank{}, false
	}
	r := rank{late: bit(!c.early), posts: len(c.predicates)}
	for _, p := range c.predicates {
		e := p.entryPoint()
		r.class = max(r.class, e.op.class())
		r.uses += int(e.uses)
	}
	// A short list is looked through at once; below that, other things count.
	r.uses = max(r.uses, fewUses)
	return r, true
}

func (r rank) less(s rank) bool {
	switch {
	case r.class != s.class:
		return r.class < s.class
	case r.uses != s.uses:
		return r.uses < s.uses
	case r.late != s.late:
		return r.late < s.late
	}
	return r.posts < s.posts
}

// class groups operations by how well they tell values apart.
func (op operation) class() int {
	switch op {
	case opText, opNumber, opNumberText, opFold:
		return 0
	case opPrefix, opSuffix, opFoldPrefix, opFoldSuffix, opNetwork4, opNetwork6:
		return 1
	case opGram, opToken:
		return 2
	}
	return 3
}

// entryPoint returns the predicate by which p is found.
func (p *predicate) entryPoint() *predicate {
	if e := p.entry(); e != nil {
		return e
	}
	return p
}

// entries returns the predicates by which a condition is found, each once.
func entries(c *condition) []*predicate {
	if len(c.predicates) == 1 {
		return []*predicate{c.predicates[0].entryPoint()}
	}
	out := make([]*predicate, 0, len(c.predicates))
	seen := map[*predicate]bool{}
	for _, p := range c.predicates {
		if e := p.entryPoint(); !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}

// entryWish returns what a value satisfies that satisfies a test without a
// look-up of its own.
func (w *writer) entryWish(f *field, t test) wish {
	if n, ok := t.(network); ok {
		return networkWish(n.step())
	}
	g, ok := t.(*glob)
	if !ok {
		return wish{op: opPresent, test: anyValue{}}
	}
	first, last := g.pieces[0], g.pieces[len(g.pieces)-1]
	switch {
	case len(g.pieces) == 1:
		return wish{op: opText, text: string(first)}
	case len(first) > 0:
		return wish{op: opPrefix, text: string(first), test: edge{first, foldPrefix}}
	case len(last) > 0:
		return wish{op: opSuffix, text: string(last), test: edge{last, foldSuffix}}
	}
	if gram := w.rarestGram(f, g); gram != nil {
		return wish{op: opGram, text: string(gram), test: contains(gram)}
	}
	return wish{op: opPresent, test: anyValue{}}
}

// contains demands some bytes anywhere in a string.
type contains string

func (c contains) holds(v *value) bool {
	g := glob{pieces: [][]byte{nil, []byte(c), nil}}
	return g.holds(v)
}

// gramSize is how many bytes of a wildcard are looked up everywhere in a text.
const gramSize = 4

// rarestGram returns a part of the longest pieces of a glob that the fewest
// others use, nil if all pieces are empty.
func (w *writer) rarestGram(f *field, g *glob) []byte {
	size := 0
	for _, p := range g.pieces {
		size = max(size, min(len(p), gramSize))
	}
	if size == 0 {
		return nil
	}
	var best []byte
	fewest := uint32(0)
	const enough = 64
	for tried, rest := 0, g.pieces; tried < enough && len(rest) > 0; rest = rest[1:] {
		for i := 0; i+size <= len(rest[0]) && tried < enough; i++ {
			tried++
			gram, uses := rest[0][i:i+size], uint32(0)
			hash := hashKey(w.seed, salt(f.id, opGram, 0), gram)
			if p := w.find(hash, f.id, opGram, 0, gram); p != nil {
				uses = p.predicate.uses
			}
			if best == nil || uses < fewest {
				best, fewest = gram, uses
			}
		}
	}
	return slices.Clone(best)
}
