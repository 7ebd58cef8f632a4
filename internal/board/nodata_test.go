package board

import (
	"strings"
	"testing"
)

// TestNoData: that an event has no fields is something else than that nobody has
// said yet which it has, and every way to write a board keeps the difference.
func TestNoData(t *testing.T) {
	t.Parallel()
	without, with := mustParse(t, "a", []byte("events: {E: {v: 1}}\n")), mustParse(t, "b", []byte("events: {E: {v: 1, data: {}}}\n"))
	put := apply(t, without, []Edit{{Op: Put, Section: "events", Key: "E", Field: "data", Value: []byte("{}")}})
	merged, conflicts := Merge(without, with, without)
	if len(conflicts) > 0 {
		t.Fatal(conflicts)
	}
	for name, tt := range map[string]struct {
		file *File
		want bool
	}{
		"without":           {without, false},
		"with":              {with, true},
		"formatted":         {mustParse(t, "c", with.Format()), true},
		"formatted without": {mustParse(t, "c", without.Format()), false},
		"put":               {put, true},
		"deleted":           {apply(t, with, []Edit{{Op: Delete, Section: "events", Key: "E", Field: "data"}}), false},
		"diff":              {apply(t, without, Diff(without, with)), true},
		"diff back":         {apply(t, with, Diff(with, without)), false},
		"merged":            {mustParse(t, "d", merged), true},
	} {
		text := string(tt.file.Format())
		if got := tt.file.Board().Events["E"].HasSchema(); got != tt.want || strings.Contains(text, "data: {}") != tt.want {
			t.Errorf("%s: has a schema: %v, want %v, in\n%s", name, got, tt.want, text)
		}
	}
}
