package python_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/clock"
	"stormbus/internal/function/python"
)

// executable stands for a real interpreter: what counts is that it may be run
// and not a script.
const executable = "\x7fELF"

// shim answers what a version manager's script would.
func shim(version, path string) string {
	return "#!/bin/sh\necho " + version + "\necho " + path + "\n"
}

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string // below the root; executable
		links map[string]string
		path  []string
		first []string
		want  map[string]string // version: path below the root
	}{
		{name: "nothing", path: []string{"bin", "missing"}, want: map[string]string{}},
		{
			name:  "real executables, the first of a version wins",
			files: map[string]string{"a/python3.11": executable, "b/python3.11": executable, "b/python3.12": executable, "b/python3.12-config": executable},
			path:  []string{"a", "b"},
			want:  map[string]string{"3.11": "a/python3.11", "3.12": "b/python3.12"},
		},
		{
			name:  "too old, not Python",
			files: map[string]string{"a/python3.7": executable, "a/python2.7": executable, "a/python3.x": executable, "a/python3.8": executable},
			path:  []string{"a"},
			want:  map[string]string{"3.8": "a/python3.8"},
		},
		{
			name:  "the link of a virtual environment stays a link",
			files: map[string]string{"real/python3.10": executable},
			links: map[string]string{"venv/python3": "real/python3.10"},
			path:  []string{"venv", "real"},
			want:  map[string]string{"3.10": "venv/python3"},
		},
		{
			name:  "version managers below the home directory",
			files: map[string]string{"home/.pyenv/versions/3.9.1/bin/python3.9": executable, "home/.pyenv/versions/3.9.2/bin/python3.9": executable, "home/.local/share/uv/python/cpython-3.13/bin/python3.13": executable},
			want:  map[string]string{"3.9": "home/.pyenv/versions/3.9.2/bin/python3.9", "3.13": "home/.local/share/uv/python/cpython-3.13/bin/python3.13"},
		},
		{
			name:  "shims are asked only for what is not found otherwise",
			files: map[string]string{"shims/python3.11": shim("3.11", "/shimmed"), "shims/python3.12": "#!/bin/sh\nexit 127\n", "shims/python3": shim("3.13", "/unasked"), "bin/python3.11": executable},
			path:  []string{"shims", "bin"},
			want:  map[string]string{"3.11": "bin/python3.11"},
		},
		{
			name:  "a shim stands for what it says",
			files: map[string]string{"shims/python3.11": shim("3.11", "/shimmed")},
			path:  []string{"shims"},
			want:  map[string]string{"3.11": "/shimmed"},
		},
		{
			name:  "python3 of unknown version is asked",
			files: map[string]string{"bin/python3": shim("3.12", "/usr/bin/python3")},
			path:  []string{"bin"},
			want:  map[string]string{"3.12": "/usr/bin/python3"},
		},
		{
			name:  "what the user named goes first",
			files: map[string]string{"bin/python3.12": executable, "own/py": shim("3.12", "/own")},
			path:  []string{"bin"}, first: []string{"own/py", "own/missing"},
			want: map[string]string{"3.12": "/own"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			below := func(paths []string) (list []string) {
				for _, p := range paths {
					list = append(list, filepath.Join(root, p))
				}
				return list
			}
			for name, text := range tt.files {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for name, target := range tt.links {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(filepath.Join(root, target), path); err != nil {
					t.Fatal(err)
				}
			}
			list := python.Find(t.Context(), python.Search{
				First: below(tt.first), Home: filepath.Join(root, "home"),
				Path: strings.Join(append(below(tt.path), "relative"), string(filepath.ListSeparator)),
			})
			got := map[string]string{}
			for n, i := range list {
				got[i.Version.String()] = strings.TrimPrefix(i.Path, root+"/")
				if n > 0 && list[n-1].Version.Compare(i.Version) <= 0 {
					t.Errorf("order of %v: want the newest first", list)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	tests := []struct{ have, want, chosen string }{
		{"3.8 3.9 3.12", "3.9", "3.9"},
		{"3.8 3.10 3.12", "3.9", "3.10"},
		{"3.12 3.10 3.8", "3.9", "3.10"},
		{"3.8 3.11 3.9", "3.14", "3.11"},
		{"3.13", "3.8", "3.13"},
		{"", "3.8", ""},
	}
	for _, tt := range tests {
		var list []python.Interpreter
		for v := range strings.FieldsSeq(tt.have) {
			list = append(list, python.Interpreter{Version: version(t, v)})
		}
		got, err := python.Choose(list, version(t, tt.want))
		if tt.chosen == "" {
			if !errors.Is(err, python.ErrNone) {
				t.Errorf("Choose(%s, %s) = %v, want ErrNone", tt.have, tt.want, err)
			}
			continue
		}
		if err != nil || got.Version != version(t, tt.chosen) {
			t.Errorf("Choose(%s, %s) = %v, %v; want %s", tt.have, tt.want, got, err, tt.chosen)
		}
	}
}

func version(t *testing.T, s string) python.Version {
	t.Helper()
	v, ok := python.ParseName("python" + s)
	if !ok {
		t.Fatalf("version %q", s)
	}
	return v
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"python3.12", "python3", "python", "python3.", "python3.11-config", "python999.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := python.ParseName(s); ok {
			if again, ok := python.ParseName("python" + v.String()); !ok || again != v {
				t.Errorf("ParseName(%q) = %v, which does not read back", s, v)
			}
		}
	})
}

// TestFindIsEnded asks a shim that waits for a program of its own, which has the
// pipe for the answer too: who ends the search must not wait for either.
func TestFindIsEnded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	script := "#!/bin/sh\n: > '" + asked + "'\nsleep 60\necho 3.12\n"
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for {
			if _, err := os.Stat(asked); err == nil {
				return
			}
			if clock.Sleep(t.Context(), clock.Real(), time.Millisecond) != nil {
				return
			}
		}
	}()
	found := make(chan []python.Interpreter, 1)
	go func() { found <- python.Find(ctx, python.Search{Path: dir, Env: os.Environ()}) }()
	select {
	case list := <-found:
		if len(list) != 0 {
			t.Errorf("found %v", list)
		}
	case <-clock.Real().NewTimer(20 * time.Second).C():
		t.Fatal("the search goes on though it was ended")
	}
}
