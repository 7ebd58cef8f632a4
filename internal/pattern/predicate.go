package pattern

import (
	"bytes"
	"net/netip"
	"slices"
)

// A test is what one entry of a leaf array demands of a value.
type test interface {
	// holds reports whether the value satisfies the entry.
	holds(v *value) bool
}

// steps returns how many steps it takes to compare a value with a test. What one
// step costs is about the same for all: some nanoseconds, up to 100.
func steps(t test, v *value) int {
	const charsPerStep, oddCharsPerStep = 64, 4
	size := len(v.text)
	switch t := t.(type) {
	case none: // they are all of a kind
		return len(t) * steps(t[0], v)
	case *predicate:
		if t.other != nil {
			return steps(t.other.test, v)
		}
	case edge:
		size = min(size, len(t.text))
	case *textSet:
		size = min(size, t.size)
	case *fold:
		return 1 + min(size, len(t.chars))/oddCharsPerStep
	case *glob:
		size += charsPerStep / oddCharsPerStep * min(size, len(t.pieces))
	case numberRange, *numberSet, exactNumber, network:
		size = 0 // what it takes is done once for each value
	}
	return 1 + size/charsPerStep
}

// clause is what a pattern demands of one path: that some value there satisfies
// one of the tests or, if absent is set, that there is no value.
type clause struct {
	index  int // position in Pattern.clauses
	path   string
	tests  []test
	absent bool // exists:false is among the entries
}

// fewTexts is up to which size a list is searched faster than a map.
const fewTexts = 8

// textSet is a set of strings.
type textSet struct {
	list []string
	long map[string]struct{} // the same, once there are many
	size int                 // length of the longest
}

func (s *textSet) add(text string) {
	s.list = append(s.list, text)
	s.size = max(s.size, len(text))
	if len(s.list) <= fewTexts {
		return
	}
	if s.long == nil {
		s.long = map[string]struct{}{}
		for _, t := range s.list {
			s.long[t] = struct{}{}
		}
	}
	s.long[text] = struct{}{}
}

func (s *textSet) has(b []byte) bool {
	if len(b) > s.size {
		return false
	}
	if s.long != nil {
		_, ok := s.long[string(b)]
		return ok
	}
	// Not Contains: that would make a string of b first.
	return slices.ContainsFunc(s.list, func(t string) bool { return string(b) == t })
}

// literals collects the entries of a leaf that are compared for equality, so
// that a long list costs one look-up.
type literals struct {
	texts   *textSet
	numbers *numberSet
	others  []test
}

// addText adds a string of a leaf array. One that is an address is compared as
// an address.
func (l *literals) addText(s string) {
	if addr, ok := parseAddress(s); ok {
		l.others = append(l.others, network{netip.PrefixFrom(addr, addr.BitLen())})
		return
	}
	l.addExact(s)
}

func (l *literals) addExact(s string) {
	if l.texts == nil {
		l.texts = &textSet{}
	}
	l.texts.add(s)
}

func (l *literals) addNumber(text string) {
	if l.numbers == nil {
		l.numbers = &numberSet{}
	}
	l.numbers.add(text)
}

func (l *literals) addToken(k tokenKind) {
	switch k {
	case trueValue:
		l.others = append(l.others, isKind(kindTrue))
	case falseValue:
		l.others = append(l.others, isKind(kindFalse))
	default:
		l.others = append(l.others, isKind(kindNull))
	}
}

// tests returns the tests for what was added.
func (l *literals) tests() []test {
	var out []test
	if l.texts != nil {
		out = append(out, l.texts)
	}
	if l.numbers != nil {
		out = append(out, l.numbers)
	}
	return append(out, l.others...)
}

func (s *textSet) holds(v *value) bool { return v.kind == kindString && s.has(v.text) }

// isKind demands true, false or null.
type isKind valueKind

func (k isKind) holds(v *value) bool { return v.kind == valueKind(k) }

// anyValue is exists:true.
type anyValue struct{}

func (anyValue) holds(*value) bool { return true }

// none is anything-but: a value, of whatever type, that fails every test.
type none []test

func (n none) holds(v *value) bool {
	for _, t := range n {
		if t.holds(v) {
			return false
		}
	}
	return true
}

// numberRange is numeric. Bounds that were not given are infinite.
type numberRange struct {
	low, high         float64
	lowOpen, highOpen bool
}

func (r numberRange) holds(v *value) bool {
	f, ok := v.number()
	if !ok || f < r.low || f > r.high {
		return false
	}
	return !(r.lowOpen && f == r.low) && !(r.highOpen && f == r.high)
}

// network is cidr, and a literal that is an address.
type network struct{ netip.Prefix }

func (n network) holds(v *value) bool {
	addr, ok := v.address()
	return ok && n.Contains(addr)
}

// foldWhere says which part of a value an operand is compared with.
type foldWhere uint8

const (
	foldWhole foldWhere = iota
	foldPrefix
	foldSuffix
)

// edge is prefix or suffix.
type edge struct {
	text  []byte
	where foldWhere
}

func newEdge(s string, where foldWhere) test { return edge{[]byte(s), where} }

func (e edge) holds(v *value) bool {
	if v.kind != kindString {
		return false
	}
	if e.where == foldPrefix {
		return bytes.HasPrefix(v.text, e.text)
	}
	return bytes.HasSuffix(v.text, e.text)
}
