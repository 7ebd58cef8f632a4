package store_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"stormbus/internal/store"
)

// A queue in one index: the rows are ordered by the time from which on they
// may be taken, and taking one moves it behind its visibility timeout.
func Example() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := store.Open(dir, store.Options{Heads: []string{"q/####/r/"}})
	if err != nil {
		panic(err)
	}
	ready := append(store.AppendUint32([]byte("q/"), 1), "/r/"...)

	send := func(tx store.Tx) error {
		key := store.AppendTime(ready[:len(ready):len(ready)], tx.Now())
		tx.Set(store.AppendUint64(key, uint64(tx.Seq())), []byte("hello"))
		tx.OnDurable(func() { fmt.Println("stored") })
		return nil
	}
	var got string
	receive := func(tx store.Tx) error {
		for k, v := range tx.Head(ready) {
			visible, seq, ok := store.ReadTime(k[len(ready):])
			if !ok || visible.After(tx.Now()) {
				break
			}
			got = string(v)
			tx.Delete(k)
			key := store.AppendTime(ready[:len(ready):len(ready)], tx.Now().Add(30*time.Second))
			tx.Set(append(key, seq...), v)
			break
		}
		return nil
	}
	ctx := context.Background()
	for _, fn := range []func(tx store.Tx) error{send, receive} {
		if err := s.Update(ctx, 1, fn); err != nil {
			panic(err)
		}
	}
	fmt.Println("received", got)
	if err := s.Close(); err != nil {
		panic(err)
	}
	// Output:
	// stored
	// received hello
}
