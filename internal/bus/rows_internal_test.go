package bus

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzParseMeta(f *testing.F) {
	f.Add(meta{bus: "cinema", matched: 300, forwarded: true}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMeta(b)
		if err != nil {
			return
		}
		again, err := parseMeta(m.append(nil))
		if diff := cmp.Diff(m, again, cmp.AllowUnexported(meta{})); diff != "" || err != nil {
			t.Errorf("%v (-first +again)\n%s", err, diff)
		}
	})
}

func FuzzParseRefs(f *testing.F) {
	f.Add(appendRef(appendRef(nil, 1, 2), 3, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		refs, err := parseRefs(1, b)
		if err != nil || len(refs) == 0 {
			return
		}
		var again []byte
		for _, r := range refs {
			again = appendRef(again, r.Bus, r.Seq)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x is written as %x", b, again)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	f.Add(appendNumber(nil, 7))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := parseNumber(b); err == nil && !bytes.Equal(appendNumber(nil, n), b) {
			t.Errorf("%x is written as %x", b, appendNumber(nil, n))
		}
	})
}
