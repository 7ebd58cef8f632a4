package sqs

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/wire"
	"stormbus/internal/wire/wiretest"
)

func TestWire(t *testing.T) {
	wiretest.RunEach(t, wireServer(nil), "testdata/*.txtar")
}

// TestWireQuery is TestWire in the query protocol. testdata/query has what
// testdata has: the same requests in the other protocol.
func TestWireQuery(t *testing.T) {
	wiretest.RunEach(t, wireServer(nil), "testdata/query/*.txtar")
}

// TestWireStrict is TestWire for a server that is as strict as AWS.
func TestWireStrict(t *testing.T) {
	wiretest.RunEach(t, wireServer(nil, func(c *Config) { c.Strict = true }), "testdata/strict/*.txtar")
}

// TestWireFull is TestWire for a server whose disk is nearly full.
func TestWireFull(t *testing.T) {
	full := func(o *store.Options) { o.FS, o.MinFree = fullDisk{vfs.NewMem()}, 1 }
	wiretest.RunEach(t, wireServer(full), "testdata/full/*.txtar")
}

// fullDisk has no room left.
type fullDisk struct{ vfs.FS }

func (fullDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{TotalBytes: 1 << 40, UsedBytes: 1 << 40}, nil
}

// wireServer makes servers for transcripts.
func wireServer(options func(*store.Options), changes ...func(*Config)) func(tb testing.TB) http.Handler {
	return func(tb testing.TB) http.Handler {
		clock := clock.NewVirtual(start)
		st := storetest.Open(tb, func(o *store.Options) {
			o.Clock, o.Heads, o.MinFree = clock, []string{Heads}, -1
			if options != nil {
				options(o)
			}
		})
		c := Config{Store: st, Lineage: lineage.New(lineage.Config{Store: st}), Clock: clock, Random: rand.NewChaCha8([32]byte{}), Logger: slog.New(slog.DiscardHandler)}
		for _, change := range changes {
			change(&c)
		}
		s := New(c)
		if err := s.Start(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(s.Close)
		return wire.NewServer(wire.Config{Services: []wire.Service{{Model: shape.Model, Operations: s.Operations()}}})
	}
}
