package schema

import (
	"regexp/syntax"
	"strings"
)

// matching returns texts that a regular expression matches, shortest repeats
// first; none if it is not legal. What a word boundary or an anchor in the
// middle asks for is not looked at, so a text may fail.
func matching(pattern string, length *int64) []string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	parsed = parsed.Simplify()
	var texts []string
	repeats := []int{1, 0, 2}
	if length != nil && *length < 1000 {
		repeats = append(repeats, int(*length))
	}
	for _, n := range repeats {
		var b strings.Builder
		write(&b, parsed, n)
		texts = append(texts, b.String())
	}
	return texts
}

const maxMatch = 10_000 // characters of a text that matches

func write(b *strings.Builder, r *syntax.Regexp, repeats int) {
	if b.Len() > maxMatch {
		return
	}
	switch r.Op {
	case syntax.OpLiteral:
		b.WriteString(string(r.Rune))
	case syntax.OpCharClass:
		b.WriteRune(pick(r.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpAlternate:
		write(b, r.Sub[0], repeats)
	case syntax.OpStar, syntax.OpQuest:
		n := repeats
		if r.Op == syntax.OpQuest {
			n = min(n, 1)
		}
		for range n {
			write(b, r.Sub[0], 1)
		}
	case syntax.OpPlus:
		for range max(repeats, 1) {
			write(b, r.Sub[0], 1)
		}
	default: // concatenation, capture; anchors have nothing below them
		for _, sub := range r.Sub {
			write(b, sub, repeats)
		}
	}
}

// pick is the most readable character of a class.
func pick(ranges []rune) rune {
	for _, wanted := range "aA1-_ " {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= wanted && wanted <= ranges[i+1] {
				return wanted
			}
		}
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1] > ' ' {
			return max(ranges[i], '!')
		}
	}
	if len(ranges) > 0 {
		return ranges[0]
	}
	return 'x'
}
