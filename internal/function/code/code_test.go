package code_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/function/code"
)

// entry is one entry of a zip file that a test makes.
type entry struct {
	name, body string
	mode       fs.FileMode
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: time.Date(2020, 1, 2, 3, 4, 6, 0, time.UTC)}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.body)); err != nil && e.body != "" {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb makes a zip file of n files with a megabyte of zeros each. They are
// compressed once.
func bomb(tb testing.TB, n int) []byte {
	tb.Helper()
	zeros := make([]byte, 1<<20)
	var packed, b bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = deflate.Write(zeros)
	}
	if err == nil {
		err = deflate.Close()
	}
	w := zip.NewWriter(&b)
	for i := range n {
		f, failed := w.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf("%d.bin", i), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(zeros),
			UncompressedSize64: uint64(len(zeros)), CompressedSize64: uint64(packed.Len()),
		})
		if failed == nil {
			_, failed = f.Write(packed.Bytes())
		}
		err = errors.Join(err, failed)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB) (*code.Cache, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "code")
	c, err := code.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	// The directories in it are read-only, so that only the cache can empty it.
	t.Cleanup(func() {
		if err := c.Keep(func(string) bool { return false }); err != nil {
			t.Error(err)
		}
	})
	return c, dir
}

// list describes every path below dir: its mode and the content of a file or
// the target of a link.
func list(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, dir+"/")
		switch {
		case d.IsDir():
			got[name] = info.Mode().String()
		case info.Mode().Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			got[name] = "-> " + target
			return err
		default:
			b, err := os.ReadFile(path)
			got[name] = info.Mode().String() + " " + string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		entries []entry
		want    map[string]string
	}{
		{
			name:    "one file",
			entries: []entry{{name: "app.py", body: "x = 1"}},
			want:    map[string]string{"app.py": "-r--r--r-- x = 1", "__pycache__": "drwxr-xr-x"},
		},
		{
			name:    "directories, given or not",
			entries: []entry{{name: "lib/"}, {name: "lib/"}, {name: "lib/a/b.txt", body: "b"}, {name: "./c.txt", body: "c"}, {name: "lib/mod.py"}},
			want: map[string]string{
				"lib": "dr-xr-xr-x", "lib/a": "dr-xr-xr-x", "lib/a/b.txt": "-r--r--r-- b", "c.txt": "-r--r--r-- c",
				"lib/mod.py": "-r--r--r-- ", "lib/__pycache__": "drwxr-xr-x",
			},
		},
		{
			name:    "modes",
			entries: []entry{{name: "bootstrap", body: "#!", mode: 0o700}, {name: "secret", body: "s", mode: 0o600}, {name: "suid", body: "u", mode: 0o755 | fs.ModeSetuid}},
			want:    map[string]string{"bootstrap": "-r-xr-xr-x #!", "secret": "-r--r--r-- s", "suid": "-r-xr-xr-x u"},
		},
		{
			name: "links inside",
			entries: []entry{
				{name: "lib/libx.so", body: "../real/libx.so.1", mode: fs.ModeSymlink | 0o777},
				{name: "real/libx.so.1", body: "elf"},
				{name: "current", body: "real", mode: fs.ModeSymlink | 0o777},
				{name: "dangling", body: "not/there", mode: fs.ModeSymlink | 0o777},
			},
			want: map[string]string{
				"lib": "dr-xr-xr-x", "lib/libx.so": "-> ../real/libx.so.1", "real": "dr-xr-xr-x", "real/libx.so.1": "-r--r--r-- elf",
				"current": "-> real", "dangling": "-> not/there",
			},
		},
		{
			name:    "bytecode that comes along",
			entries: []entry{{name: "a.py"}, {name: "__pycache__/a.cpython-311.pyc", body: "pyc"}},
			want:    map[string]string{"a.py": "-r--r--r-- ", "__pycache__": "drwxr-xr-x", "__pycache__/a.cpython-311.pyc": "-r--r--r-- pyc"},
		},
		{
			name:    "names that only look dangerous",
			entries: []entry{{name: "..a", body: "1"}, {name: "b..", body: "2"}, {name: "...", body: "3"}, {name: "ü x", body: "4"}},
			want:    map[string]string{"..a": "-r--r--r-- 1", "b..": "-r--r--r-- 2", "...": "-r--r--r-- 3", "ü x": "-r--r--r-- 4"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := open(t)
			zipped := archive(t, tt.entries...)
			dir, err := c.Add(zipped)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, list(t, dir)); diff != "" {
				t.Errorf("unpacked (-want +got):\n%s", diff)
			}
			info, err := os.Stat(dir)
			if err != nil || info.Mode().Perm() != 0o555 {
				t.Errorf("mode of the directory = %v, %v", info.Mode(), err)
			}
			if found, ok := c.Dir(code.Name(zipped)); !ok || found != dir {
				t.Errorf("Dir = %q, %v; want %q", found, ok, dir)
			}
			if again, err := c.Add(zipped); err != nil || again != dir {
				t.Errorf("second Add = %q, %v; want %q", again, err, dir)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const link = fs.ModeSymlink | 0o777
	valid := archive(t, entry{name: "app.py", body: strings.Repeat("x = 1\n", 50)})
	damaged := bytes.Clone(valid)
	damaged[50] ^= 0xff
	tests := []struct {
		name   string
		zipped []byte
		want   error
	}{
		{"empty input", nil, code.ErrMalformed},
		{"not a zip file", []byte("PK but no"), code.ErrMalformed},
		{"cut off", valid[:len(valid)-10], code.ErrMalformed},
		{"damaged content", damaged, code.ErrMalformed},
		{"no entries", archive(t), code.ErrEmpty},
		{"parent directory", archive(t, entry{name: "../evil"}), code.ErrMalformed},
		{"parent directory inside", archive(t, entry{name: "a/../../evil"}), code.ErrMalformed},
		{"parent directory that stays inside", archive(t, entry{name: "a/../b"}), code.ErrMalformed},
		{"parent directory as a directory", archive(t, entry{name: "../"}), code.ErrMalformed},
		{"absolute", archive(t, entry{name: "/etc/evil"}), code.ErrMalformed},
		{"absolute directory", archive(t, entry{name: "/"}), code.ErrMalformed},
		{"drive letter", archive(t, entry{name: "C:evil"}), code.ErrMalformed},
		{"backslash", archive(t, entry{name: `..\evil`}), code.ErrMalformed},
		{"zero byte", archive(t, entry{name: "a\x00b"}), code.ErrMalformed},
		{"no name", archive(t, entry{name: ""}), code.ErrMalformed},
		{"long name", archive(t, entry{name: strings.Repeat("n", 256)}), code.ErrMalformed},
		{"same name twice", archive(t, entry{name: "a"}, entry{name: "./a"}), code.ErrMalformed},
		{"file and directory", archive(t, entry{name: "a"}, entry{name: "a/b"}), code.ErrMalformed},
		{"directory and file", archive(t, entry{name: "a/b"}, entry{name: "a"}), code.ErrMalformed},
		{"absolute link", archive(t, entry{name: "a", body: "/etc/passwd", mode: link}), code.ErrMalformed},
		{"link out", archive(t, entry{name: "a", body: "../x", mode: link}), code.ErrMalformed},
		{"link out from below", archive(t, entry{name: "d/a", body: "../../x", mode: link}), code.ErrMalformed},
		{"link to nothing", archive(t, entry{name: "a", body: "", mode: link}), code.ErrMalformed},
		{"link to itself", archive(t, entry{name: "a", body: "a", mode: link}), code.ErrMalformed},
		{
			"links that lead out together",
			archive(t, entry{name: "a/b/up", body: "../..", mode: link}, entry{name: "out", body: "a/b/up/..", mode: link}), code.ErrMalformed,
		},
		{"file through a link", archive(t, entry{name: "a", body: "b", mode: link}, entry{name: "b/"}, entry{name: "a/c"}), code.ErrMalformed},
		{"link over a directory", archive(t, entry{name: "a/c"}, entry{name: "a", body: "b", mode: link}), code.ErrMalformed},
		{"device", archive(t, entry{name: "a", mode: fs.ModeDevice | 0o644}), code.ErrMalformed},
		{"named pipe", archive(t, entry{name: "a", mode: fs.ModeNamedPipe | 0o644}), code.ErrMalformed},
		{"bomb", bomb(t, 251), code.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, dir := open(t)
			if got, err := c.Add(tt.zipped); !errors.Is(err, tt.want) {
				t.Errorf("Add = %q, %v; want %v", got, err, tt.want)
			}
			if left := list(t, filepath.Dir(dir)); !cmp.Equal(left, map[string]string{"code": "drwxr-xr-x"}) {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestLyingSize changes the size that a zip file claims: what counts is what
// comes out.
func TestLyingSize(t *testing.T) {
	t.Parallel()
	zipped := archive(t, entry{name: "a", body: strings.Repeat("x", 1000)})
	i := bytes.LastIndex(zipped, []byte("PK\x01\x02"))
	zipped[i+24], zipped[i+25] = 1, 0 // uncompressed size in the directory
	c, _ := open(t)
	if _, err := c.Add(zipped); !errors.Is(err, code.ErrMalformed) {
		t.Errorf("Add = %v, want ErrMalformed", err)
	}
}

func TestKeepAndOpen(t *testing.T) {
	t.Parallel()
	c, dir := open(t)
	a, b := archive(t, entry{name: "d/a.py", body: "1"}), archive(t, entry{name: "d/b.py", body: "2"})
	for _, z := range [][]byte{a, b} {
		if _, err := c.Add(z); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Keep(func(name string) bool { return name == code.Name(a) }); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Dir(code.Name(a)); !ok {
		t.Error("what was to be kept is gone")
	}
	if _, ok := c.Dir(code.Name(b)); ok {
		t.Error("what was not to be kept is still there")
	}
	unfinished := filepath.Join(dir, "draft-1", "x")
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := code.Open(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(unfinished); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open left an unfinished directory: %v", err)
	}
	if _, ok := c.Dir(code.Name(a)); !ok {
		t.Error("Open removed a finished directory")
	}
}

func FuzzAdd(f *testing.F) {
	const link = fs.ModeSymlink | 0o777
	f.Add(archive(f, entry{name: "a/b.py", body: "x"}, entry{name: "l", body: "a", mode: link}))
	f.Add(archive(f, entry{name: "../evil"}))
	f.Add(archive(f, entry{name: "a", body: "..", mode: link}, entry{name: "a/b"}))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, zipped []byte) {
		c, dir := open(t)
		unpacked, err := c.Add(zipped)
		want := map[string]string{}
		if err == nil {
			want[filepath.Base(unpacked)] = "dr-xr-xr-x"
		} else if !errors.Is(err, code.ErrMalformed) && !errors.Is(err, code.ErrEmpty) && !errors.Is(err, code.ErrTooLarge) {
			t.Errorf("Add blames the machine: %v", err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			got[e.Name()] = info.Mode().String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in the cache (-want +got):\n%s", diff)
		}
		if beside, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(beside) != 1 {
			t.Errorf("beside the cache: %v, %v", beside, err)
		}
	})
}
