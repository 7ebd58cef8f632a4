package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// TestOneWriterPaysOneSync counts: an Update that has the store for itself waits
// for the disk once.
func TestOneWriterPaysOneSync(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	update(t, s, func(tx store.Tx) { set(tx, "a", "0") })
	before := files.LogSyncs()
	const n = 50
	for i := range n {
		update(t, s, func(tx store.Tx) { set(tx, "a", fmt.Sprint(i)); tx.Emit("topic", nil); tx.Timer("k", nil, start, nil) })
	}
	if got := files.LogSyncs() - before; got != n {
		t.Errorf("%d Updates, one after another, made %d syncs, want as many", n, got)
	}
	before = files.LogSyncs()
	for range n {
		update(t, s, func(tx store.Tx) { get(tx, "a") })
		view(t, s, func(v store.View) { get(v, "a") })
	}
	if got := files.LogSyncs() - before; got != 0 {
		t.Errorf("reading made %d syncs, want none", got)
	}
}

// TestNothingIsToldBeforeTheSync holds the disk while many callers write, fail
// and read: nobody is told anything until the sync is through, and then few syncs
// have done for all.
func TestNothingIsToldBeforeTheSync(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	update(t, s, func(tx store.Tx) { set(tx, "a", "0") })
	before := files.LogSyncs()
	held, release := files.HoldSyncs()

	var wg sync.WaitGroup
	var told atomic.Int32
	first := make(chan struct{})
	call := func(fn func(tx store.Tx) error, want error) {
		wg.Go(func() {
			err := s.Update(context.Background(), 1, fn)
			told.Add(1)
			if !errors.Is(err, want) {
				t.Errorf("Update = %v, want %v", err, want)
			}
		})
	}
	call(func(tx store.Tx) error {
		set(tx, "a", "1")
		tx.Emit("topic", nil)
		tx.OnDurable(func() { told.Add(1) })
		close(first)
		return nil
	}, nil)
	<-first
	<-held
	// These saw what is not durable yet, each in its way.
	seen := make(chan struct{}, 300)
	call(func(tx store.Tx) error {
		seen <- struct{}{}
		if get(tx, "a") == "1" {
			return errPlanned // such as a condition that does not hold
		}
		return nil
	}, errPlanned)
	call(func(tx store.Tx) error { seen <- struct{}{}; get(tx, "a"); return nil }, nil)
	<-seen
	<-seen
	wg.Go(func() {
		if err := s.View(context.Background(), 1, func(v store.View) error { get(v, "a"); seen <- struct{}{}; return nil }); err != nil {
			t.Errorf("View = %v", err)
		}
		told.Add(1)
	})
	wg.Go(func() {
		for range s.Watch(context.Background(), 1, "topic", 0) {
			told.Add(1)
			return
		}
	})
	<-seen
	var evaluated atomic.Int32
	for range 250 {
		call(func(tx store.Tx) error {
			evaluated.Add(1)
			tx.Set(fmt.Append(nil, "row/", tx.Seq()), []byte("1"))
			return nil
		}, nil)
	}
	for int(evaluated.Load())+store.QueueLength(s, 1) < 249 { // one may be between the two
		runtime.Gosched()
	}
	if n := told.Load(); n != 0 {
		t.Errorf("%d callers were told something before the sync", n)
	}
	release()
	wg.Wait()
	if n := told.Load(); n != 256 { // 253 Updates, a hook, a View, a Watch
		t.Errorf("%d answers, want 256", n)
	}
	if got := files.LogSyncs() - before; got > 15 {
		t.Errorf("253 Updates made %d syncs, want few", got)
	}
}
