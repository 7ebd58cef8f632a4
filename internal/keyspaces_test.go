package internal_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store/storetest"
)

// TestKeySpacesAreListed holds the table of prefixes in docs/storage-format.md
// and storetest.KeySpaces together. That no other prefix is in use is checked by
// every test that opens a store.
func TestKeySpacesAreListed(t *testing.T) {
	t.Parallel()
	page := readFile(t, "docs/storage-format.md")
	_, table, ok := strings.Cut(page, "| prefix | partition | owner | rows |\n")
	table, _, ok2 := strings.Cut(table, "\n\n")
	if !ok || !ok2 {
		t.Fatal("the page has no table of prefixes")
	}
	var documented []storetest.KeySpace
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			t.Errorf("a row of %d columns: %s", len(cells)-2, line)
			continue
		}
		for _, prefix := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
			documented = append(documented, storetest.KeySpace{
				Prefix: prefix[1], Where: strings.TrimSpace(cells[2]), Owner: strings.TrimSpace(cells[3]),
			})
		}
	}
	if diff := cmp.Diff(storetest.KeySpaces(), documented); diff != "" {
		t.Errorf("prefixes (-storetest.KeySpaces +docs/storage-format.md):\n%s", diff)
	}
}
