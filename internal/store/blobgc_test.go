package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

func noGrace(o *store.Options) { o.BlobGrace = -1 }

// contents are two blobs that are rows and two that are files.
func contents() []string {
	return []string{"a", "b", strings.Repeat("a", 40_000), strings.Repeat("b", 40_000)}
}

func TestCollectBlobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := storetest.OpenAny(t, func(o *store.Options) { o.BlobGrace = time.Hour })
		expect := func(want int, when string) {
			t.Helper()
			if n, err := s.CollectBlobs(t.Context()); n != want || err != nil {
				t.Errorf("%s: CollectBlobs = %d, %v, want %d", when, n, err, want)
			}
		}
		var ds []store.Digest
		for _, content := range contents() {
			ds = append(ds, putBlob(t, s, content))
		}
		expect(0, "just put")
		update(t, s, func(tx store.Tx) { tx.Ref(ds[0]); tx.Ref(ds[2]) })
		wait(t, 61*time.Minute) // the store collects every ten minutes
		for i, d := range ds {
			if _, err := readBlob(t, s, d, 0, -1); (err == nil) != (i%2 == 0) {
				t.Errorf("after an hour: blob %d = %v, want only those with references", i, err)
			}
		}
		expect(0, "what is left has references")
		update(t, s, func(tx store.Tx) { tx.Unref(ds[0]) })
		putBlob(t, s, contents()[2]) // again: its time begins anew
		update(t, s, func(tx store.Tx) { tx.Unref(ds[2]) })
		expect(0, "both were used less than an hour ago")
		wait(t, 71*time.Minute)
		for i, d := range ds {
			if _, err := readBlob(t, s, d, 0, -1); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after two hours: blob %d = %v, want none", i, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCollectWhileUsed puts and refers to few blobs from many callers in several
// partitions, moves references between partitions, and collects all the time
// without any grace: a blob with a reference can be read at any moment.
func TestCollectWhileUsed(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use, noGrace)
	rng := random(t)
	var users, collector sync.WaitGroup
	for c := range 4 {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 5))
		users.Go(func() {
			for range 40 {
				useBlob(t, s, rng, fmt.Sprintf("doc/%d", c))
			}
		})
	}
	stop := make(chan struct{})
	deleted := 0
	collector.Go(func() {
		for {
			n, err := s.CollectBlobs(context.Background())
			if err != nil {
				t.Errorf("CollectBlobs = %v", err)
			}
			deleted += n
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	users.Wait()
	close(stop)
	collector.Wait()
	n, err := s.CollectBlobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left, err := files.Files(storetest.Dir+"/blobs", "")
	if err != nil || len(left) > 1 { // tmp
		t.Errorf("files are left: %q, %v", left, err)
	}
	t.Logf("%d and %d blobs deleted", deleted, n)
	if deleted+n == 0 {
		t.Error("no blob was ever deleted: the test proves nothing")
	}
}

// useBlob puts a blob, refers to it, moves the reference to another partition
// and drops it. A reference may come too late, after the blob was collected:
// then it fails, and the caller puts the blob again.
func useBlob(t *testing.T, s *store.Store, rng *rand.Rand, key string) {
	content := contents()[rng.IntN(4)]
	from, to := store.Part(1+rng.IntN(4)), store.Part(1+rng.IntN(4))
	var d store.Digest
	for {
		var err error
		if d, _, err = s.Blobs().Put(context.Background(), strings.NewReader(content)); err != nil {
			t.Errorf("Put = %v", err)
			return
		}
		err = s.Update(context.Background(), from, func(tx store.Tx) error { tx.Ref(d); return nil })
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Ref = %v", err)
			return
		}
	}
	readable := func(when string) {
		if got, err := readBlob(t, s, d, 0, -1); err != nil || got != content {
			t.Errorf("%s: %d bytes, %v, want %d", when, len(got), err, len(content))
		}
	}
	// Without any grace it may have gone between Put and Ref: then the first
	// Put after Ref is what makes it good.
	if _, _, err := s.Blobs().Put(context.Background(), strings.NewReader(content)); err != nil {
		t.Errorf("Put = %v", err)
	}
	readable("referred to")
	for i, step := range []struct {
		p  store.Part
		fn func(tx store.Tx)
	}{
		{to, func(tx store.Tx) { tx.Ref(d); set(tx, key, "1") }},
		{from, func(tx store.Tx) { tx.Unref(d) }},
	} {
		if err := s.Update(context.Background(), step.p, func(tx store.Tx) error { step.fn(tx); return nil }); err != nil {
			t.Errorf("move the reference, step %d: %v", i, err)
		}
		readable("while the reference moves")
	}
	if err := s.Update(context.Background(), to, func(tx store.Tx) error { tx.Unref(d); return nil }); err != nil {
		t.Errorf("Unref = %v", err)
	}
}

// TestRefOfFailedClosure: what failed refers to nothing and protects nothing.
func TestRefOfFailedClosure(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t, noGrace)
	d := putBlob(t, s, "content")
	err := s.Update(t.Context(), 1, func(tx store.Tx) error { tx.Ref(d); return errPlanned })
	if !errors.Is(err, errPlanned) {
		t.Errorf("Update = %v", err)
	}
	if n, err := s.CollectBlobs(t.Context()); n != 1 || err != nil {
		t.Errorf("CollectBlobs = %d, %v, want 1", n, err)
	}
}

// TestCollectorFailsAnywhere fails each file operation of a collection in turn,
// and cuts the power there: what has references stays, and the next collection
// does the rest.
func TestCollectorFailsAnywhere(t *testing.T) {
	t.Parallel()
	rng := random(t)
	for _, op := range []storetest.Op{storetest.OpRemove, storetest.OpSync, storetest.OpWrite} {
		for n, more := 1, true; more; n++ {
			files := storetest.NewFS()
			s := storetest.OpenAny(t, files.Use, noGrace)
			var ds []store.Digest
			for i, content := range contents() {
				d := putBlob(t, s, content)
				ds = append(ds, d)
				update(t, s, func(tx store.Tx) {
					tx.Ref(d)
					if i%2 == 1 {
						tx.Unref(d)
					}
				})
			}
			files.Fail(op, n)
			_, _ = s.CollectBlobs(t.Context()) // may fail
			more = files.Failed() > 0
			files.Heal()
			after := storetest.OpenAny(t, files.Crash(rng.IntN(101), rng).Use, noGrace)
			for _, i := range []int{0, 2} {
				if _, err := readBlob(t, after, ds[i], 0, -1); err != nil {
					t.Errorf("%s %d: blob %d, which has a reference: %v", op, n, i, err)
				}
			}
			if _, err := after.CollectBlobs(t.Context()); err != nil {
				t.Errorf("%s %d: the next CollectBlobs = %v", op, n, err)
			}
			for _, i := range []int{1, 3} {
				if _, err := readBlob(t, after, ds[i], 0, -1); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s %d: blob %d, which has no reference: %v", op, n, i, err)
				}
			}
		}
	}
}
