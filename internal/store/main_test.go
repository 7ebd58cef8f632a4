package store_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the random tests; 0 takes a new one")
	longFlag = flag.Bool("long", false, "run the long form of the random tests")
)

// TestMain looks for goroutines that are left over. An engine that has given up,
// in Open or later, leaves the loops named here, and the call that waits for it;
// our own loops must end all the same.
func TestMain(m *testing.M) {
	const engine = "github.com/cockroachdb/pebble/v2"
	var ignored []goleak.Option
	for _, loop := range []string{
		engine + ".(*ConcurrencyLimitScheduler).periodicGranter",
		engine + ".(*cleanupManager).mainLoop",
		engine + "/record.(*LogWriter).flushLoop",
		engine + "/internal/genericcache.(*shard[...]).releaseLoop",
		engine + ".(*DB).flush",
		"stormbus/internal/store.(*Store).guard.func1",
	} {
		ignored = append(ignored, goleak.IgnoreAnyFunction(loop))
	}
	goleak.VerifyTestMain(m, ignored...)
}

// random returns a source of random numbers and prints how to repeat it.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(clock.Real().Now().UnixNano())
	}
	t.Logf("to repeat: go test -run '^%s$' ./internal/store -args -seed=%d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// start is where virtual clocks begin.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func virtual(c *clock.Virtual) func(*store.Options) {
	return func(o *store.Options) { o.Clock = c }
}

// update runs fn on partition 1.
func update(t testing.TB, s *store.Store, fn func(tx store.Tx)) {
	t.Helper()
	err := s.Update(context.Background(), 1, func(tx store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		t.Fatalf("Update = %v, want nil", err)
	}
}

// view runs fn on a picture of partition 1.
func view(t testing.TB, s *store.Store, fn func(v store.View)) {
	t.Helper()
	err := s.View(context.Background(), 1, func(v store.View) error {
		fn(v)
		return nil
	})
	if err != nil {
		t.Fatalf("View = %v, want nil", err)
	}
}

// rows returns what v holds under prefix as "key=value".
func rows(v store.View, prefix string) []string {
	var out []string
	for k, val := range v.Scan([]byte(prefix), store.PrefixEnd([]byte(prefix))) {
		out = append(out, fmt.Sprintf("%s=%s", k, val))
	}
	return out
}

func headRows(tx store.Tx, prefix string) []string {
	var out []string
	for k, val := range tx.Head([]byte(prefix)) {
		out = append(out, fmt.Sprintf("%s=%s", k, val))
	}
	return out
}

func set(tx store.Tx, k, v string) { tx.Set([]byte(k), []byte(v)) }

func get(v store.View, k string) string {
	b, ok := v.Get([]byte(k))
	if !ok {
		return "-"
	}
	return string(bytes.Clone(b))
}
