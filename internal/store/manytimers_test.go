package store_test

import (
	"errors"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// TestManyTimers sets many timers (a million in the long form), restarts, and
// lets half of them come due: each fires once, in the order of their times, none
// early; what is in memory is what is stored, at every point.
func TestManyTimers(t *testing.T) {
	t.Parallel()
	n := 5_000
	if *longFlag {
		n = 1_000_000
	}
	files := storetest.NewFS()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, files.Use, virtual(vc))
	rng := random(t)
	for from := 0; from < n; from += 5_000 {
		update(t, s, func(tx store.Tx) {
			for i := from; i < from+5_000; i++ {
				due := start.Add(time.Minute + time.Duration(rng.IntN(1000))*time.Second)
				tx.Timer("k", store.AppendUint32(nil, uint32(i)), due, nil)
			}
		})
	}
	checkTimers(t, s, n)
	if err := errors.Join(store.Flush(s), s.Close()); err != nil {
		t.Fatal(err)
	}
	began := clock.Real().Now()
	s = storetest.OpenAny(t, files.Use, virtual(vc))
	update(t, s, func(tx store.Tx) { set(tx, "ready", "1") })
	t.Logf("%d pending timers: open and first Update in %s", n, clock.Real().Now().Sub(began))
	checkTimers(t, s, n)

	fired := map[uint32]bool{}
	var last time.Time
	done := make(chan struct{})
	half := start.Add(time.Minute + 500*time.Second)
	wanted := 0
	view(t, s, func(v store.View) {
		for range v.Scan([]byte("tm/"), store.AppendTime([]byte("tm/"), half.Add(time.Millisecond))) {
			wanted++
		}
	})
	s.OnTimer("k", func(tx store.Tx, f store.Fired) error {
		id, _, _ := store.ReadUint32(f.ID)
		tx.OnApply(func() {
			if fired[id] || f.Due.Before(last) || tx.Now().Before(f.Due) || f.Due.After(half) {
				t.Errorf("timer %d, due %s, fired at %s after one of %s, again: %v", id, f.Due, tx.Now(), last, fired[id])
			}
			fired[id], last = true, f.Due
			if len(fired) == wanted {
				close(done)
			}
		})
		return nil
	})
	vc.BlockUntil(1)
	vc.Set(half)
	<-done
	checkTimers(t, s, n-wanted)
}

// checkTimers expects n pending timers, and the heads to be what is stored.
func checkTimers(t *testing.T, s *store.Store, n int) {
	t.Helper()
	update(t, s, func(tx store.Tx) {
		for range tx.Head([]byte("tm/")) {
			break // loads the head if it is not
		}
		if err := store.CheckHeads(tx); err != nil {
			t.Error(err)
		}
	})
	got := 0
	view(t, s, func(v store.View) {
		for range v.Scan([]byte("tm/"), []byte("tm0")) {
			got++
		}
		for range v.Scan([]byte("tmx/"), []byte("tmx0")) {
			got++
		}
	})
	if got != 2*n {
		t.Errorf("%d rows of timers, want %d", got, 2*n)
	}
}
