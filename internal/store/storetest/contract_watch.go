package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
)

func watchContract() map[string]func(*testing.T, *bench) {
	return map[string]func(*testing.T, *bench){
		"watch/resumes":     testWatchResumes,
		"watch/follows":     testWatchFollows,
		"watch/retention":   testWatchRetention,
		"watch/ends":        testWatchEnds,
		"watch/large":       testLargeEmit,
		"watch/list, watch": testListThenWatch,
	}
}

// watch returns n changes of topic after from as "seq:record".
func (b *bench) watch(topic string, from store.Seq, n int) []string {
	var got []string
	if n == 0 {
		return got
	}
	for c, err := range b.s.Watch(context.Background(), 1, topic, from) {
		if err != nil {
			b.t.Errorf("Watch = %v after %q", err, got)
			return got
		}
		if c.Topic != topic {
			b.t.Errorf("change of topic %q, want %q", c.Topic, topic)
		}
		if got = append(got, fmt.Sprintf("%d:%s", c.Seq, c.Rec)); len(got) == n {
			break
		}
	}
	return got
}

// firstError returns the error that Watch of "topic" begins with.
func firstError(s Store, from store.Seq) error {
	for _, err := range s.Watch(context.Background(), 1, "topic", from) {
		return err
	}
	return nil
}

func testWatchResumes(t *testing.T, b *bench) {
	for i := range 4 {
		b.update(func(tx store.Tx) {
			tx.Emit("a", fmt.Append(nil, i))
			tx.Emit("a", fmt.Appendf(nil, "%d+", i))
			tx.Emit("a\x00", []byte("other"))
			tx.Emit("ab", []byte("other"))
		})
	}
	b.reopen()
	b.update(func(tx store.Tx) { tx.Emit("a", []byte("later")) })
	want := []string{"3:2", "3:2+", "4:3", "4:3+", "5:later"}
	if diff := cmp.Diff(want, b.watch("a", 2, 5)); diff != "" {
		t.Errorf("changes after 2 (-want +got):\n%s", diff)
	}
}

func testWatchFollows(t *testing.T, b *bench) {
	const n = retention
	got := make(chan []string)
	for range 3 {
		go func() { got <- b.watch("a", 0, n) }()
	}
	var want []string
	for i := range n {
		b.update(func(tx store.Tx) { tx.Emit("a", fmt.Append(nil, i)) })
		want = append(want, fmt.Sprintf("%d:%d", i+1, i))
	}
	for range 3 {
		if diff := cmp.Diff(want, <-got); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	}
}

func testWatchRetention(t *testing.T, b *bench) {
	emit := func(updates int) {
		for range updates {
			b.update(func(tx store.Tx) {
				for range 3 {
					tx.Emit("topic", nil)
				}
			})
		}
	}
	oldest := func() (from store.Seq) {
		for errors.Is(firstError(b.s, from), store.ErrTrimmed) {
			from++
		}
		return from
	}
	for round := 1; round < 4; round++ {
		emit(15)
		kept := 3 * (15*round - int(oldest()))
		if kept < retention || kept > retention+retention/4+3 {
			t.Errorf("%d changes are kept, want %d and up to a quarter more", kept, retention)
		}
		if got := b.watch("topic", oldest(), kept); len(got) != kept {
			t.Errorf("%d changes, want %d", len(got), kept)
		}
		b.reopen()
	}
}

func testLargeEmit(t *testing.T, b *bench) {
	for range 3 {
		b.update(func(tx store.Tx) {
			for range 3 * retention {
				tx.Emit("a", []byte("x"))
			}
		})
	}
	if got := b.watch("a", 2, 3*retention); len(got) != 3*retention {
		t.Errorf("%d changes of the last Update, want %d", len(got), 3*retention)
	}
}

func testWatchEnds(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	wait := func(ctx context.Context) {
		for _, err := range b.s.Watch(ctx, 1, "a", 0) {
			ended <- err
		}
	}
	go wait(ctx)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch with an ended context = %v", err)
	}
	go wait(context.Background())
	b.close()
	if err := <-ended; !errors.Is(err, store.ErrClosed) {
		t.Errorf("Watch of a closed store = %v, want ErrClosed", err)
	}
}

func testListThenWatch(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	const n = retention
	wg.Go(func() {
		for i := range n {
			if err := b.try(func(tx store.Tx) {
				set(tx, fmt.Sprintf("k/%03d", i), "1")
				tx.Emit("a", nil)
			}); err != nil {
				t.Errorf("Update = %v", err)
			}
		}
	})
	for range 10 {
		wg.Go(func() {
			var listed int
			var from store.Seq
			b.view(func(v store.View) { listed, from = len(rows(v, "k/")), v.Seq() })
			if listed != int(from) {
				t.Errorf("%d rows at Seq %d", listed, from)
			}
			if got := b.watch("a", from, n-listed); len(got)+listed != n {
				t.Errorf("%d listed and %d watched, want %d in all", listed, len(got), n)
			}
		})
	}
	wg.Wait()
}
