package pattern

import (
	"testing"

	"stormbus/internal/pattern/patterntest"
)

// TestLeap holds that leap ends where skip ends, at every offset in a word.
func TestLeap(t *testing.T) {
	t.Parallel()
	random := patterntest.NewRandom(5)
	events := []string{
		`{}`, `[]`, `{"a":"}"}`, `["\\",{"b":"\""}]`, `{"a":"\\\\\\\"]"}`, `[[[[[[[[[[[]]]]]]]]]]]`, `{"a":"{{{{{{{{{{{{{{"}`,
		`{"é":"ÿ]","b":[1,2,{"c":"[[[[["}]}`,
	}
	for range 2000 {
		events = append(events, random.Event())
	}
	const before, behind = `        `, `]}],"x":{"y":[]}}`
	for i, e := range events {
		for offset := range 8 {
			text := []byte(before[:offset] + e + behind)
			var slow, quick sweep
			slow.data, slow.pos = text, offset
			quick.data, quick.pos = text, offset
			if err := slow.skip(); err != nil {
				t.Fatalf("skip(%s) = %v", e, err)
			}
			if err := quick.leap(); err != nil || quick.pos != slow.pos {
				t.Fatalf("event %d, offset %d: leap(%s) = %v and stands at %d, want %d", i, offset, e, err, quick.pos, slow.pos)
			}
		}
	}
	open := sweep{scanner: scanner{data: []byte(`{"a":[{"b":"}"`)}}
	if err := open.leap(); err == nil {
		t.Error("leap over an object without an end: no error")
	}
}
