package storetest

import (
	"testing"

	"stormbus/internal/store"
)

// TestListed proves that the check of every store sees what it must see.
func TestListed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p    store.Part
		k    string
		want bool
	}{
		{1, "ev/\x00\x00\x00\x01/x", true},
		{2, "dlm/seq", true},
		{store.Meta, "eb/b/default", true},
		{3, "once/x", true},
		{store.Meta, "m/layout", true},
		{store.Meta, "ev/\x00\x00\x00\x01/x", false},
		{1, "eb/b/default", false},
		{1, "ev/\x00\x00\x00", false},
		{1, "new/", false},
		{1, "", false},
	} {
		if got := listed(tt.p, []byte(tt.k)); got != tt.want {
			t.Errorf("listed(%d, %q) = %v, want %v", tt.p, tt.k, got, tt.want)
		}
	}
}
