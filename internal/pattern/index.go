package pattern

import "hash/maphash"

// scopes is how many documents an event has.
const scopes = 3

// index is one state of the rules of a matcher, in the form in which events are
// matched. It is immutable, and shares with the states before and after it what
// did not change: a change costs what the changed rule costs, whatever the
// number of rules.
//
// A sub-rule is posted under the predicates of the one of its conditions that
// the fewest others have. An event is read once; for every value at a path that
// some rule reads, look-ups in one table find the predicates that it satisfies.
// The leaves of the table hold all that is needed to go on to the candidates.
// Only sub-rules that are posted under one of these are candidates.
type index struct {
	rev        uint64
	predicates hashMap[posting] // by field, operation and text
	roots      [scopes]*step
	envelope   [envelopeFields]*field
	always     postings
	late       int    // candidates that are posted under something that only the document tells
	maxField   uint32 // above all numbers of fields
	maxPred    uint32 // above all numbers of predicates
}

// posting is a predicate with the candidates that are posted under it.
type posting struct {
	predicate *predicate
	found     postings
	same      *posting // another one with the same hash
}

// envelopeField numbers the fields of an [Envelope].
const (
	envVersion = iota
	envID
	envSource
	envDetailType
	envAccount
	envRegion
	envTime
	envReplayName
	envResources
	envelopeFields
)

// envelopeField returns which field of the envelope a path is, -1 if it is none.
func envelopeField(path string) int {
	switch path {
	case "version":
		return envVersion
	case "id":
		return envID
	case "source":
		return envSource
	case "detail-type":
		return envDetailType
	case "account":
		return envAccount
	case "region":
		return envRegion
	case "time":
		return envTime
	case "replay-name":
		return envReplayName
	case "resources":
		return envResources
	}
	return -1
}

func newIndex() *index {
	ix := &index{maxPred: always + 1}
	for i := range ix.roots {
		ix.roots[i] = &step{}
	}
	return ix
}

// find returns the posting of a predicate, nil if there is none.
func (ix *index) find(hash uint64, field uint32, op operation, size uint8, text []byte) *posting {
	return ix.predicates.get(hash).find(field, op, size, text)
}

// find returns the posting of a predicate among those with the same hash, nil if
// there is none.
func (p *posting) find(field uint32, op operation, size uint8, text []byte) *posting {
	for ; p != nil; p = p.same {
		q := p.predicate
		if q.field == field && q.op == op && q.size == size && q.text == string(text) {
			return p
		}
	}
	return nil
}

// salt is what tells the keys of different fields, operations and sizes apart.
func salt(field uint32, op operation, size uint8) uint64 {
	return mix(uint64(field)<<16 | uint64(op)<<8 | uint64(size))
}

func hashKey(seed maphash.Seed, salt uint64, text []byte) uint64 {
	return maphash.Bytes(seed, text) ^ salt
}

// post returns p's chain of postings with what is posted under p replaced, and
// without p if nothing is found and keep is not set. It is the writer's.
func (ix *index) post(p *predicate, found postings, keep bool) {
	var chain *posting
	for q := ix.predicates.get(p.hash); q != nil; q = q.same {
		if q.predicate != p {
			chain = &posting{q.predicate, q.found, chain}
		}
	}
	if !found.none() || keep {
		chain = &posting{p, found, chain}
	}
	if chain == nil {
		ix.predicates = ix.predicates.remove(p.hash)
	} else {
		ix.predicates = ix.predicates.put(p.hash, chain)
	}
}

func (ix *index) posted(p *predicate) postings {
	for q := ix.predicates.get(p.hash); q != nil; q = q.same {
		if q.predicate == p {
			return q.found
		}
	}
	return postings{}
}
