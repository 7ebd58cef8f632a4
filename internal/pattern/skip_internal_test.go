package pattern

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// TestSkipDeep compares skip with package json on deep documents of objects and
// arrays, and on such with one byte changed: what is open is kept for 64 levels
// at a time.
func TestSkipDeep(t *testing.T) {
	t.Parallel()
	const seed = 9
	rnd := rand.New(rand.NewPCG(seed, seed))
	valid := 0
	for range 3000 {
		text := deep(rnd, 1+rnd.IntN(300))
		if rnd.IntN(2) == 0 {
			const bytes = "{}[],:\"\\1 \n"
			text[rnd.IntN(len(text))] = bytes[rnd.IntN(len(bytes))]
		}
		var s sweep
		s.data = text
		s.marks = s.marks.mark(text)
		s.space()
		err := s.skip()
		s.space()
		got, want := err == nil && s.pos == len(text), json.Valid(text)
		if got != want {
			t.Fatalf("seed %d: skip(%s) = %v and stands at %d; valid: %v", seed, text, err, s.pos, want)
		}
		if want {
			valid++
		}
	}
	if valid < 1000 {
		t.Errorf("only %d documents are valid", valid)
	}
}

// deep returns a document of so many levels.
func deep(rnd *rand.Rand, levels int) []byte {
	if levels == 0 {
		return []byte([]string{`1`, `-0.5e3`, `"a\n"`, `"b"`, `null`, `{}`, `[ ]`, `true`}[rnd.IntN(8)])
	}
	below := deep(rnd, levels-1)
	space := []string{"", "", " ", "\n\t"}[rnd.IntN(4)]
	switch rnd.IntN(4) {
	case 0:
		return append(append([]byte(`{"a":`+space), below...), '}')
	case 1:
		return append(append([]byte(`{"a":2,`+space+`"b\"":`), below...), `,"c":"]"}`...)
	case 2:
		return append(append([]byte(`[`+space), below...), ']')
	}
	return append(append([]byte(`[1,`), below...), space+`,{"d":[2]}]`...)
}
