package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"stormbus/internal/store"
)

func updateContract() map[string]func(*testing.T, *bench) {
	tests := map[string]func(*testing.T, *bench){
		"update/hooks":     testHooks,
		"update/cancelled": testCancelled,
		"update/close":     testClose,
		"update/ids":       testIDs,
		"update/neighbour": testFailingNeighbours,
	}
	for name, f := range failingClosures() {
		tests["update/fails/"+name] = f.test
	}
	return tests
}

var errOurs = errors.New("ours")

// failing is a closure that must leave nothing behind, and its error.
type failing struct {
	fn   func(tx store.Tx) error
	want error  // nil: any
	text string // part of the error
}

func failingClosures() map[string]failing {
	return map[string]failing{
		"before writing":       {func(store.Tx) error { return errOurs }, errOurs, "ours"},
		"after writing":        {func(tx store.Tx) error { set(tx, "a", "2"); set(tx, "b", "2"); return errOurs }, errOurs, "ours"},
		"panic":                {func(tx store.Tx) error { set(tx, "a", "2"); panic("boom") }, nil, "boom"},
		"end of goroutine":     {func(tx store.Tx) error { set(tx, "a", "2"); runtime.Goexit(); return nil }, nil, "goroutine"},
		"own row":              {func(tx store.Tx) error { set(tx, "m/state", "x"); return nil }, nil, "belongs to the store"},
		"delete own row":       {func(tx store.Tx) error { tx.Delete([]byte("tmx/a")); return nil }, nil, "belongs to the store"},
		"range over own rows":  {func(tx store.Tx) error { tx.DeleteRange([]byte("a"), []byte("z")); return nil }, nil, "of the store"},
		"range without end":    {func(tx store.Tx) error { tx.DeleteRange([]byte("x"), nil); return nil }, nil, "of the store"},
		"ids elsewhere":        {func(tx store.Tx) error { store.NextID(tx, "x"); return nil }, nil, "partition 1"},
		"unref without ref":    {func(tx store.Tx) error { tx.Unref(store.Digest{}); return nil }, nil, "Unref"},
		"timer, emit and undo": {func(tx store.Tx) error { tx.Timer("k", nil, began, nil); tx.Emit("t", nil); return errOurs }, errOurs, "ours"},
		"too large": {func(tx store.Tx) error {
			for range 65 {
				tx.Set([]byte("a"), make([]byte, 1<<20))
			}
			return nil
		}, store.ErrTooLarge, "too large"},
	}
}

func (f failing) test(t *testing.T, b *bench) {
	b.update(func(tx store.Tx) { set(tx, "a", "1") })
	ran := 0
	err := b.s.Update(t.Context(), 1, func(tx store.Tx) error {
		tx.OnApply(func() { ran++ })
		tx.OnDurable(func() { ran++ })
		return f.fn(tx)
	})
	if err == nil || !strings.Contains(err.Error(), f.text) || f.want != nil && !errors.Is(err, f.want) {
		t.Fatalf("Update = %v, want %v %q", err, f.want, f.text)
	}
	b.view(func(v store.View) {
		if get(v, "a") != "1" || get(v, "b") != "-" || v.Seq() != 1 || ran != 0 {
			t.Errorf("after a failure: a=%s b=%s, seq %d, %d hooks, want a=1 b=-, seq 1, none", get(v, "a"), get(v, "b"), v.Seq(), ran)
		}
		for _, prefix := range []string{"tm", "ch/"} {
			if left := rows(v, prefix); len(left) > 0 {
				t.Errorf("after a failure: %q", left)
			}
		}
	})
	b.update(func(tx store.Tx) { set(tx, "a", "3") }) // the partition goes on
}

// testFailingNeighbours runs closures of which every third fails beside each
// other: each leaves all or nothing.
func testFailingNeighbours(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	for i := range 90 {
		wg.Go(func() {
			err := b.s.Update(context.Background(), 1, func(tx store.Tx) error {
				set(tx, fmt.Sprintf("k/%02d", i), "1")
				switch i % 3 {
				case 1:
					return errOurs
				case 2:
					panic("ours")
				}
				return nil
			})
			if (err == nil) != (i%3 == 0) {
				t.Errorf("Update %d = %v", i, err)
			}
		})
	}
	wg.Wait()
	b.view(func(v store.View) {
		if got := rows(v, "k/"); len(got) != 30 || v.Seq() != 30 {
			t.Errorf("%d rows at seq %d, want 30 at 30: %q", len(got), v.Seq(), got)
		}
	})
}

func testHooks(t *testing.T, b *bench) {
	var order []string
	b.update(func(tx store.Tx) {
		tx.OnDurable(func() { order = append(order, "durable") })
		tx.OnApply(func() { order = append(order, "apply") })
		set(tx, "a", "1")
		order = append(order, "closure")
	})
	if got := strings.Join(order, " "); got != "closure apply durable" {
		t.Errorf("hooks ran as %q", got)
	}
	b.update(func(tx store.Tx) { set(tx, "a", "2"); tx.OnDurable(func() { panic("hook") }) })
	b.view(func(v store.View) {
		if get(v, "a") != "2" {
			t.Error("an Update whose hook panicked is not there")
		}
	})
}

func testCancelled(t *testing.T, b *bench) {
	running, release := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- b.s.Update(ctx, 1, func(tx store.Tx) error {
			close(running)
			<-release
			set(tx, "first", "1")
			return nil
		})
	}()
	<-running
	queued, drop := context.WithCancel(t.Context())
	go func() {
		second <- b.s.Update(queued, 1, func(tx store.Tx) error { set(tx, "second", "1"); return nil })
	}()
	drop()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("an Update cancelled in the queue = %v, want %v", err, context.Canceled)
	}
	cancel() // the first has started: it is waited for
	close(release)
	if err := <-first; err != nil {
		t.Errorf("an Update cancelled while it ran = %v, want nil", err)
	}
	b.view(func(v store.View) {
		if got := get(v, "first") + get(v, "second"); got != "1-" {
			t.Errorf("first and second = %s, want 1-", got)
		}
	})
	if err := b.s.View(ctx, 1, func(store.View) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("View with an ended context = %v, want %v", err, context.Canceled)
	}
}

func testClose(t *testing.T, b *bench) {
	if err := b.s.Update(t.Context(), 99, func(store.Tx) error { return nil }); err == nil {
		t.Error("Update of a partition that does not exist succeeded")
	}
	acked := make(chan int)
	for range 8 {
		go func() {
			for n := 0; ; n++ {
				err := b.try(func(tx store.Tx) { set(tx, fmt.Sprintf("k/%04d", tx.Seq()), "1") })
				if err != nil {
					if !errors.Is(err, store.ErrClosed) {
						t.Errorf("Update = %v, want nil or ErrClosed", err)
					}
					acked <- n
					return
				}
			}
		}()
	}
	for len(rowsOf(b, "k/")) < 20 {
		runtime.Gosched()
	}
	b.close()
	total := 0
	for range 8 {
		total += <-acked
	}
	_, _, putErr := b.s.Blobs().Put(t.Context(), strings.NewReader("x"))
	for name, err := range map[string]error{
		"View":   b.s.View(t.Context(), 1, func(store.View) error { return nil }),
		"Update": b.try(func(store.Tx) {}),
		"Put":    putErr,
		"Watch":  firstError(b.s, 0),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s of a closed store = %v, want ErrClosed", name, err)
		}
	}
	b.close() // once more is fine
	b.open()
	if got := len(rowsOf(b, "k/")); got != total {
		t.Errorf("%d rows after reopening, %d Updates were acknowledged", got, total)
	}
}

func rowsOf(b *bench, prefix string) (out []string) {
	b.view(func(v store.View) { out = rows(v, prefix) })
	return out
}

func testIDs(t *testing.T, b *bench) {
	for want := uint32(1); want < 4; want++ {
		var bus, queue uint32
		err := b.s.Update(t.Context(), store.Meta, func(tx store.Tx) error {
			bus, queue = store.NextID(tx, "bus"), store.NextID(tx, "queue")
			return nil
		})
		if err != nil || bus != want || queue != want {
			t.Errorf("ids = %d, %d, %v, want %d", bus, queue, err, want)
		}
		b.reopen()
	}
	// Once: the result is kept for its time, and no longer.
	runs := 0
	once := func() (result string, first bool) {
		b.update(func(tx store.Tx) {
			r, f, err := store.Once(tx, []byte("key"), time.Minute, func() ([]byte, error) {
				runs++
				return fmt.Append(nil, runs), nil
			})
			if err != nil {
				t.Errorf("Once = %v", err)
			}
			result, first = string(r), f
		})
		return result, first
	}
	for i, want := range []string{"1 true", "1 false", "2 true"} {
		if i == 2 {
			b.clock.Advance(time.Minute)
		}
		if r, f := once(); fmt.Sprint(r, " ", f) != want {
			t.Errorf("Once = %s %v, want %s", r, f, want)
		}
	}
}
