package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// collect returns n changes of topic after from as "seq:record".
func collect(t *testing.T, s *store.Store, topic string, from store.Seq, n int) []string {
	t.Helper()
	var got []string
	if n == 0 {
		return got
	}
	for c, err := range s.Watch(t.Context(), 1, topic, from) {
		if err != nil {
			t.Fatalf("Watch = %v after %q", err, got)
		}
		if c.Topic != topic {
			t.Errorf("change of topic %q, want %q", c.Topic, topic)
		}
		if got = append(got, fmt.Sprintf("%d:%s", c.Seq, c.Rec)); len(got) == n {
			break
		}
	}
	return got
}

func TestWatchResumes(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	for i := range 4 {
		update(t, s, func(tx store.Tx) {
			tx.Emit("a", fmt.Append(nil, i))
			tx.Emit("a", fmt.Appendf(nil, "%d+", i))
			tx.Emit("a\x00", []byte("other"))
			tx.Emit("ab", []byte("other"))
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.OpenAny(t, fs.Use)
	update(t, s, func(tx store.Tx) { tx.Emit("a", []byte("later")) })
	want := []string{"3:2", "3:2+", "4:3", "4:3+", "5:later"}
	if diff := cmp.Diff(want, collect(t, s, "a", 2, 5)); diff != "" {
		t.Errorf("changes after 2 (-want +got):\n%s", diff)
	}
}

func TestWatchFollows(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	const n = 600 // more than one batch
	var want []string
	var from store.Seq
	view(t, s, func(v store.View) { from = v.Seq() })
	got := make(chan []string)
	for range 3 {
		go func() { got <- collect(t, s, "a", from, n) }()
	}
	for i := range n {
		update(t, s, func(tx store.Tx) {
			if i%2 == 0 {
				set(tx, "unrelated", "x")
			}
			tx.Emit("a", fmt.Append(nil, i))
		})
		want = append(want, fmt.Sprintf("%d:%d", i+1, i))
	}
	for range 3 {
		if diff := cmp.Diff(want, <-got); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	}
}

func TestWatchRetention(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	keep := func(o *store.Options) { o.Retention = 20 }
	s := storetest.OpenAny(t, fs.Use, keep)
	emit := func(i int) {
		update(t, s, func(tx store.Tx) {
			for range 3 {
				tx.Emit("a", fmt.Append(nil, i))
			}
			tx.Emit("quiet", fmt.Append(nil, i))
		})
	}
	for i := range 15 {
		emit(i)
	}
	// A quarter over 20 was reached at the 9th Update: the first two went.
	// Then again at the 12th and 15th.
	check := func(from store.Seq, ok bool) {
		t.Helper()
		for c, err := range s.Watch(t.Context(), 1, "a", from) {
			if ok != (err == nil) || !ok && !errors.Is(err, store.ErrTrimmed) || ok && c.Seq != from+1 {
				t.Errorf("Watch after %d = %d, %v, want ok %v", from, c.Seq, err, ok)
			}
			break
		}
	}
	oldest := func() store.Seq {
		for from := store.Seq(0); ; from++ {
			for _, err := range s.Watch(t.Context(), 1, "a", from) {
				if err == nil {
					return from
				}
				break
			}
		}
	}
	first := oldest()
	if kept := 3 * (15 - int(first)); kept < 20 || kept > 27 {
		t.Errorf("%d changes are kept, want 20 to 27", kept)
	}
	check(first, true)
	check(first-1, false)
	check(0, false)
	if got := collect(t, s, "quiet", 0, 15); len(got) != 15 {
		t.Errorf("quiet topic has %d changes, want 15", len(got))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.OpenAny(t, fs.Use, keep)
	check(first, true)
	check(first-1, false)
	for i := range 15 {
		emit(i)
	}
	if again := oldest(); 3*(30-int(again)) < 20 || 3*(30-int(again)) > 27 {
		t.Errorf("after a restart %d changes are kept, want 20 to 27", 3*(30-int(again)))
	}
}

func TestOneUpdateLargerThanRetention(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t, func(o *store.Options) { o.Retention = 8 })
	for range 3 {
		update(t, s, func(tx store.Tx) {
			for range 50 {
				tx.Emit("a", []byte("x"))
			}
		})
	}
	if got := collect(t, s, "a", 2, 50); len(got) != 50 {
		t.Errorf("%d changes of the last Update, want 50", len(got))
	}
}

func TestWatchEnds(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	wait := func(ctx context.Context) chan error {
		ended := make(chan error, 1)
		go func() {
			for _, err := range s.Watch(ctx, 1, "a", 0) {
				ended <- err
			}
		}()
		return ended
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := wait(ctx)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch with an ended context = %v", err)
	}
	ended = wait(t.Context())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, store.ErrClosed) {
		t.Errorf("Watch of a closed store = %v, want ErrClosed", err)
	}
	for _, err := range s.Watch(t.Context(), 99, "a", 0) {
		if err == nil {
			t.Error("Watch of a partition that does not exist goes on")
		}
	}
}

func TestListThenWatchHasNoGap(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	var wg sync.WaitGroup
	const n = 300
	wg.Go(func() {
		for i := range n {
			update(t, s, func(tx store.Tx) {
				set(tx, fmt.Sprintf("k/%03d", i), "1")
				tx.Emit("a", fmt.Appendf(nil, "k/%03d=1", i))
			})
		}
	})
	for range 10 {
		wg.Go(func() {
			var have []string
			var from store.Seq
			view(t, s, func(v store.View) { have, from = rows(v, "k/"), v.Seq() })
			if len(have) != int(from) {
				t.Errorf("%d rows at Seq %d", len(have), from)
			}
			if got := collect(t, s, "a", from, n-len(have)); len(got)+len(have) != n {
				t.Errorf("%d listed and %d watched, want %d in all", len(have), len(got), n)
			}
		})
	}
	wg.Wait()
}
