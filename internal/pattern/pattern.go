package pattern

import (
	"fmt"
	"iter"
	"slices"
	"unicode/utf16"
)

// Dialect selects which operators and limits a pattern may use.
type Dialect uint8

// Classic is the dialect of rules, archives, and the filters of pipes and of
// event source mappings.
const Classic Dialect = 0

// Limits are the caps that only "strict AWS" mode enforces. Zero means no cap;
// what bounds the work of [Compile] and of matching always applies.
type Limits struct {
	MaxChars           int // length of the text in UTF-16 units
	MaxSubRules        int // product of the branches of all $or
	WildcardComplexity int // highest complexity that is still accepted
}

// Limits of AWS for Classic patterns. AWS keeps the last one secret; it is known
// to accept 7 and to refuse 11.
const (
	strictMaxChars    = 2048
	strictMaxSubRules = 1000
	strictComplexity  = 10
)

// StrictAWS returns the limits that AWS enforces for a dialect.
func StrictAWS(Dialect) Limits {
	return Limits{MaxChars: strictMaxChars, MaxSubRules: strictMaxSubRules, WildcardComplexity: strictComplexity}
}

// reasonTooComplex is AWS's answer to too many or too clever wildcards.
const reasonTooComplex = "Rule is too complex - try using fewer wildcard characters " +
	"or fewer repeating character sequences after a wildcard character"

// Pattern is a compiled event pattern. It is immutable and safe for concurrent
// use.
type Pattern struct {
	source     []byte
	clauses    []*clause // every clause of the pattern, numbered by index
	subRules   []subRule
	paths      *pathSet
	wildcard   bool
	complexity int
}

// subRule is one way for a pattern to match: all its clauses have to hold. They
// are sorted by path; the order matters to exists:false (see walk.go).
type subRule []*clause

// Compile parses one pattern. The error, if any, is a *[SyntaxError]. Compile
// keeps no reference to src.
func Compile(src []byte, d Dialect, lim Limits) (*Pattern, error) {
	if d != Classic {
		return nil, &SyntaxError{Reason: fmt.Sprintf("Unknown pattern dialect %d", d), Source: string(src)}
	}
	p := &Pattern{source: slices.Clone(src)}
	if lim.MaxChars > 0 && utf16Len(src) > lim.MaxChars {
		return nil, &SyntaxError{
			Reason: fmt.Sprintf("Event pattern is longer than %d characters", lim.MaxChars),
			Source: string(src),
		}
	}
	if err := p.parse(lim.MaxSubRules); err != nil {
		return nil, err
	}
	p.measure()
	if lim.WildcardComplexity > 0 && p.complexity > lim.WildcardComplexity {
		return nil, &SyntaxError{Reason: reasonTooComplex, Source: string(src)}
	}
	return p, nil
}

func utf16Len(b []byte) int {
	n := 0
	for _, r := range string(b) {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// Source returns the text of the pattern, byte for byte as it was given. The
// caller must not modify it.
func (p *Pattern) Source() []byte { return p.source }

// Paths returns the dotted paths that the pattern reads, sorted, each once.
func (p *Pattern) Paths() iter.Seq[string] {
	paths := make([]string, 0, len(p.paths.fields))
	for path := range p.paths.fields {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return slices.Values(paths)
}

// HasWildcard reports whether the pattern uses wildcard, also below
// anything-but. AWS allows 30 such rules per bus.
func (p *Pattern) HasWildcard() bool { return p.wildcard }

// Complexity returns AWS's measure of how much work the wildcards of the
// pattern can cause: 0 without wildcards, at most [MaxComplexity].
func (p *Pattern) Complexity() int { return p.complexity }
