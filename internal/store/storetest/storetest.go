// Package storetest makes stores for tests: in memory, with power cuts and
// with failing disks.
package storetest

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/store"
)

// Open returns a store in memory, empty unless opts name an [FS] that has been
// used before. It is closed when the test ends, if the test has not done so;
// a store that has halted may be closed too.
func Open(tb testing.TB, opts ...func(*store.Options)) *store.Store {
	tb.Helper()
	o := store.Options{FS: vfs.NewMem()}
	for _, opt := range opts {
		opt(&o)
	}
	s, err := store.Open(Dir, o)
	if err != nil {
		tb.Fatalf("open store: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrHalted) {
			tb.Errorf("close store: %v", err)
		}
	})
	return s
}

// Dir is the directory of the stores that Open opens.
const Dir = "/data"
