package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

func TestUpdateOutcome(t *testing.T) {
	t.Parallel()
	ours := errors.New("ours")
	tests := []struct {
		name string
		fn   func(tx store.Tx) error
		want error  // nil: any error with text
		text string // part of the error; "" with no want: success
	}{
		{"success", func(tx store.Tx) error { set(tx, "a", "2"); return nil }, nil, ""},
		{"read only", func(tx store.Tx) error { get(tx, "a"); return nil }, nil, ""},
		{"own error before writing", func(store.Tx) error { return ours }, ours, "ours"},
		{"own error after writing", func(tx store.Tx) error { set(tx, "a", "2"); return ours }, ours, "ours"},
		{"panic", func(tx store.Tx) error { set(tx, "a", "2"); panic("boom") }, nil, "boom"},
		{"runtime panic", func(tx store.Tx) error { return []error{}[tx.Seq()] }, nil, "out of range"},
		{"end of goroutine", func(tx store.Tx) error { set(tx, "a", "2"); runtime.Goexit(); return nil }, nil, "goroutine"},
		{"row of the store", func(tx store.Tx) error { set(tx, "m/state", "x"); return nil }, nil, "belongs to the store"},
		{"delete a row of the store", func(tx store.Tx) error { tx.Delete([]byte("tmx/a")); return nil }, nil, "belongs to the store"},
		{"range over rows of the store", func(tx store.Tx) error { tx.DeleteRange([]byte("a"), []byte("z")); return nil }, nil, "of the store"},
		{"range without end", func(tx store.Tx) error { tx.DeleteRange([]byte("x"), nil); return nil }, nil, "of the store"},
		{"larger than the write buffers", func(tx store.Tx) error {
			for i := range 20 {
				tx.Set(fmt.Append(nil, "big", i), make([]byte, 1<<20))
			}
			return nil
		}, nil, ""},
		{"too large", func(tx store.Tx) error {
			for range 65 {
				tx.Set([]byte("a"), make([]byte, 1<<20))
			}
			return nil
		}, store.ErrTooLarge, "too large"},
		{"ids elsewhere", func(tx store.Tx) error { store.NextID(tx, "x"); return nil }, nil, "partition 1"},
		{"unref without ref", func(tx store.Tx) error { tx.Unref(store.Digest{}); return nil }, nil, "Unref"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := storetest.OpenAny(t)
			update(t, s, func(tx store.Tx) { set(tx, "a", "1") })
			hooks := 0
			err := s.Update(t.Context(), 1, func(tx store.Tx) error {
				tx.OnApply(func() { hooks++ })
				tx.OnDurable(func() { hooks++ })
				return tt.fn(tx)
			})
			if tt.text == "" {
				if err != nil || hooks != 2 {
					t.Fatalf("Update = %v with %d hooks, want nil with 2", err, hooks)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.text) || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("Update = %v, want %v %q", err, tt.want, tt.text)
			}
			view(t, s, func(v store.View) {
				if got := get(v, "a"); got != "1" || v.Seq() != 1 || hooks != 0 {
					t.Errorf("after failure: a=%s, seq %d, %d hooks, want a=1, seq 1, none", got, v.Seq(), hooks)
				}
			})
			update(t, s, func(tx store.Tx) { set(tx, "a", "3") }) // the partition goes on
		})
	}
}

func TestReadsSeeOwnWritesAndOrder(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	update(t, s, func(tx store.Tx) {
		for _, k := range []string{"k/b", "k/a", "k/d", "l"} {
			set(tx, k, "1")
		}
	})
	update(t, s, func(tx store.Tx) {
		set(tx, "k/c", "2")
		tx.Delete([]byte("k/a"))
		want := []string{"k/b=1", "k/c=2", "k/d=1"}
		if diff := cmp.Diff(want, rows(tx, "k/")); diff != "" {
			t.Errorf("Scan in Tx (-want +got):\n%s", diff)
		}
		var down []string
		for k := range tx.ScanDown([]byte("k/"), []byte("k/d")) {
			down = append(down, string(k))
		}
		if diff := cmp.Diff([]string{"k/c", "k/b"}, down); diff != "" {
			t.Errorf("ScanDown in Tx (-want +got):\n%s", diff)
		}
		tx.DeleteRange([]byte("k/"), []byte("k/c"))
		if got := get(tx, "k/b"); got != "-" {
			t.Errorf("k/b after DeleteRange = %s, want none", got)
		}
	})
	view(t, s, func(v store.View) {
		if diff := cmp.Diff([]string{"k/c=2", "k/d=1"}, rows(v, "k/")); diff != "" {
			t.Errorf("Scan in View (-want +got):\n%s", diff)
		}
	})
}

func TestWritingWhileIterating(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t, func(o *store.Options) { o.Heads = []string{"q/#/"} })
	update(t, s, func(tx store.Tx) {
		for i := range 5 {
			set(tx, fmt.Sprintf("q/1/%d", i), "old")
			set(tx, fmt.Sprintf("s/1/%d", i), "old")
		}
	})
	for _, prefix := range []string{"q/1/", "s/1/"} {
		update(t, s, func(tx store.Tx) {
			var seen []string
			for k, v := range tx.Head([]byte(prefix)) {
				seen = append(seen, string(k[4:])+string(v))
				tx.Delete(k)
				set(tx, prefix+"3", "new")
				set(tx, prefix+"7", "new")
			}
			if diff := cmp.Diff([]string{"0old", "1old", "2old", "3old", "4old"}, seen); diff != "" {
				t.Errorf("%s: iteration (-want +got):\n%s", prefix, diff)
			}
			if diff := cmp.Diff([]string{prefix + "3=new", prefix + "7=new"}, headRows(tx, prefix)); diff != "" {
				t.Errorf("%s: afterwards (-want +got):\n%s", prefix, diff)
			}
		})
	}
}

func TestSeqAndTimeNeverGoBack(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	vc := clock.NewVirtual(start)
	var last time.Time
	var seq store.Seq
	for _, jump := range []time.Duration{0, -time.Hour, 25 * time.Hour, -48 * time.Hour} {
		vc.Advance(jump)
		s := storetest.OpenAny(t, fs.Use, virtual(vc))
		for i := range 10 {
			update(t, s, func(tx store.Tx) {
				if !tx.Now().After(last) {
					t.Errorf("after %s: Now = %s, want later than %s", jump, tx.Now(), last)
				}
				if tx.Seq() != seq {
					t.Errorf("Seq = %d, want %d", tx.Seq(), seq)
				}
				if i%3 > 0 { // a third writes nothing
					set(tx, "a", "x")
					seq++
					last = tx.Now() // a time that nothing was written at may come again after a restart
				}
			})
		}
		view(t, s, func(v store.View) {
			if v.Seq() != seq || v.Now().Before(last) {
				t.Errorf("View: seq %d at %s, want %d not before %s", v.Seq(), v.Now(), seq, last)
			}
		})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHooksRunInOrderBeforeUpdateReturns(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	var mu sync.Mutex
	var order []store.Seq
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			var mine store.Seq
			update(t, s, func(tx store.Tx) {
				set(tx, "a", "x")
				mine = tx.Seq() + 1
				seq := mine
				tx.OnDurable(func() {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, seq)
				})
			})
			mu.Lock()
			defer mu.Unlock()
			if !slices.Contains(order, mine) {
				t.Errorf("Update %d returned before its hook ran", mine)
			}
		})
	}
	wg.Wait()
	if !slices.IsSorted(order) || len(order) != 200 {
		t.Errorf("hooks ran as %v, want all in order", order)
	}
}

func TestPanickingHookIsReported(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	update(t, s, func(tx store.Tx) {
		set(tx, "a", "1")
		tx.OnDurable(func() { panic("hook") })
	})
	if h := s.Health(); h.FailedHooks != 1 {
		t.Errorf("FailedHooks = %d, want 1", h.FailedHooks)
	}
	update(t, s, func(tx store.Tx) { set(tx, "a", "2") })
}

func TestCancelledWhileQueued(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	running, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		first <- s.Update(ctx, 1, func(tx store.Tx) error {
			close(running)
			<-release
			set(tx, "first", "1")
			return nil
		})
	}()
	<-running
	second := make(chan error, 1)
	queuedCtx, drop := context.WithCancel(t.Context())
	go func() {
		second <- s.Update(queuedCtx, 1, func(tx store.Tx) error {
			set(tx, "second", "1")
			return nil
		})
	}()
	drop()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("queued Update = %v, want %v", err, context.Canceled)
	}
	cancel() // the first has started: it is waited for
	close(release)
	if err := <-first; err != nil {
		t.Errorf("started Update = %v, want nil", err)
	}
	view(t, s, func(v store.View) {
		if got := get(v, "first") + get(v, "second"); got != "1-" {
			t.Errorf("first and second = %s, want 1-", got)
		}
	})
	if err := s.Update(ctx, 1, func(store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Update with an ended context = %v, want %v", err, context.Canceled)
	}
}

func TestCloseAnswersEverybody(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	var mu sync.Mutex
	acked := map[string]bool{}
	var wg sync.WaitGroup
	for c := range 64 {
		wg.Go(func() {
			for i := 0; ; i++ {
				k := fmt.Sprintf("k/%02d/%d", c, i)
				err := s.Update(context.Background(), 1, func(tx store.Tx) error { set(tx, k, "1"); return nil })
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					t.Errorf("Update = %v, want nil or ErrClosed", err)
					return
				}
				mu.Lock()
				acked[k+"=1"] = true
				mu.Unlock()
			}
		})
	}
	for _, p := range s.Parts() {
		if err := s.View(t.Context(), p, func(store.View) error { return nil }); err != nil {
			t.Errorf("View of %d = %v", p, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := s.View(t.Context(), 1, func(store.View) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View after Close = %v, want ErrClosed", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v, want nil", err)
	}
	view(t, storetest.OpenAny(t, fs.Use), func(v store.View) {
		for _, r := range rows(v, "k/") {
			delete(acked, r)
		}
	})
	if len(acked) > 0 {
		t.Errorf("%d acknowledged rows are missing", len(acked))
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{Partitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.Part{1, 2}, s.Parts()); diff != "" {
		t.Errorf("Parts (-want +got):\n%s", diff)
	}
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second Open = %v, want ErrLocked naming %s", err, dir)
	}
	if err := s.Update(t.Context(), 3, func(store.Tx) error { return nil }); err == nil {
		t.Error("Update of a partition that does not exist succeeded")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(dir, store.Options{Partitions: 8}) // keeps its number
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Parts()); n != 2 {
		t.Errorf("%d partitions after reopening, want 2", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesBadOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []store.Options{
		{Durability: "maybe"},
		{Partitions: -1},
		{Partitions: 1 << 15},
		{Heads: []string{""}},
		{Heads: []string{"q/#"}},
		{Heads: []string{"#/"}},
		{Heads: []string{"m/x/"}},
		{Heads: []string{"q/####/", "q/####/r/"}},
	} {
		if s, err := store.Open(t.TempDir(), o); err == nil {
			t.Errorf("Open with %+v succeeded, want an error", o)
			_ = s.Close()
		}
	}
}

// TestDurabilityProcess lets the process die, but not the machine, after each
// Update: what was written stays, synced or not.
func TestDurabilityProcess(t *testing.T) {
	t.Parallel()
	rng := random(t)
	fs := storetest.NewFS()
	for i := range 5 {
		s := storetest.OpenAny(t, fs.Use, func(o *store.Options) { o.Durability = store.DurabilityProcess })
		update(t, s, func(tx store.Tx) {
			if got := int(tx.Seq()); got != i {
				t.Errorf("Seq = %d, want %d", got, i)
			}
			set(tx, "a", "1")
		})
		fs = fs.Crash(100, rng)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	for want := uint32(1); want < 4; want++ {
		var bus, queue uint32
		err := s.Update(t.Context(), store.Meta, func(tx store.Tx) error {
			bus, queue = store.NextID(tx, "bus"), store.NextID(tx, "queue")
			return nil
		})
		if err != nil || bus != want || queue != want {
			t.Errorf("ids = %d, %d, %v, want %d", bus, queue, err, want)
		}
	}
}

func TestViewIsOnePicture(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	update(t, s, func(tx store.Tx) { set(tx, "a", "0"); set(tx, "b", "0") })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 500 {
			update(t, s, func(tx store.Tx) {
				set(tx, "a", fmt.Sprint(i))
				set(tx, "b", fmt.Sprint(i))
			})
		}
	}()
	for range 500 {
		view(t, s, func(v store.View) {
			if a, b := get(v, "a"), get(v, "b"); a != b {
				t.Errorf("a=%s, b=%s: half an Update", a, b)
			}
		})
	}
	<-done
}
