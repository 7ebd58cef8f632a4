package project

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write makes files below dir, by their names with slashes.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

func TestBundleHoldsWhatRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"services/a/handlers/hold.py":             "hold",
		"services/a/handlers/__init__.py":         "",
		"services/a/prices.py":                    "prices",
		"services/a/data/seats.json":              "{}",
		"services/a/requirements.txt":             "boto3",
		"services/a/gen/events.py":                "events",
		"services/a/gen/samples/Held.json":        "no",
		"services/a/gen/test_contract.py":         "no",
		"services/a/tests/test_hold.py":           "no",
		"services/a/test_prices.py":               "no",
		"services/a/conftest.py":                  "no",
		"services/a/latest/tests/kept.py":         "a folder of that name elsewhere is a person's",
		"services/a/__pycache__/a.pyc":            "no",
		"services/a/handlers/__pycache__/b.pyc":   "no",
		"services/a/.env":                         "no",
		"services/a/.venv/lib/x.py":               "no",
		"services/a/venv/pyvenv.cfg":              "no",
		"services/a/venv/lib/python3.12/site.py":  "no",
		"services/a/handlers/hold.py~":            "no",
		"services/a/handlers/.hold.py.swp":        "no",
		"services/a/node_modules/left/pad.js":     "no",
		"services/b/handlers/other.py":            "no",
		"services/a/handlers/test_helpers/one.py": "a folder is no test",
	})
	b, err := readBundle(open(t, dir), "services/a")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range b.files {
		got = append(got, f.path)
	}
	want := []string{
		"data/seats.json", "gen/events.py", "handlers/__init__.py", "handlers/hold.py", "handlers/test_helpers/one.py",
		"latest/tests/kept.py", "prices.py", "requirements.txt",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if f := b.find("prices.py"); f == nil || string(f.content) != "prices" {
		t.Errorf("find(prices.py) = %v", f)
	}
	if f := b.find("tests/test_hold.py"); f != nil {
		t.Errorf("find(tests/test_hold.py) = %v, want nil", f)
	}
}

// TestZipIsStable makes the same files at other times and in another order:
// the package has the same bytes.
func TestZipIsStable(t *testing.T) {
	t.Parallel()
	files := map[string]string{"s/handlers/b.py": "b", "s/a.py": strings.Repeat("a = 1\n", 1000), "s/run": "#!"}
	pack := func(old bool) []byte {
		dir := t.TempDir()
		write(t, dir, files)
		if err := os.Chmod(filepath.Join(dir, "s/run"), 0o755); err != nil {
			t.Fatal(err)
		}
		if old {
			for name := range files {
				at := time.Date(2001, 2, 3, 4, 5, 6, 0, time.Local)
				if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(filepath.Join(dir, "s/a.py"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		b, err := readBundle(open(t, dir), "s")
		if err != nil {
			t.Fatal(err)
		}
		zipped, err := b.zip()
		if err != nil {
			t.Fatal(err)
		}
		return zipped
	}
	first := pack(false)
	if !bytes.Equal(first, pack(true)) {
		t.Error("the same files gave other bytes")
	}
	r, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = f.Mode().String() + " " + string(text)
	}
	want := map[string]string{"a.py": "-rw-r--r-- " + files["s/a.py"], "handlers/b.py": "-rw-r--r-- b", "run": "-rwxr-xr-x #!"}
	if runtime.GOOS != "windows" && !cmp.Equal(got, want) {
		t.Errorf("the package differs (-want +got):\n%s", cmp.Diff(want, got))
	}
}

func TestBundleRefuses(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret.py": "secret"})
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		want    string // the error; empty if there is none
	}{
		{"a file that is linked inside", func(t *testing.T, dir string) {
			write(t, dir, map[string]string{"shared/money.py": "money"})
			link(t, "../../shared/money.py", filepath.Join(dir, "services/a/money.py"))
		}, ""},
		{"a link out", func(t *testing.T, dir string) {
			link(t, filepath.Join(outside, "secret.py"), filepath.Join(dir, "services/a/secret.py"))
		}, "services/a/secret.py: it is a link that leads out of the project's folder; put what it leads to into the folder"},
		{"a link out, relative", func(t *testing.T, dir string) {
			link(t, "../../../../../../../../../../etc/passwd", filepath.Join(dir, "services/a/passwd"))
		}, "services/a/passwd: it is a link that leads out of the project's folder; put what it leads to into the folder"},
		{"a folder linked out", func(t *testing.T, dir string) {
			link(t, outside, filepath.Join(dir, "services/a/lib"))
		}, "services/a/lib: it is a link that leads out of the project's folder; put what it leads to into the folder"},
		{"a folder linked inside", func(t *testing.T, dir string) {
			link(t, "..", filepath.Join(dir, "services/a/lib"))
		}, "services/a/lib: it is a link to a folder, which a package cannot hold; put the folder itself there"},
		{"a link to nowhere", func(t *testing.T, dir string) {
			link(t, "gone.py", filepath.Join(dir, "services/a/here.py"))
		}, "services/a/here.py: the link leads nowhere; remove it"},
		{"a link to itself", func(t *testing.T, dir string) {
			link(t, "loop.py", filepath.Join(dir, "services/a/loop.py"))
		}, "services/a/loop.py: too many levels of symbolic links"},
		{"the folder is a file", func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "services/a")); err != nil {
				t.Fatal(err)
			}
			write(t, dir, map[string]string{"services/a": "a file"})
		}, "services/a: it is a file, and should be the folder of a service; move it away"},
		{"no folder", func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "services")); err != nil {
				t.Fatal(err)
			}
		}, "services/a: there is no such folder; `stormbus generate` makes it"},
		{"too large", func(t *testing.T, dir string) {
			at := filepath.Join(dir, "services/a/model.bin")
			write(t, dir, map[string]string{"services/a/model.bin": ""})
			if err := os.Truncate(at, 300<<20); err != nil {
				t.Fatal(err)
			}
		}, "services/a: the files of a service may have 250 MB together, and these have more; the largest so far is services/a/model.bin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, map[string]string{"services/a/handlers/hold.py": "hold"})
			tt.prepare(t, dir)
			b, err := readBundle(open(t, dir), "services/a")
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("readBundle = %q, want %q", got, tt.want)
			}
			if err == nil && string(b.find("money.py").content) != "money" {
				t.Error("what the link leads to is missing")
			}
		})
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}
