package pattern

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// fold is equals-ignore-case, alone or below prefix and suffix. What is folded
// is the operand, not the value: each of its characters allows two spellings,
// its lower and its upper case. So "straße" allows "STRASSE", and "k" does not
// allow the Kelvin sign while the Kelvin sign allows "k".
type fold struct {
	chars []spellings
	where foldWhere
}

func newFold(s string, where foldWhere) test {
	f := &fold{where: where}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 { // a stray byte has no case
			f.chars = append(f.chars, spellings{[]byte{s[i]}, []byte{s[i]}})
		} else {
			f.chars = append(f.chars, spellings{lower(r), upper(r)})
		}
		i += n
	}
	return f
}

// holds walks the characters of the operand along the value, from its end for a
// suffix. Neither spelling of a character begins or ends with the other one, so
// there is never a choice.
func (f *fold) holds(v *value) bool {
	if v.kind != kindString {
		return false
	}
	rest := v.text
	for i := range f.chars {
		ok := false
		if f.where == foldSuffix {
			rest, ok = f.chars[len(f.chars)-1-i].cut(rest, bytes.CutSuffix)
		} else {
			rest, ok = f.chars[i].cut(rest, bytes.CutPrefix)
		}
		if !ok {
			return false
		}
	}
	return f.where != foldWhole || len(rest) == 0
}

// spellings are the lower and the upper case of one character; they are equal
// if it has no case.
type spellings struct{ lower, upper []byte }

func (s spellings) cut(b []byte, cut func(s, part []byte) ([]byte, bool)) ([]byte, bool) {
	if rest, ok := cut(b, s.lower); ok {
		return rest, true
	}
	return cut(b, s.upper)
}

// lower returns the full lower case of r, independent of language.
func lower(r rune) []byte {
	if r == 'İ' { // the only one whose lower case is two characters
		return []byte("i̇")
	}
	return utf8.AppendRune(nil, unicode.ToLower(r))
}

// upper returns the full upper case of r, independent of language.
func upper(r rune) []byte {
	if s, ok := longUpper(r); ok {
		return []byte(s)
	}
	return utf8.AppendRune(nil, unicode.ToUpper(r))
}
