package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// offline returns what a tool needs to work on files.
func offline(files *storetest.FS) store.Offline {
	var o store.Options
	files.Use(&o)
	return store.Offline{FS: o.FS, Spaces: []store.Space{
		{Prefix: "row/", Data: true, Versions: []byte("x")},
		{Prefix: "q/#/", Data: true, Versions: []byte("x")},
	}}
}

// The blobs of a furnished store that are files.
var (
	referredTo = strings.Repeat("referred to ", 4000)
	orphan     = strings.Repeat("an orphan ", 4000)
)

// furnished returns a store in which every kind of row is, in tables and in a
// log that the engine's newest format is used for. Two blobs are in it, one of
// which a row refers to.
func furnished(t *testing.T) (*storetest.FS, *store.Store) {
	t.Helper()
	files := storetest.NewFS()
	if err := storetest.OpenAny(t, files.Use).Close(); err != nil {
		t.Fatal(err) // the first log of all has an older format
	}
	s := storetest.OpenAny(t, files.Use, func(o *store.Options) { o.Heads = []string{"q/#/"}; o.Retention = 8 })
	var blobs []store.Digest
	for _, text := range []string{referredTo, orphan, "a small orphan"} { // the small one is a row
		d, _, err := s.Blobs().Put(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, d)
	}
	furnish(t, s, 0, blobs[0])
	if err := store.Flush(s); err != nil {
		t.Fatal(err)
	}
	furnish(t, s, 1, blobs[0])
	return files, s
}

func furnish(t *testing.T, s *store.Store, round int, d store.Digest) {
	t.Helper()
	err := s.Update(t.Context(), store.Meta, func(tx store.Tx) error {
		store.NextID(tx, "queue")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rng := random(t)
	for i := range 40 {
		update(t, s, func(tx store.Tx) {
			set(tx, fmt.Sprintf("row/%d/%03d", round, i), "x"+noise(rng))
			set(tx, fmt.Sprintf("q/1/%d/%03d", round, i), "x")
			for k := range tx.Head([]byte("q/1/")) {
				tx.Delete(k)
				break
			}
			tx.Timer("wake", fmt.Append(nil, round, i), tx.Now().Add(time.Hour), []byte("payload"))
			tx.Emit("a", []byte("one"))
			tx.Emit("b", []byte("two"))
			if i%2 == 0 {
				tx.Emit("a", []byte("three"))
			}
			if i == 0 {
				tx.Ref(d)
			}
			_, _, err := store.Once(tx, fmt.Append(nil, round, i), time.Hour, func() ([]byte, error) { return nil, nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// noise does not compress.
func noise(rng *rand.Rand) string {
	b := make([]byte, 60)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return string(b)
}

func verify(t *testing.T, o store.Offline) store.Report {
	t.Helper()
	rep, err := store.Verify(t.Context(), storetest.Dir, o)
	if err != nil {
		t.Fatalf("Verify = %v", err)
	}
	return rep
}

func TestVerifySound(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	for name, stop := range map[string]func() *storetest.FS{
		"power cut": func() *storetest.FS { return files.Crash(0, random(t)) },
		"closed": func() *storetest.FS {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return files
		},
	} {
		o := offline(stop())
		before := filesBelow(t, o.FS, storetest.Dir)
		rep := verify(t, o)
		if rep.Found != 0 {
			t.Errorf("%s: problems: %v", name, rep.Problems)
		}
		rep.Bytes, rep.Rows, rep.Tables, rep.Logs, rep.Changes = min(rep.Bytes, 1), min(rep.Rows, 1), min(rep.Tables, 1), min(rep.Logs, 1), min(rep.Changes, 1)
		want := store.Report{
			Logs: 1, Tables: 1, Bytes: 1, Rows: 1, Timers: 160, Changes: 1, Blobs: 3, Orphans: 2,
			OrphanBytes: int64(len(orphan) + len("a small orphan")), Problems: []store.Problem{},
		}
		if diff := cmp.Diff(want, rep); diff != "" {
			t.Errorf("%s: report (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(before, filesBelow(t, o.FS, storetest.Dir)); diff != "" {
			t.Errorf("%s: Verify has changed the directory (-before +after):\n%s", name, diff)
		}
	}
}

// filesBelow returns every file below dir.
func filesBelow(t *testing.T, files vfs.FS, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	names, err := files.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file := path.Join(dir, name)
		st, err := files.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if st.IsDir() {
			maps.Copy(all, filesBelow(t, files, file))
			continue
		}
		all[file] = read(t, files, file)
	}
	return all
}

func read(t *testing.T, files vfs.FS, file string) string {
	t.Helper()
	f, err := files.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestVerifyFlippedBits flips one bit at a time: Verify names the file, or, for
// the last chunk of a log, the file that knows how far the log went. The end of
// a log whose rows have gone to tables is not missed.
func TestVerifyFlippedBits(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rng := random(t)
	o := offline(files)
	sound := verify(t, o)
	flips := 12
	if *longFlag {
		flips = 400
	}
	for file, content := range filesBelow(t, o.FS, storetest.Dir) {
		name := strings.TrimPrefix(file, storetest.Dir+"/")
		if content == "" || harmless(name) {
			continue
		}
		for range flips {
			at := rng.IntN(len(content))
			cut := files.Crash(100, rng)
			if err := cut.Corrupt(file, at); err != nil {
				t.Fatal(err)
			}
			rep := verify(t, offline(cut))
			named := slices.ContainsFunc(rep.Problems, func(p store.Problem) bool {
				return p.File == name || path.Ext(name) == ".log" && p.File == "WATERMARK"
			})
			unused := path.Ext(name) == ".log" && rep.Found == 0 && rep.Rows == sound.Rows
			if !named && !unused {
				t.Errorf("%s with a flipped bit at %d of %d: problems = %v", name, at, len(content), rep.Problems)
			}
		}
	}
}

// harmless reports whether a file can be damaged without harm.
func harmless(name string) bool {
	switch base := path.Base(name); base {
	case "BALLAST", "MANIFEST-000001": // the list before the last
		return true
	default:
		return strings.HasPrefix(base, "OPTIONS") // the engine only notes what it was opened with
	}
}

// TestVerifyRows breaks what rows owe each other.
func TestVerifyRows(t *testing.T) {
	t.Parallel()
	timer := func(prefix string) func(k string) bool {
		return func(k string) bool { return strings.HasPrefix(k, prefix) }
	}
	for name, tc := range map[string]struct {
		pick func(k string) bool // a row that is there; nil takes key
		key  string
		val  []byte // nil deletes
		want string
	}{
		"timer lost":          {pick: timer("tm/"), want: "the index has a timer that does not exist"},
		"timer not in index":  {pick: timer("tmx/wake"), want: "the timer is not in the index"},
		"once without timer":  {pick: timer("tmx/store.once"), want: "no timer will ever remove this row"},
		"timer damaged":       {pick: timer("tm/"), val: []byte{1, 2}, want: "stored data is damaged"},
		"index elsewhere":     {pick: timer("tmx/"), val: []byte{1, 0, 0, 0, 0, 0, 0, 0, 9}, want: "the index has another time"},
		"change lost":         {pick: func(k string) bool { return strings.HasPrefix(k, "ch/a") && k[len(k)-1] == 0 }, want: "emitted at least 2 records, and 1 are there"},
		"change damaged":      {pick: timer("ch/a"), val: []byte{1}, want: "the record cannot be decoded"},
		"state lost":          {key: "m/state", want: "the newest Update is 0"},
		"state damaged":       {key: "m/state", val: []byte{1, 1}, want: "state row"},
		"foreign rows":        {key: "who/knows", val: []byte("x"), want: "no part of the program writes rows with such a key"},
		"own but unknown":     {key: "m/what", val: []byte{1}, want: "no part of the program writes rows with such a key"},
		"version":             {key: "row/1", val: []byte{9}, want: "version 9, which this program cannot read"},
		"no version":          {key: "row/1", val: []byte{}, want: "it has no version"},
		"wrong partition":     {key: "id/queue", val: []byte{1, 0, 0, 0, 1}, want: "do not belong into this partition"},
		"reference to no one": {key: "bl/" + strings.Repeat("d", 32), val: []byte{1, 0, 0, 0, 0, 0, 0, 0, 1}, want: "a row refers to this blob, and it is not there"},
		"no references":       {key: "bl/" + strings.Repeat("d", 32), val: []byte{1, 0, 0, 0, 0, 0, 0, 0, 0}, want: "0 references"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, s := furnished(t)
			key := tc.key
			if tc.pick != nil {
				key = lastRow(t, s, tc.pick)
			}
			if err := errors.Join(store.SetRaw(s, 1, []byte(key), tc.val), s.Close()); err != nil {
				t.Fatal(err)
			}
			rep := verify(t, offline(files))
			if !strings.Contains(fmt.Sprint(rep.Problems), tc.want) {
				t.Errorf("problems = %v, want %q", rep.Problems, tc.want)
			}
		})
	}
}

// TestVerifySmallBlob damages a blob that is a row.
func TestVerifySmallBlob(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	d := sha256.Sum256([]byte("a small orphan"))
	if err := errors.Join(store.SetRaw(s, store.Meta, append([]byte("bi/"), d[:]...), []byte("\x01a small orfan")), s.Close()); err != nil {
		t.Fatal(err)
	}
	rep := verify(t, offline(files))
	if !strings.Contains(fmt.Sprint(rep.Problems), "is not what its name says") {
		t.Errorf("problems = %v", rep.Problems)
	}
}

// lastRow returns the last row of partition 1 that pick accepts.
func lastRow(t *testing.T, s *store.Store, pick func(k string) bool) string {
	t.Helper()
	found := ""
	view(t, s, func(v store.View) {
		for k := range v.ScanDown(nil, nil) {
			if pick(string(k)) {
				found = string(k)
				return
			}
		}
	})
	if found == "" {
		t.Fatal("there is no such row")
	}
	return found
}

func TestVerifyPartitionTooMany(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	if err := errors.Join(store.SetRaw(s, 77, []byte("row/1"), []byte("x")), s.Close()); err != nil {
		t.Fatal(err)
	}
	rep := verify(t, offline(files))
	if got := fmt.Sprint(rep.Problems); got != "[partition 77: there are only 5 partitions]" {
		t.Errorf("problems = %s", got)
	}
}

func TestVerifyLostFiles(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o := offline(files)
	lost := 0
	for file := range filesBelow(t, o.FS, storetest.Dir) {
		if ext := path.Ext(file); ext != ".sst" && path.Base(path.Dir(file)) != "blobs" && !strings.Contains(file, "MANIFEST") || strings.HasSuffix(file, "-000001") {
			continue
		}
		without := offline(files.Crash(100, random(t)))
		if err := without.FS.Remove(file); err != nil {
			t.Fatal(err)
		}
		rep := verify(t, without)
		// A blob that nothing refers to is not missed.
		if name := path.Base(file); rep.Found == 0 && rep.Orphans == 2 {
			t.Errorf("%s is gone, and nothing was found", name)
		}
		lost++
	}
	if lost < 4 {
		t.Errorf("only %d files to lose: the test proves nothing", lost)
	}
}

func TestOfflineRefuses(t *testing.T) {
	t.Parallel()
	files, s := furnished(t)
	o := offline(files)
	ctx := context.Background()
	jobs := map[string]func(dir string) error{
		"Verify":    func(dir string) error { _, err := store.Verify(ctx, dir, o); return err },
		"ReadStats": func(dir string) error { _, err := store.ReadStats(ctx, dir, o); return err },
		"Compact":   func(dir string) error { _, _, err := store.Compact(ctx, dir, o); return err },
		"Copy":      func(dir string) error { return store.Copy(ctx, dir, "/copy", true, o) },
	}
	for name, job := range jobs {
		if err := job(storetest.Dir); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), storetest.Dir) {
			t.Errorf("%s of an open store = %v, want ErrLocked and the directory", name, err)
		}
		if err := job("/nothing"); !errors.Is(err, store.ErrNoStore) {
			t.Errorf("%s of nothing = %v, want ErrNoStore", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	ctx = cancelled
	for name, job := range jobs {
		if err := job(storetest.Dir); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context = %v", name, err)
		}
	}
}

func FuzzManifest(f *testing.F) {
	files := storetest.NewFS()
	s := storetest.OpenAny(f, files.Use)
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	var o store.Options
	files.Use(&o)
	names, err := o.FS.List(storetest.Dir + "/db")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "MANIFEST") {
			continue
		}
		file, err := o.FS.Open(storetest.Dir + "/db/" + name)
		if err != nil {
			f.Fatal(err)
		}
		b, err := io.ReadAll(file)
		if err := errors.Join(err, file.Close()); err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		at, err := store.CheckManifest(bytes.NewReader(b))
		if err != nil || at < -1 || at >= int64(len(b)) {
			t.Errorf("CheckManifest = %d, %v", at, err)
		}
		// Cutting the end off must not make it look damaged where it was not.
		if cut := len(b) / 2; at < 0 && len(b) < 32<<10 {
			if at, err := store.CheckManifest(bytes.NewReader(b[:cut])); at >= 0 || err != nil {
				t.Errorf("cut at %d: CheckManifest = %d, %v", cut, at, err)
			}
		}
	})
}
