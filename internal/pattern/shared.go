package pattern

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// operation says by what look-up, if any, the predicates of a value are found.
type operation uint8

const (
	opText       operation = iota // a string, whole
	opNumber                      // a number, by its value
	opNumberText                  // a number that is not comparable, as written
	opToken                       // true, false or null
	opPresent                     // any value
	opFold                        // a string without regard to case
	opNetwork4                    // an address with so many leading bits
	opNetwork6
	opPrefix // the first bytes of a string
	opSuffix
	opFoldPrefix
	opFoldSuffix
	opGram  // some bytes anywhere in a string
	opOther // no look-up: it is evaluated when a candidate asks for it
)

// eager reports whether every value of a field is looked up, so that a predicate
// that was not found does not hold.
func (op operation) eager() bool { return op <= opToken }

// predicate is what an entry demands of the values of one field. All rules with
// an equal entry share it. It is immutable but for uses and entry, which belong
// to the writer.
type predicate struct {
	text  string // what a look-up compares; of opOther, a text that is the same for equal tests
	hash  uint64
	other *otherwise // nil if it is the comparison with a text
	id    uint32
	field uint32
	uses  uint32 // by candidates
	size  uint8  // of a network: how many bits
	op    operation
}

// otherwise is what most predicates need not have.
type otherwise struct {
	test  test
	entry *predicate // holds wherever this one holds, and can be looked up; nil: itself
}

// entry returns the predicate by which p is found, nil if that is p itself.
func (p *predicate) entry() *predicate {
	if p.other == nil {
		return nil
	}
	return p.other.entry
}

// wish describes a predicate that may exist already.
type wish struct {
	op   operation
	size uint8
	text string
	test test
}

// wishes returns the predicates that a test is the disjunction of.
func wishes(t test) []wish {
	switch t := t.(type) {
	case *textSet:
		var out []wish
		for _, s := range t.list {
			out = append(out, wish{opText, 0, s, nil})
		}
		return out
	case *numberSet:
		return t.wishes()
	case isKind:
		return []wish{{opToken, 0, string(rune(t)), t}}
	case anyValue:
		return []wish{{opPresent, 0, "", t}}
	case network:
		if t.isStep() {
			return []wish{networkWish(t)}
		}
	case edge:
		op := opPrefix
		if t.where == foldSuffix {
			op = opSuffix
		}
		if len(t.text) > 0 {
			return []wish{{op, 0, string(t.text), t}}
		}
	case *fold:
		if s, ok := t.canonical(); ok && (s != "" || t.where == foldWhole) {
			return []wish{{[...]operation{opFold, opFoldPrefix, opFoldSuffix}[t.where], 0, s, t}}
		}
	}
	return []wish{{opOther, 0, string(appendKey(nil, t)), t}}
}

// holds evaluates a predicate on a value. Those that are compared with the whole
// text have no test.
func (p *predicate) holds(v *value) bool {
	switch p.op {
	case opText:
		return v.kind == kindString && string(v.text) == p.text
	case opNumberText:
		return v.kind == kindNumber && string(v.text) == p.text
	}
	return p.other.test.holds(v)
}

// exactNumber is one comparable number of a numberSet.
type exactNumber float64

func (n exactNumber) holds(v *value) bool {
	f, ok := v.number()
	return ok && f == float64(n)
}

func (s *numberSet) wishes() []wish {
	var out []wish
	for _, f := range s.values {
		var b [8]byte
		out = append(out, wish{opNumber, 0, string(appendFloat(b[:0], f)), exactNumber(f)})
	}
	for _, text := range s.texts.list {
		if _, ok := comparable(text); !ok {
			out = append(out, wish{opNumberText, 0, text, nil})
		}
	}
	return out
}

// appendFloat appends the bits of f; both zeros have the same.
func appendFloat(b []byte, f float64) []byte {
	if f == 0 {
		f = 0
	}
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

// Networks are looked up by a few sizes only, or each address would have to be
// looked up 127 times. One of another size is found by the next larger network.
const (
	steps4 = 8
	steps6 = 16
)

func (n network) bitsPerStep() int {
	if n.Addr().Is4() {
		return steps4
	}
	return steps6
}

// isStep reports whether the network is of a size that is looked up.
func (n network) isStep() bool { return n.Bits()%n.bitsPerStep() == 0 }

// step returns the network around n that is looked up.
func (n network) step() network {
	return network{netip.PrefixFrom(n.Addr(), n.Bits()-n.Bits()%n.bitsPerStep()).Masked()}
}

func networkWish(n network) wish {
	op := opNetwork6
	if n.Addr().Is4() {
		op = opNetwork4
	}
	var b [16]byte
	return wish{op, uint8(n.Bits()), string(appendAddress(b[:0], n.Masked().Addr())), n}
}

func appendAddress(b []byte, a netip.Addr) []byte {
	if a.Is4() {
		four := a.As4()
		return append(b, four[:]...)
	}
	sixteen := a.As16()
	return append(b, sixteen[:]...)
}

// canonical returns the operand in the spelling that [appendCanonical] gives to
// every value that it allows, and to no other. There is none if the operand has
// a character whose two cases are not just each other's cases.
func (f *fold) canonical() (string, bool) {
	var b strings.Builder
	for _, c := range f.chars {
		r, n := utf8.DecodeRune(c.lower)
		if r == utf8.RuneError || n != len(c.lower) {
			return "", false
		}
		if u, n := utf8.DecodeRune(c.upper); n != len(c.upper) || u != r && canonicalRune(u) != r || canonicalRune(r) != r {
			return "", false
		}
		if longer, ok := longUpper(r); ok && longer != string(c.upper) {
			return "", false
		}
		b.Write(c.lower)
	}
	return b.String(), true
}

// canonicalRune returns the lower case of a character that is one of two cases,
// and any other character as it is.
func canonicalRune(r rune) rune {
	l := unicode.ToLower(r)
	u := unicode.ToUpper(l)
	if r != l && r != u || unicode.ToLower(u) != l {
		return r
	}
	if _, long := longUpper(l); long {
		return r
	}
	return l
}

// appendCanonical appends text with every character made canonical. What is not
// UTF-8 stays as it is.
func appendCanonical(b, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError {
			b = append(b, text[i:i+n]...)
		} else {
			b = utf8.AppendRune(b, canonicalRune(r))
		}
		i += n
	}
	return b
}

// appendKey appends a text that is the same for equal tests and for no others.
func appendKey(b []byte, t test) []byte {
	switch t := t.(type) {
	case none:
		var keys []string
		for _, inner := range t {
			keys = append(keys, string(appendKey(nil, inner)))
		}
		slices.Sort(keys)
		return appendTexts(append(b, 'n'), keys)
	case *textSet:
		return appendTexts(append(b, 't'), slices.Sorted(slices.Values(t.list)))
	case *numberSet:
		b = appendTexts(append(b, 'd'), slices.Sorted(slices.Values(t.texts.list)))
		return b
	case edge:
		return appendTexts(append(b, 'e', byte(t.where)), []string{string(t.text)})
	case *fold:
		b = append(b, 'f', byte(t.where))
		for _, c := range t.chars {
			b = appendTexts(b, []string{string(c.lower), string(c.upper)})
		}
		return b
	case *glob:
		return append(append(b, 'g'), t.key()...)
	case numberRange:
		b = appendFloat(appendFloat(append(b, 'r'), t.low), t.high)
		return append(b, bit(t.lowOpen), bit(t.highOpen))
	case network:
		return append(append(b, 'a'), t.String()...)
	case isKind:
		return append(b, 'k', byte(t))
	case anyValue:
		return append(b, 'p')
	}
	// Two tests that differ must never be taken for one.
	panic(fmt.Sprintf("pattern: appendKey does not know %T", t))
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendTexts(b []byte, texts []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(texts)))
	for _, s := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}
