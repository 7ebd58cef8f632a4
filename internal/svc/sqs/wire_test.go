package sqs

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/wire"
	"stormbus/internal/wire/wiretest"
)

func TestWire(t *testing.T) {
	wiretest.RunEach(t, wireServer(func(*Config) {}), "testdata/*.txtar")
}

// TestWireStrict is TestWire for a server that is as strict as AWS.
func TestWireStrict(t *testing.T) {
	wiretest.RunEach(t, wireServer(func(c *Config) { c.Strict = true }), "testdata/strict/*.txtar")
}

// wireServer makes servers for transcripts.
func wireServer(change func(*Config)) func(tb testing.TB) http.Handler {
	return func(tb testing.TB) http.Handler {
		clock := clock.NewVirtual(start)
		st := storetest.Open(tb, func(o *store.Options) { o.Clock, o.Heads, o.MinFree = clock, []string{Heads}, -1 })
		c := Config{Store: st, Lineage: lineage.New(lineage.Config{Store: st}), Clock: clock, Random: rand.NewChaCha8([32]byte{}), Logger: slog.New(slog.DiscardHandler)}
		change(&c)
		s := New(c)
		if err := s.Start(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(s.Close)
		return wire.NewServer(wire.Config{Services: []wire.Service{{Model: shape.Model, Operations: s.Operations()}}})
	}
}
