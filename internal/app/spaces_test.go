package app_test

import (
	"slices"
	"strings"
	"testing"

	"stormbus/internal/app"
	"stormbus/internal/store/storetest"
)

// TestSpaces holds the list that a store is verified with and the list of the
// page about storage together: each of their prefixes is below, or above, one of
// the other.
func TestSpaces(t *testing.T) {
	t.Parallel()
	var verified, documented []string
	for _, s := range app.Spaces() {
		verified = append(verified, s.Prefix)
	}
	for _, s := range storetest.KeySpaces() {
		if s.Owner != "store" {
			documented = append(documented, s.Prefix)
		}
	}
	for _, tt := range []struct {
		name string
		a, b []string
	}{{"docs/storage-format.md", verified, documented}, {"app.Spaces", documented, verified}} {
		for _, prefix := range tt.a {
			if !slices.ContainsFunc(tt.b, func(other string) bool { return strings.HasPrefix(prefix, other) || strings.HasPrefix(other, prefix) }) {
				t.Errorf("%s does not list rows with the prefix %q", tt.name, prefix)
			}
		}
	}
}
