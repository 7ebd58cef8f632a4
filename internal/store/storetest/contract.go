package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

// Factory makes an empty directory and returns a function that opens it. Run
// closes what it opened before it opens the directory again.
type Factory func(tb testing.TB) func(o store.Options) (Store, error)

// Run tests that what factory makes keeps the contract of package store, as
// far as it can be seen without breaking a disk.
func Run(t *testing.T, factory Factory) {
	for _, group := range []map[string]func(*testing.T, *bench){
		updateContract(), readContract(), orderContract(), timerContract(), watchContract(), blobContract(), randomContract(),
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := &bench{t: t, clock: clock.NewVirtual(began), dir: factory(t)}
				b.open()
				test(t, b)
				b.close()
			})
		}
	}
}

// began is where the clocks of the contract begin.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// retention is that of the stores of the contract.
const retention = 20

// bench holds the store under test.
type bench struct {
	t     *testing.T
	clock *clock.Virtual
	dir   func(o store.Options) (Store, error)
	s     Store
}

func (b *bench) open() {
	b.t.Helper()
	s, err := b.dir(store.Options{Clock: b.clock, Partitions: 2, Heads: []string{"q/#/"}, Retention: retention, MinFree: -1})
	if err != nil {
		b.t.Fatalf("open: %v", err)
	}
	b.s = s
}

func (b *bench) close() {
	b.t.Helper()
	if err := b.s.Close(); err != nil {
		b.t.Fatalf("Close = %v, want nil", err)
	}
}

// reopen closes the store and opens its directory again.
func (b *bench) reopen() {
	b.t.Helper()
	b.close()
	b.open()
}

// update runs fn on partition 1 and expects success.
func (b *bench) update(fn func(tx store.Tx)) {
	b.t.Helper()
	if err := b.try(fn); err != nil {
		b.t.Fatalf("Update = %v, want nil", err)
	}
}

// try runs fn on partition 1.
func (b *bench) try(fn func(tx store.Tx)) error {
	return b.s.Update(context.Background(), 1, func(tx store.Tx) error {
		fn(tx)
		return nil
	})
}

// view runs fn on a picture of partition 1.
func (b *bench) view(fn func(v store.View)) {
	b.t.Helper()
	err := b.s.View(context.Background(), 1, func(v store.View) error {
		fn(v)
		return nil
	})
	if err != nil {
		b.t.Fatalf("View = %v, want nil", err)
	}
}

func set(tx store.Tx, k, v string) { tx.Set([]byte(k), []byte(v)) }

func get(v store.View, k string) string {
	value, ok := v.Get([]byte(k))
	if !ok {
		return "-"
	}
	return string(value)
}

// rows returns what v holds under prefix as "key=value".
func rows(v store.View, prefix string) []string {
	var out []string
	for k, value := range v.Scan([]byte(prefix), store.PrefixEnd([]byte(prefix))) {
		out = append(out, fmt.Sprintf("%s=%s", k, value))
	}
	return out
}
