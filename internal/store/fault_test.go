package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// TestFailedSync makes the n-th sync fail: whatever is acknowledged survives
// a power cut right after, nothing is acknowledged later, and OnHalt is
// called once.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	rng := random(t)
	for n := 1; n <= 12; n++ {
		fs := storetest.NewFS()
		halts := make(chan error, 10)
		s := storetest.OpenAny(t, fs.Use, func(o *store.Options) { o.OnHalt = func(err error) { halts <- err } })
		fs.FailSync(n)
		var mu sync.Mutex
		acked := map[string]bool{}
		var wg sync.WaitGroup
		for c := range 8 {
			wg.Go(func() {
				for i := 0; ; i++ {
					k := fmt.Sprintf("row/%d/%d", c, i)
					err := s.Update(context.Background(), 1, func(tx store.Tx) error { set(tx, k, "1"); return nil })
					if err != nil {
						if !errors.Is(err, store.ErrHalted) || !errors.Is(err, storetest.ErrInjected) {
							t.Errorf("Update = %v, want ErrHalted for the injected failure", err)
						}
						return
					}
					mu.Lock()
					acked[k+"=1"] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if err := <-halts; !errors.Is(err, store.ErrHalted) {
			t.Errorf("OnHalt(%v), want ErrHalted", err)
		}
		fs.Heal() // the disk works again: the store must not
		checkHalted(t, s)
		select {
		case err := <-halts:
			t.Errorf("OnHalt was called again: %v", err)
		default:
		}
		after := storetest.OpenAny(t, fs.Crash(0, rng).Use)
		view(t, after, func(v store.View) {
			for _, r := range rows(v, "row/") {
				delete(acked, r)
			}
		})
		if len(acked) > 0 {
			t.Errorf("sync %d failed: %d acknowledged rows are lost", n, len(acked))
		}
	}
}

func checkHalted(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := t.Context()
	_, _, putErr := s.Blobs().Put(ctx, strings.NewReader("x"))
	var watchErr error
	for _, watchErr = range s.Watch(ctx, 1, "topic", 0) {
		break
	}
	for name, err := range map[string]error{
		"Update":       s.Update(ctx, 1, func(tx store.Tx) error { return nil }),
		"Update other": s.Update(ctx, 2, func(tx store.Tx) error { return nil }),
		"View":         s.View(ctx, 1, func(store.View) error { return nil }),
		"Put":          putErr,
		"Watch":        watchErr,
	} {
		if !errors.Is(err, store.ErrHalted) {
			t.Errorf("%s of a halted store = %v, want ErrHalted", name, err)
		}
	}
	if h := s.Health(); h.Halted == "" || h.OK() {
		t.Errorf("Health = %+v, want halted", h)
	}
}

// TestOpenOnFailingDisk makes the n-th sync or write of Open fail: Open
// returns, and the directory can be opened when the disk works again.
func TestOpenOnFailingDisk(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*storetest.FS, int){
		"sync": (*storetest.FS).FailSync, "write": (*storetest.FS).FailWrite,
	} {
		for n := 1; ; n++ {
			fs := storetest.NewFS()
			fail(fs, n)
			var o store.Options
			fs.Use(&o)
			s, err := store.Open(storetest.Dir, o)
			if err == nil {
				if err := s.Close(); err != nil && !errors.Is(err, storetest.ErrInjected) {
					t.Errorf("%s %d: Close = %v", name, n, err)
				}
				break // Open needs fewer than n
			}
			if !strings.Contains(err.Error(), storetest.ErrInjected.Error()) {
				t.Errorf("%s %d: Open = %v, want the injected failure", name, n, err)
			}
			fs.Heal()
			storetest.OpenAny(t, fs.Crash(0, random(t)).Use)
		}
	}
}

func TestFailedBlobSyncHalts(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	fs.FailSync(1)
	if _, _, err := s.Blobs().Put(t.Context(), strings.NewReader(strings.Repeat("x", 40_000))); !errors.Is(err, storetest.ErrInjected) {
		t.Errorf("Put = %v, want the injected failure", err)
	}
	fs.Heal()
	checkHalted(t, s)
}

func TestDamageIsDetected(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	for i := range 2000 {
		update(t, s, func(tx store.Tx) { set(tx, fmt.Sprintf("row/%04d", i), strings.Repeat("x", 100)) })
	}
	rng := random(t)
	cut := fs.Crash(0, rng) // as after kill -9: the rows are in the log
	logs, err := cut.Files(storetest.Dir+"/db", ".log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("logs = %q, %v", logs, err)
	}
	if err := cut.Corrupt(slices.Max(logs), 100_000); err != nil {
		t.Fatal(err)
	}
	var o store.Options
	cut.Use(&o)
	if s, err := store.Open(storetest.Dir, o); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Open with a flipped bit in the log = %v, want ErrDamaged", err)
		if err == nil {
			_ = s.Close()
		}
	}
}

// TestDamagedEndOfLog flips bits in a log that is smaller than one block, where
// the engine itself sees nothing but a torn end.
func TestDamagedEndOfLog(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	for i := range 50 {
		update(t, s, func(tx store.Tx) { set(tx, fmt.Sprintf("row/%04d", i), strings.Repeat("x", 200)) })
	}
	rng := random(t)
	for _, offset := range []int{3, 500, 1_000, 2_000, 4_000, 8_000, 10_000} {
		cut := files.Crash(0, rng)
		logs, err := cut.Files(storetest.Dir+"/db", ".log")
		if err != nil || len(logs) == 0 {
			t.Fatalf("logs = %q, %v", logs, err)
		}
		if err := cut.Corrupt(slices.Max(logs), offset); err != nil {
			t.Fatal(err)
		}
		var o store.Options
		cut.Use(&o)
		if s, err := store.Open(storetest.Dir, o); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("Open with a flipped bit at %d = %v, want ErrDamaged", offset, err)
			if err == nil {
				_ = s.Close()
			}
		}
	}
}

func TestDamagedTable(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	fillTable(t, s)
	tables, err := fs.Files(storetest.Dir+"/db", ".sst")
	if err != nil || len(tables) != 1 {
		t.Fatalf("tables = %q, %v, want one", tables, err)
	}
	if err := fs.Corrupt(tables[0], 30_000); err != nil {
		t.Fatal(err)
	}
	s = storetest.OpenAny(t, fs.Use)
	found, failed := 0, 0
	for i := range tableRows {
		err := s.View(t.Context(), 1, func(v store.View) error {
			if _, ok := v.Get(tableRow(i)); !ok {
				return nil
			}
			found++
			return nil
		})
		if errors.Is(err, store.ErrDamaged) {
			failed++
		} else if err != nil {
			t.Fatalf("View = %v, want nil or ErrDamaged", err)
		}
	}
	if found+failed != tableRows || failed == 0 || failed > 1000 {
		t.Errorf("%d rows found, %d unreadable, want all of %d and few unreadable", found, failed, tableRows)
	}
	err = s.View(t.Context(), 1, func(v store.View) error {
		for range v.Scan([]byte("row/"), nil) {
		}
		return nil
	})
	if !errors.Is(err, store.ErrDamaged) {
		t.Errorf("View with a scan = %v, want ErrDamaged", err)
	}
}

const tableRows = 5000

func tableRow(i int) []byte { return fmt.Appendf(nil, "row/%04d", i) }

// fillTable writes a table of many blocks and closes s: the next one to open
// it has an empty cache.
func fillTable(t *testing.T, s *store.Store) {
	t.Helper()
	rng := random(t)
	update(t, s, func(tx store.Tx) {
		for i := range tableRows {
			v := make([]byte, 100)
			for j := range v {
				v[j] = byte(rng.Uint32()) // does not compress
			}
			tx.Set(tableRow(i), v)
		}
	})
	if err := errors.Join(store.Flush(s), s.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestReadErrorsAreSticky(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	fillTable(t, s)
	s = storetest.OpenAny(t, fs.Use)
	row := tableRow(tableRows / 2)
	fs.FailRead(1)
	for name, err := range map[string]error{
		"View": s.View(t.Context(), 1, func(v store.View) error {
			for range v.Scan(row, nil) {
			}
			return nil
		}),
		"Update": s.Update(t.Context(), 1, func(tx store.Tx) error {
			if _, ok := tx.Get(row); ok {
				t.Error("Get found a row that cannot be read")
			}
			tx.Set(row, []byte("new"))
			return nil
		}),
	} {
		if !errors.Is(err, storetest.ErrInjected) {
			t.Errorf("%s = %v, want the injected failure", name, err)
		}
	}
	fs.Heal()
	view(t, s, func(v store.View) {
		if got := get(v, string(row)); len(got) != 100 {
			t.Errorf("row = %q: the failed Update was written", got)
		}
	})
}
