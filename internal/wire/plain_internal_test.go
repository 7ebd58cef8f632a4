package wire

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// Strings are read and written eight bytes at a time; what is special may stand
// at any place of the eight.
func TestStringsAtAnyPlace(t *testing.T) {
	t.Parallel()
	specials := []string{"\"", "\\", "\n", "\x00", "\x1f", "\x7f", "ä", "世", "😀", "\xff", "\xc3", " ", "!"}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var s strings.Builder
		for range rnd.IntN(4) {
			for range rnd.IntN(12) {
				s.WriteString(string(rune('a' + rnd.IntN(26))))
			}
			s.WriteString(specials[rnd.IntN(len(specials))])
		}
		encoded := appendString(nil, s.String())
		var got string
		if err := json.Unmarshal(encoded, &got); err != nil || got != toValid(s.String()) {
			t.Fatalf("appendString(%q) = %s, which is %q, %v", s.String(), encoded, got, err)
		}
		r := &jsonReader{data: encoded}
		text, err := r.text()
		if err != nil || string(text) != got || r.pos != len(encoded) {
			t.Fatalf("text of %s = %q, %v at %d, want %q", encoded, text, err, r.pos, got)
		}
	}
}

// toValid replaces each byte that is not UTF-8.
func toValid(s string) string {
	var b []byte
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		b = utf8.AppendRune(b, r)
		i += size
	}
	return string(b)
}

func TestControlCharactersAtAnyPlace(t *testing.T) {
	t.Parallel()
	for c := range byte(' ') {
		for before := range 20 {
			text := append([]byte{'"'}, make([]byte, 24)...)
			for i := range text[1:] {
				text[1+i] = 'x'
			}
			text[1+before] = c
			r := &jsonReader{data: append(text, '"')}
			if got, err := r.text(); err == nil || r.pos != 1+before {
				t.Fatalf("text of %q = %q, %v at %d, want an error at %d", r.data, got, err, r.pos, 1+before)
			}
		}
	}
}
