// Package storetest makes stores for tests.
package storetest

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/store"
)

// Open returns an empty store in memory. It is closed when the test ends.
func Open(tb testing.TB, opts ...func(*store.Options)) *store.Store {
	tb.Helper()
	o := store.Options{FS: vfs.NewMem()}
	for _, opt := range opts {
		opt(&o)
	}
	s, err := store.Open("data", o)
	if err != nil {
		tb.Fatalf("open store: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close store: %v", err)
		}
	})
	return s
}
