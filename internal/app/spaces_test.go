package app_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"stormbus/internal/app"
)

// TestSpacesAreDocumented holds the list of spaces and the page about them
// together.
func TestSpacesAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/storage-format.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(page), -1) {
		documented = append(documented, m[1])
	}
	for _, s := range app.Spaces() {
		found := false
		for _, d := range documented {
			found = found || strings.Contains(d, "/") && strings.HasPrefix(s.Prefix, d) || d == s.Prefix
		}
		if !found {
			t.Errorf("docs/storage-format.md does not list %s", s.Prefix)
		}
	}
}
