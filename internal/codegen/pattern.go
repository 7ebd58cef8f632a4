package codegen

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// pythonPattern is a regular expression of Go in Python's spelling. Both agree
// on nearly everything, but not on what $ and \d mean, on \z and on classes by
// name: so it is written anew from its parts.
func pythonPattern(pattern string) (string, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	writePattern(&b, parsed)
	return b.String(), nil
}

// simplePatterns are the parts that stand for themselves.
var simplePatterns = map[syntax.Op]string{
	syntax.OpNoMatch:        "(?!)",
	syntax.OpEmptyMatch:     "(?:)",
	syntax.OpAnyCharNotNL:   `[^\n]`,
	syntax.OpAnyChar:        `[\s\S]`,
	syntax.OpBeginLine:      `(?m:^)`,
	syntax.OpEndLine:        `(?m:$)`,
	syntax.OpBeginText:      `\A`,
	syntax.OpEndText:        `\Z`,
	syntax.OpWordBoundary:   `(?a:\b)`,
	syntax.OpNoWordBoundary: `(?a:\B)`,
}

func writePattern(b *strings.Builder, r *syntax.Regexp) {
	if simple, ok := simplePatterns[r.Op]; ok {
		b.WriteString(simple)
		return
	}
	switch r.Op {
	case syntax.OpLiteral:
		writeLiteral(b, r)
	case syntax.OpCharClass:
		writeClass(b, r.Rune)
	case syntax.OpCapture:
		writeGroup(b, "", r.Sub[0], "")
	case syntax.OpStar:
		writeGroup(b, "*", r.Sub[0], lazy(r))
	case syntax.OpPlus:
		writeGroup(b, "+", r.Sub[0], lazy(r))
	case syntax.OpQuest:
		writeGroup(b, "?", r.Sub[0], lazy(r))
	case syntax.OpRepeat:
		most := ""
		if r.Max >= 0 {
			most = fmt.Sprint(r.Max)
		}
		writeGroup(b, fmt.Sprintf("{%d,%s}", r.Min, most), r.Sub[0], lazy(r))
	case syntax.OpAlternate:
		b.WriteString("(?:")
		for i, sub := range r.Sub {
			if i > 0 {
				b.WriteByte('|')
			}
			writePattern(b, sub)
		}
		b.WriteByte(')')
	default:
		for _, sub := range r.Sub {
			writePattern(b, sub)
		}
	}
}

func lazy(r *syntax.Regexp) string {
	if r.Flags&syntax.NonGreedy != 0 {
		return "?"
	}
	return ""
}

func writeGroup(b *strings.Builder, repeat string, r *syntax.Regexp, lazy string) {
	b.WriteString("(?:")
	writePattern(b, r)
	b.WriteString(")" + repeat + lazy)
}

func writeLiteral(b *strings.Builder, r *syntax.Regexp) {
	if r.Flags&syntax.FoldCase != 0 {
		b.WriteString("(?i:")
		defer b.WriteByte(')')
	}
	for _, c := range r.Rune {
		writeChar(b, c)
	}
}

func writeClass(b *strings.Builder, ranges []rune) {
	b.WriteByte('[')
	for i := 0; i+1 < len(ranges); i += 2 {
		writeChar(b, ranges[i])
		if ranges[i+1] > ranges[i] {
			b.WriteByte('-')
			writeChar(b, ranges[i+1])
		}
	}
	b.WriteByte(']')
}

// writeChar writes one character, by its number unless it is a letter or digit.
func writeChar(b *strings.Builder, c rune) {
	switch {
	case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		b.WriteRune(c)
	case c > 0xffff:
		fmt.Fprintf(b, `\U%08x`, c)
	default:
		fmt.Fprintf(b, `\u%04x`, c)
	}
}
