package sqs

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"

	"stormbus/internal/clock"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/wire"
	"stormbus/internal/wire/wiretest"
)

func TestWire(t *testing.T) {
	wiretest.RunEach(t, func(tb testing.TB) http.Handler {
		c := clock.NewVirtual(start)
		st := storetest.Open(tb, func(o *store.Options) { o.Clock, o.Heads, o.MinFree = c, []string{Heads}, -1 })
		s := New(Config{Store: st, Clock: c, Random: rand.NewChaCha8([32]byte{}), Logger: slog.New(slog.DiscardHandler)})
		if err := s.Start(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(s.Close)
		return wire.NewServer(wire.Config{Services: []wire.Service{{Model: shape.Model, Operations: s.Operations()}}})
	}, "testdata/*.txtar")
}
