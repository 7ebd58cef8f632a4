// Package storetest makes stores for tests: in memory, with power cuts and
// with failing disks.
package storetest

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/store"
)

// Open returns a store in memory, empty unless opts name an [FS] that has been
// used before. It is closed when the test ends, if the test has not done so;
// a store that has halted may be closed too. It reserves no ballast. Rows that
// are not in [KeySpaces] fail the test.
func Open(tb testing.TB, opts ...func(*store.Options)) *store.Store {
	tb.Helper()
	s := OpenAny(tb, opts...)
	tb.Cleanup(func() { checkKeySpaces(tb, s) })
	return s
}

// OpenAny is Open for a test that writes rows of its own.
func OpenAny(tb testing.TB, opts ...func(*store.Options)) *store.Store {
	tb.Helper()
	o := store.Options{FS: vfs.NewMem(), Ballast: -1}
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

// Store is what the contract of [Run] is about: a *[store.Store], or whatever
// else keeps its promises. Callers declare the few methods that they use.
type Store interface {
	Update(ctx context.Context, p store.Part, fn func(tx store.Tx) error) error
	View(ctx context.Context, p store.Part, fn func(v store.View) error) error
	ViewStale(ctx context.Context, p store.Part, fn func(v store.View) error) error
	Watch(ctx context.Context, p store.Part, topic string, from store.Seq) iter.Seq2[store.Change, error]
	OnTimer(kind string, fn func(tx store.Tx, f store.Fired) error)
	Blobs() store.Blobs
	Parts() []store.Part
	Close() error
}

var _ Store = (*store.Store)(nil)

// OpenMemory returns an empty [MemoryStore]. It is closed when the test ends.
func OpenMemory(tb testing.TB, opts ...func(*store.Options)) *MemoryStore {
	tb.Helper()
	var o store.Options
	for _, opt := range opts {
		opt(&o)
	}
	s, err := NewMemory().Open(o)
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
