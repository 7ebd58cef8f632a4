package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// openAt opens the store in dir, which is closed when the test ends.
func openAt(t *testing.T, files *storetest.FS, dir string) *store.Store {
	t.Helper()
	var o store.Options
	files.Use(&o)
	s, err := store.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestCheckpointUnderLoad copies a store while callers write to it. The copy
// is sound, and it is what the store was at one moment: the first so many
// Updates of each partition, whole, and among them all that had been
// acknowledged before.
func TestCheckpointUnderLoad(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	var stop atomic.Bool
	var mu sync.Mutex
	acked := map[string]bool{}
	var writers sync.WaitGroup
	for c := range 8 {
		part := store.Part(1 + c%2)
		writers.Go(func() {
			for !stop.Load() {
				key, err := writePair(s, part)
				if err != nil {
					t.Errorf("Update = %v", err)
					return
				}
				mu.Lock()
				acked[key] = true
				mu.Unlock()
			}
		})
	}
	for round := range 5 {
		for len(before(&mu, acked)) < 100*(round+1) {
			if _, err := writePair(s, 1); err != nil {
				t.Fatal(err)
			}
		}
		promised := before(&mu, acked)
		to := fmt.Sprintf("/copy%d", round)
		snap, err := s.Checkpoint(t.Context(), to)
		if err != nil {
			t.Fatal(err)
		}
		checkCopy(t, files, to, snap, promised)
	}
	stop.Store(true)
	writers.Wait()
}

func before(mu *sync.Mutex, m map[string]bool) map[string]bool {
	mu.Lock()
	defer mu.Unlock()
	return maps.Clone(m)
}

// writePair writes two rows and a change that belong together.
func writePair(s *store.Store, p store.Part) (key string, err error) {
	err = s.Update(context.Background(), p, func(tx store.Tx) error {
		n := tx.Seq() + 1
		key = fmt.Sprintf("%d/%d", p, n)
		set(tx, fmt.Sprintf("row/a/%08d", n), "x")
		set(tx, fmt.Sprintf("row/b/%08d", n), "x")
		tx.Emit("topic", []byte(key))
		return nil
	})
	return key, err
}

func checkCopy(t *testing.T, files *storetest.FS, dir string, snap store.Snapshot, promised map[string]bool) {
	t.Helper()
	rep, err := store.Verify(t.Context(), dir, offline(files))
	if err != nil || rep.Found > 0 {
		t.Errorf("Verify(%s) = %v, %v", dir, rep.Problems, err)
	}
	s := openAt(t, files, dir)
	for _, p := range []store.Part{1, 2} {
		err := s.View(t.Context(), p, func(v store.View) error {
			if v.Seq() < snap.Seqs[p] {
				t.Errorf("partition %d ends with Update %d, and the checkpoint promised %d", p, v.Seq(), snap.Seqs[p])
			}
			for _, prefix := range []string{"row/a/", "row/b/"} {
				found := rows(v, prefix)
				for i, row := range found {
					if want := fmt.Sprintf("%s%08d=x", prefix, i+1); row != want {
						t.Fatalf("row %s, want %s: a gap", row, want)
					}
				}
				if len(found) != int(v.Seq()) {
					t.Errorf("%d rows %s after %d Updates: one is there by half", len(found), prefix, v.Seq())
				}
			}
			for n := range v.Seq() {
				delete(promised, fmt.Sprintf("%d/%d", p, n+1))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if len(promised) > 0 {
		t.Errorf("%d acknowledged Updates are not in the copy", len(promised))
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	want := dump(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o := offline(files)
	last := store.Progress{}
	o.Progress = func(p store.Progress) { last = p }
	original := filesBelow(t, o.FS, storetest.Dir)
	for _, link := range []bool{true, false} {
		to := fmt.Sprintf("/deep/down/%v", link)
		if err := store.Copy(t.Context(), storetest.Dir, to, link, o); err != nil {
			t.Fatal(err)
		}
		// It is durable: what a power cut leaves is the whole copy.
		after := files.Crash(0, random(t))
		rep, err := store.Verify(t.Context(), to, offline(after))
		if err != nil || rep.Found > 0 || rep.Blobs != 3 {
			t.Errorf("Verify of the copy = %+v, %v", rep, err)
		}
		if diff := cmp.Diff(want, dump(t, openAt(t, after, to))); diff != "" {
			t.Errorf("the copy differs (-want +got):\n%s", diff)
		}
		if err := store.Copy(t.Context(), storetest.Dir, to, link, o); err == nil {
			t.Error("Copy to what exists = nil")
		}
		// To work on the copy leaves the original alone.
		if err := workOn(t, files, to); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(original, filesBelow(t, o.FS, storetest.Dir)); diff != "" {
			t.Errorf("the original has changed (-before +after):\n%s", diff)
		}
	}
	// A copy of what has lost the end of its log does not pass for whole.
	cut := files.Crash(100, random(t))
	logs, err := cut.Files(storetest.Dir+"/db", ".log")
	if err != nil {
		t.Fatal(err)
	}
	newest := slices.Max(logs)
	size := len(filesBelow(t, o.FS, storetest.Dir)[newest])
	if err := cut.Corrupt(newest, size-50); err != nil { // in the last chunk, before the mark of the end
		t.Fatal(err)
	}
	if err := store.Copy(t.Context(), storetest.Dir, "/cut", false, offline(cut)); err != nil {
		t.Fatal(err)
	}
	if rep, err := store.Verify(t.Context(), "/cut", offline(cut)); err != nil || rep.Found == 0 {
		t.Errorf("Verify of a copy without its end = %+v, %v", rep, err)
	}
	if last.Total == 0 || last.Done == 0 || !last.Bytes {
		t.Errorf("last progress = %+v", last)
	}
}

func workOn(t *testing.T, files *storetest.FS, dir string) error {
	t.Helper()
	s := openAt(t, files, dir)
	for range 20 {
		if _, err := writePair(s, 1); err != nil {
			return err
		}
	}
	return errors.Join(store.Flush(s), s.Close())
}

// dump returns every row of every partition.
func dump(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range append(s.Parts(), store.Meta) {
		err := s.View(t.Context(), p, func(v store.View) error {
			for k, val := range v.Scan(nil, nil) {
				all[fmt.Sprintf("%d/%q", p, k)] = string(val)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestCompact(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	for i := range 50 {
		update(t, s, func(tx store.Tx) { set(tx, fmt.Sprintf("row/big/%03d", i), "x"+string(make([]byte, 2000))) })
	}
	if err := store.Flush(s); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx store.Tx) { tx.DeleteRange([]byte("row/big/"), store.PrefixEnd([]byte("row/big/"))) })
	want := dump(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o := offline(files)
	steps := 0
	o.Progress = func(store.Progress) { steps++ }
	before, after, err := store.Compact(t.Context(), storetest.Dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if before.Total() <= after.Total() || after.TableFiles == 0 || after.BlobFiles != 2 || steps == 0 {
		t.Errorf("before %+v, after %+v, %d steps", before, after, steps)
	}
	rep := verify(t, offline(files))
	if rep.Found > 0 {
		t.Errorf("problems: %v", rep.Problems)
	}
	if diff := cmp.Diff(want, dump(t, storetest.OpenAny(t, files.Use))); diff != "" {
		t.Errorf("rows have changed (-want +got):\n%s", diff)
	}
}

// TestStats counts the same in a store that is open and in one that is not.
func TestStats(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	open, err := s.Stats(t.Context(), offline(files))
	if err != nil {
		t.Fatal(err)
	}
	if open.WriteAmplification == nil || *open.WriteAmplification < 1 {
		t.Errorf("write amplification = %v", open.WriteAmplification)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := filesBelow(t, offline(files).FS, storetest.Dir)
	st, err := store.ReadStats(t.Context(), storetest.Dir, offline(files))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, filesBelow(t, offline(files).FS, storetest.Dir)); diff != "" {
		t.Errorf("ReadStats has changed the directory (-before +after):\n%s", diff)
	}
	open.WriteAmplification, open.Sizes, open.Levels = nil, store.Sizes{}, nil
	sizes, levels := st.Sizes, st.Levels
	st.Sizes, st.Levels = store.Sizes{}, nil
	if diff := cmp.Diff(open, st); diff != "" {
		t.Errorf("statistics (-open +closed):\n%s", diff)
	}
	if sizes.Blobs != int64(len(referredTo)+len(orphan)) || sizes.Tables == 0 || len(levels) != 7 || st.Referenced != 1 {
		t.Errorf("sizes %+v, levels %+v, %d blobs referred to", sizes, levels, st.Referenced)
	}
	if got := st.Parts[1]; got.Seq != 80 || got.Time.IsZero() || !st.Parts[2].Time.IsZero() {
		t.Errorf("partitions = %+v", st.Parts)
	}
	counts := map[string]int64{}
	for _, n := range st.Spaces {
		counts[fmt.Sprintf("%d/%s", n.Part, n.Prefix)] = n.Rows
	}
	for space, want := range map[string]int64{"1/row/": 80, "1/q/#/": 0, "1/once/": 80, "1/tm/": 160, "1/tmx/": 160, "0/id/": 1, "0/m/layout": 1} {
		if counts[space] != want {
			t.Errorf("%d rows of %s, want %d", counts[space], path.Clean(space), want)
		}
	}
	timers := map[string]int64{}
	for _, n := range st.Timers {
		timers[n.Kind] = n.Count
		if n.Last.Before(n.First) || n.First.Before(time.Now()) {
			t.Errorf("timers %+v", n)
		}
	}
	if timers["wake"] != 80 || timers["store.once"] != 80 || len(st.Topics) != 2 || st.Topics[1].Topic != "b" {
		t.Errorf("timers = %v, topics = %+v", timers, st.Topics)
	}
}
