package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// wait lets host time pass; it takes none inside a synctest bubble.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	if err := clock.Sleep(context.Background(), clock.Real(), d); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func TestReadOnlyWhenDiskIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fs := storetest.NewFS()
		changes := make(chan store.Health, 100)
		s := storetest.OpenAny(t, fs.Use, func(o *store.Options) {
			o.MinFree = 100 << 20
			o.OnHealth = func(h store.Health) { changes <- h }
		})
		update(t, s, func(tx store.Tx) { set(tx, "a", "1") })
		fs.SetFree(99 << 20)
		wait(t, 2*time.Second)
		if h := <-changes; h.ReadOnly == "" || h.OK() {
			t.Errorf("Health = %+v, want read-only", h)
		}
		adds := func(ctx context.Context) error {
			return s.Update(ctx, 1, func(tx store.Tx) error { set(tx, "a", "2"); return nil })
		}
		tests := map[string]struct {
			do   func() error
			want error
		}{
			"set":             {func() error { return adds(context.Background()) }, store.ErrReadOnly},
			"set, reclaiming": {func() error { return adds(store.Reclaiming(context.Background())) }, nil},
			"delete": {func() error {
				return s.Update(context.Background(), 1, func(tx store.Tx) error { tx.Delete([]byte("a")); return nil })
			}, nil},
			"emit": {func() error {
				return s.Update(context.Background(), 1, func(tx store.Tx) error { tx.Emit("a", nil); return nil })
			}, store.ErrReadOnly},
			"timer": {func() error {
				return s.Update(context.Background(), 1, func(tx store.Tx) error { tx.Timer("k", nil, start, nil); return nil })
			}, store.ErrReadOnly},
			"blob": {func() error { _, _, err := s.Blobs().Put(context.Background(), strings.NewReader("x")); return err }, store.ErrReadOnly},
			"blob, reclaiming": {func() error {
				_, _, err := s.Blobs().Put(store.Reclaiming(context.Background()), strings.NewReader("x"))
				return err
			}, nil},
		}
		for name, tt := range tests {
			if err := tt.do(); !errors.Is(err, tt.want) {
				t.Errorf("%s = %v, want %v", name, err, tt.want)
			}
		}
		fs.SetFree(200 << 20)
		wait(t, 2*time.Second)
		if err := adds(context.Background()); err != nil || !s.Health().OK() {
			t.Errorf("Update with space again = %v, health %+v", err, s.Health())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestFullDisk fills the disk although the guard is on: the ballast is given up,
// nothing fails and nothing halts; what was there can be deleted; and when there
// is space again the store goes on without a restart.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fs := storetest.NewFS()
		fs.SetFree(200 << 20)
		s := storetest.OpenAny(t, fs.Use, func(o *store.Options) { o.MinFree, o.Ballast = 100<<20, 10<<20 })
		exists := func() bool { _, err := fs.Size(storetest.Dir + "/BALLAST"); return err == nil }
		add := func(ctx context.Context, k string) error {
			return s.Update(ctx, 1, func(tx store.Tx) error { set(tx, k, "1"); return nil })
		}
		if err := add(t.Context(), "a"); err != nil || !exists() {
			t.Fatalf("Update = %v, ballast %v, want nil and one", err, exists())
		}
		fs.FillDisk(func(path string) bool { return strings.HasSuffix(path, "/BALLAST") })
		if err := add(t.Context(), "b"); err != nil {
			t.Errorf("Update that found no space = %v, want nil thanks to the ballast", err)
		}
		if h := s.Health(); exists() || h.ReadOnly == "" || h.Halted != "" {
			t.Errorf("ballast %v, Health = %+v, want none and read-only", exists(), h)
		}
		fs.SetFree(105 << 20) // enough for Updates, but not for the ballast too
		wait(t, 2*time.Second)
		if err := add(t.Context(), "c"); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("Update on a full disk = %v, want ErrReadOnly", err)
		}
		if err := add(store.Reclaiming(t.Context()), "d"); err != nil {
			t.Errorf("reclaiming Update on a full disk = %v, want nil", err)
		}
		update(t, s, func(tx store.Tx) { tx.Delete([]byte("a")) })
		fs.SetFree(110 << 20)
		wait(t, 2*time.Second)
		if err := add(t.Context(), "e"); err != nil || !exists() || !s.Health().OK() {
			t.Errorf("Update with space again = %v, ballast %v, health %+v", err, exists(), s.Health())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestMinFree looks at the share of the disk that must be free.
func TestMinFree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		total, want uint64 // want: free bytes that are needed
		minFree     int64
	}{
		{name: "small disk", total: 4 << 30, want: 512 << 20},
		{name: "large disk", total: 100 << 30, want: 5 << 30},
		{name: "as asked for", total: 100 << 30, minFree: 1 << 30, want: 1 << 30},
		{name: "no check", total: 100 << 30, minFree: -1, want: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, free := range []uint64{tt.want - min(tt.want, 1<<20), tt.want + 1<<20} {
				files := storetest.NewFS()
				files.SetDisk(free, tt.total)
				s := storetest.OpenAny(t, files.Use, func(o *store.Options) { o.MinFree = tt.minFree })
				if readOnly := s.Health().ReadOnly != ""; readOnly != (free < tt.want) {
					t.Errorf("%d of %d bytes free: read-only %v", free, tt.total, readOnly)
				}
			}
		})
	}
}

func TestSlowClosureIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := storetest.OpenAny(t)
		done := make(chan error)
		go func() {
			done <- s.Update(context.Background(), 1, func(store.Tx) error {
				return clock.Sleep(context.Background(), clock.Real(), 15*time.Second)
			})
		}()
		wait(t, 12*time.Second)
		if h := s.Health(); h.StuckClosure < 10*time.Second || h.OK() {
			t.Errorf("Health = %+v, want a stuck closure", h)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		wait(t, 2*time.Second)
		if h := s.Health(); h.StuckClosure != 0 || h.SlowClosures != 1 {
			t.Errorf("Health = %+v, want one slow closure and none stuck", h)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	s := storetest.OpenAny(t, fs.Use)
	blob := putBlob(t, s, "content")
	update(t, s, func(tx store.Tx) { set(tx, "a", "1"); tx.Ref(blob) })
	snap, err := s.Checkpoint(t.Context(), "/backup/one")
	if err != nil || snap.Seqs[1] != 1 || len(snap.Seqs) != len(s.Parts())+1 {
		t.Fatalf("Checkpoint = %+v, %v", snap, err)
	}
	update(t, s, func(tx store.Tx) { set(tx, "a", "2"); tx.Unref(blob) })
	if err := s.Blobs().Delete(t.Context(), blob); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Checkpoint(t.Context(), "/backup/one"); err == nil {
		t.Error("Checkpoint over another succeeded")
	}
	var o store.Options
	fs.Crash(0, random(t)).Use(&o) // it is durable
	c, err := store.Open("/backup/one", o)
	if err != nil {
		t.Fatal(err)
	}
	view(t, c, func(v store.View) {
		if got := get(v, "a"); got != "1" || v.Seq() != 1 {
			t.Errorf("checkpoint holds a=%s at %d, want 1 at 1", got, v.Seq())
		}
	})
	if got, err := readBlob(t, c, blob, 0, -1); got != "content" || err != nil {
		t.Errorf("blob in the checkpoint = %q, %v", got, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
