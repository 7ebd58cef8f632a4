package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stormbus/internal/store"
)

func orderContract() map[string]func(*testing.T, *bench) {
	return map[string]func(*testing.T, *bench){
		"order/serial":        testSerial,
		"order/seq and time":  testSeqAndTime,
		"order/durable hooks": testHookOrder,
	}
}

// testSerial reads and writes a counter from many goroutines.
func testSerial(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 25 {
				var mine string
				if err := b.try(func(tx store.Tx) {
					mine = get(tx, "n") + "+"
					set(tx, "n", mine)
				}); err != nil {
					t.Errorf("Update = %v", err)
				}
				b.view(func(v store.View) {
					if got := get(v, "n"); len(got) < len(mine) {
						t.Errorf("View shows %d, but %d had returned", len(got), len(mine))
					}
				})
			}
		})
	}
	wg.Wait()
	b.view(func(v store.View) {
		if got := len(get(v, "n")) - len("-"); got != 400 || v.Seq() != 400 {
			t.Errorf("counted %d at seq %d, want 400", got, v.Seq())
		}
	})
}

// testSeqAndTime moves the clock about and restarts: Seq has no gap and time
// does not go back.
func testSeqAndTime(t *testing.T, b *bench) {
	var last time.Time
	var seq store.Seq
	for _, jump := range []time.Duration{0, -time.Hour, 25 * time.Hour, -48 * time.Hour} {
		b.clock.Advance(jump)
		for i := range 10 {
			b.update(func(tx store.Tx) {
				if !tx.Now().After(last) {
					t.Errorf("after %s: Now = %s, want later than %s", jump, tx.Now(), last)
				}
				if tx.Seq() != seq {
					t.Errorf("Seq = %d, want %d", tx.Seq(), seq)
				}
				if i%3 > 0 { // a third writes nothing, and takes no number
					set(tx, "a", "x")
					seq, last = seq+1, tx.Now()
				}
			})
		}
		b.reopen()
		b.view(func(v store.View) {
			if v.Seq() != seq || v.Now().Before(last) {
				t.Errorf("View: seq %d at %s, want %d not before %s", v.Seq(), v.Now(), seq, last)
			}
		})
	}
}

func testHookOrder(t *testing.T, b *bench) {
	var mu sync.Mutex
	var order []store.Seq
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			var mine store.Seq
			err := b.s.Update(context.Background(), 1, func(tx store.Tx) error {
				set(tx, "a", fmt.Sprint(tx.Seq()))
				seq := tx.Seq() + 1
				mine = seq
				tx.OnDurable(func() {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, seq)
				})
				return nil
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil || !slices.Contains(order, mine) {
				t.Errorf("Update %d returned before its hook ran: %v", mine, err)
			}
		})
	}
	wg.Wait()
	if !slices.IsSorted(order) || len(order) != 100 {
		t.Errorf("hooks ran as %v, want all in order", order)
	}
}
