package pattern

import "bytes"

// glob is wildcard: literal pieces with anything between them.
type glob struct {
	pieces [][]byte // n stars make n+1 pieces; the outer ones may be empty
}

// newGlob compiles a wildcard operand. If it is not one, it returns why and at
// which byte, counted from 1.
func newGlob(s string) (g *glob, pos int, reason string) {
	g = &glob{}
	piece := []byte{}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*':
			if i+1 < len(s) && s[i+1] == '*' {
				return nil, i + 1, "Consecutive wildcard characters"
			}
			g.pieces = append(g.pieces, piece)
			piece = []byte{}
		case '\\':
			if i+1 == len(s) || s[i+1] != '*' && s[i+1] != '\\' {
				return nil, i + 1, "Invalid escape character"
			}
			i++
			piece = append(piece, s[i])
		default:
			piece = append(piece, s[i])
		}
	}
	g.pieces = append(g.pieces, piece)
	return g, 0, ""
}

// holds looks for the inner pieces from left to right. Taking the first place
// where a piece fits is never wrong: it leaves most room for the rest.
func (g *glob) holds(v *value) bool {
	if v.kind != kindString {
		return false
	}
	last := len(g.pieces) - 1
	rest := v.text
	if last == 0 {
		return bytes.Equal(rest, g.pieces[0])
	}
	rest, ok := bytes.CutPrefix(rest, g.pieces[0])
	if !ok {
		return false
	}
	for _, p := range g.pieces[1:last] {
		i := bytes.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return bytes.HasSuffix(rest, g.pieces[last])
}
