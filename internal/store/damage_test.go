package store_test

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"strings"
	"testing"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// damaged is a store of which everything is known, as a process that was
// killed leaves it: rows in tables, rows in the log, two blobs.
type damaged struct {
	files *storetest.FS
	want  map[string]string // partition/key -> value
	blobs map[store.Digest]string
}

// newDamaged builds it in three lives of the process, so that there are
// tables, an older manifest and a log that ends without a clean close.
func newDamaged(t *testing.T) *damaged {
	t.Helper()
	d := &damaged{files: storetest.NewFS(), want: map[string]string{}, blobs: map[store.Digest]string{}}
	rng := random(t)
	for life := range 3 {
		s := storetest.OpenAny(t, d.files.Use)
		for i := range 60 {
			p := store.Part(1 + i%3)
			k, v := fmt.Sprintf("row/%d/%02d", life, i), fmt.Sprintf("%x", rng.Uint64())
			v = strings.Repeat(v, 1+rng.IntN(20))
			if err := s.Update(t.Context(), p, func(tx store.Tx) error { set(tx, k, v); return nil }); err != nil {
				t.Fatal(err)
			}
			d.want[fmt.Sprintf("%d/%s", p, k)] = v
		}
		content := strings.Repeat(fmt.Sprintf("%x", rng.Uint64()), 1+life*5000)
		blob := putBlob(t, s, content)
		update(t, s, func(tx store.Tx) { tx.Ref(blob) })
		d.blobs[blob] = content
		if life == 1 {
			if err := store.Flush(s); err != nil {
				t.Fatal(err)
			}
		}
		if life < 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		d.files = d.files.Crash(100, rng)
	}
	return d
}

// open returns "" if everything is there, what was detected, or what is wrong:
// rows that are missing or different although nothing was detected.
func (d *damaged) open(t *testing.T, files *storetest.FS) (detected string, wrong error) {
	t.Helper()
	var o store.Options
	files.Use(&o)
	s, err := store.Open(storetest.Dir, o)
	if err != nil {
		return err.Error(), nil
	}
	defer func() {
		if err := s.Close(); err != nil && detected == "" {
			detected = err.Error()
		}
	}()
	left := maps.Clone(d.want)
	for _, p := range s.Parts() {
		err := s.View(t.Context(), p, func(v store.View) error {
			for k, got := range v.Scan([]byte("row/"), []byte("row0")) {
				name := fmt.Sprintf("%d/%s", p, k)
				if want, ok := left[name]; !ok || want != string(got) {
					wrong = fmt.Errorf("row %s = %.20q, want %.20q", name, got, want)
				}
				delete(left, name)
			}
			return nil
		})
		if err != nil {
			return err.Error(), nil
		}
	}
	if len(left) > 0 {
		return "", fmt.Errorf("%d of %d rows are missing", len(left), len(d.want))
	}
	if wrong != nil {
		return "", wrong
	}
	for blob, want := range d.blobs {
		got, err := readBlob(t, s, blob, 0, -1)
		if err != nil {
			return err.Error(), nil
		}
		if got != want {
			return "", fmt.Errorf("blob %s has other content", blob)
		}
	}
	return "", nil
}

func TestUndamaged(t *testing.T) {
	t.Parallel()
	d := newDamaged(t)
	if detected, wrong := d.open(t, d.files); detected != "" || wrong != nil {
		t.Errorf("nothing is damaged, but: %s %v", detected, wrong)
	}
}

// TestFlippedBits flips single bits in every file: it is detected, or nothing
// is missing.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	d := newDamaged(t)
	rng := random(t)
	paths, err := d.files.Tree(storetest.Dir)
	if err != nil {
		t.Fatal(err)
	}
	flips := 15
	if *longFlag {
		flips = 2000
	}
	found := map[string]int{}
	for _, file := range paths {
		size, err := d.files.Size(file)
		if err != nil {
			t.Fatal(err)
		}
		for range min(flips, 8*size) {
			bit := rng.IntN(8 * size)
			damaged := d.files.Crash(100, rng)
			if err := damaged.Flip(file, bit); err != nil {
				t.Fatal(err)
			}
			detected, wrong := d.open(t, damaged)
			if wrong != nil {
				t.Errorf("bit %d of %s (%d bytes): %v", bit, file, size, wrong)
			}
			if detected != "" {
				found[kind(file)]++
			}
		}
	}
	t.Logf("detected: %v", found)
	for _, kind := range []string{".log", ".sst", "MANIFEST", "blob"} {
		if found[kind] == 0 {
			t.Errorf("no flipped bit was detected in any %s: the test proves nothing", kind)
		}
	}
}

func kind(file string) string {
	switch base := path.Base(file); {
	case path.Ext(base) != "" && !strings.HasPrefix(base, "marker."):
		return path.Ext(base)
	case path.Base(path.Dir(file)) == "blobs":
		return "blob"
	default:
		return strings.TrimRight(base, "-0123456789.")
	}
}

// TestTornFiles cuts the end off every file, or removes it.
func TestTornFiles(t *testing.T) {
	t.Parallel()
	d := newDamaged(t)
	rng := random(t)
	paths, err := d.files.Tree(storetest.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range paths {
		size, err := d.files.Size(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{1, 16, 1 + rng.IntN(4096), size, -1} {
			damaged := d.files.Crash(100, rng)
			if cut < 0 {
				err = damaged.Remove(file)
			} else {
				err = damaged.Truncate(file, cut)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, wrong := d.open(t, damaged); wrong != nil {
				t.Errorf("%d bytes cut off %s (%d bytes): %v", cut, file, size, wrong)
			}
		}
	}
}

// TestFlippedBitInFirstLog damages the log of a store that has never been
// restarted.
func TestFlippedBitInFirstLog(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	for i := range 40 {
		update(t, s, func(tx store.Tx) { set(tx, fmt.Sprintf("row/%02d", i), strings.Repeat("x", 100)) })
	}
	rng := random(t)
	logs, err := files.Files(storetest.Dir+"/db", ".log")
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs = %q, %v, want one", logs, err)
	}
	size, err := files.Size(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		for _, keep := range []int{0, 100} { // without and with the watermark's last writes
			bit := rng.IntN(8 * size)
			if keep == 0 && bit/8 > size-300 {
				continue // the last chunk: only the watermark can tell
			}
			cut := files.Crash(keep, rng)
			if err := cut.Flip(logs[0], bit); err != nil {
				t.Fatal(err)
			}
			var o store.Options
			cut.Use(&o)
			s, err := store.Open(storetest.Dir, o)
			if err == nil {
				t.Errorf("Open with bit %d of %d flipped succeeded (keep %d)", bit, 8*size, keep)
				err = s.Close()
			}
			if err != nil && !errors.Is(err, store.ErrDamaged) {
				t.Errorf("Open = %v, want ErrDamaged", err)
			}
		}
	}
}
