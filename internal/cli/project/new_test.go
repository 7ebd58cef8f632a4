package project

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/board"
	"stormbus/internal/pinball"
)

// TestSmallTemplate makes a project, for several names: its board is canonical
// and good, and nothing is left to generate.
func TestSmallTemplate(t *testing.T) {
	t.Parallel()
	small, err := Small()
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(small.Files, BoardFile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := board.Parse(BoardFile, text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(f.Format())); diff != "" {
		t.Errorf("the template's board is not canonical (-is +should be):\n%s", diff)
	}
	for _, name := range []string{"shop", "no", "null", "y2-k", "abcdefghijklmnopqrstuvwx"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "below", name)
			files, err := Create(dir, small)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{BoardFile, "README.md", ".gitignore", "services/orders/handlers/place_order.py", "services/orders/gen/__init__.py"} {
				if !slices.Contains(files, want) {
					t.Errorf("there is no %s", want)
				}
			}
			text, err := os.ReadFile(filepath.Join(dir, BoardFile))
			if err != nil {
				t.Fatal(err)
			}
			f, err := board.Parse(BoardFile, text)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Format(); !bytes.Equal(text, got) {
				t.Errorf("the board is not canonical (-is +should be):\n%s", cmp.Diff(string(text), string(got)))
			}
			if problems := f.Check(); len(problems) > 0 {
				t.Error(problems)
			}
			if b := f.Board(); b.Name != name || b.Bus.Name != name || b.Bus.Source != name+".{service}" {
				t.Errorf("name %q, bus %+v", b.Name, b.Bus)
			}
			for _, finding := range pinball.Check(f.Board(), pinball.Limits{}, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)).Findings {
				if finding.Severity != pinball.Note {
					t.Errorf("pinball: %+v", finding)
				}
			}
			p, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := p.Generate(); err != nil || len(again) > 0 {
				t.Errorf("generate again: %v, %v", again, err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
			if err != nil || strings.Contains(string(readme), "myproject") || !strings.Contains(string(readme), name+"-orders-place-order") {
				t.Errorf("README.md (%v) does not name the project:\n%s", err, readme)
			}
		})
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	good := Template{Files: fstest.MapFS{BoardFile: {Data: []byte("name: x\n")}}}
	tests := []struct {
		name, dir string
		template  Template
		prepare   map[string]string
		want      string
	}{
		{"capitals", "My Shop", good, nil, `the name "My Shop": want small letters and digits with dashes between them, such as my-shop`},
		{"a digit first", "1st", good, nil, `the name "1st": want small letters and digits with dashes between them, such as my-shop`},
		{"dots", "..", good, nil, `want small letters`},
		{"too long", strings.Repeat("x", 25), good, nil, "has 25 characters, and all names begin with it: want 24 at most"},
		{"a file is there", "shop", good, map[string]string{"shop": ""}, "there is a file of this name; take another name"},
		{"something is in it", "shop", good, map[string]string{"shop/.keep": ""}, "the folder is not empty; take another name"},
		{"a file in the way", "file/shop", good, map[string]string{"file": ""}, "not a directory"},
		{"no board", "shop", Template{Files: fstest.MapFS{"README.md": {}}}, nil, "there is no storm.yaml"},
		{"a bad board", "shop", Template{Files: fstest.MapFS{BoardFile: {Data: []byte("name: [\n")}}, Name: "x"}, nil, "storm.yaml:2:1"},
		{"a board that cannot run", "shop", Template{Files: fstest.MapFS{BoardFile: {Data: []byte("events: {A: {by: B}}\n")}}}, nil, `triggers has no "B"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			write(t, parent, tt.prepare)
			_, err := Create(filepath.Join(parent, "x", "..")+"/"+tt.dir, tt.template)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Create = %v, want %s", err, tt.want)
			}
			var left []string
			for name := range tt.prepare {
				left = append(left, strings.Split(name, "/")[0])
			}
			entries, err := os.ReadDir(parent)
			if err != nil || len(entries) != len(left) {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

// TestCreateFromFiles makes a project of a template that keeps its name, in a
// folder that is there and empty.
func TestCreateFromFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{BoardFile: {Data: []byte(shop)}, place: {Data: []byte(good(1))}, "README.md": {Data: []byte("shop\n")}}
	if _, err := Create(dir, Template{Files: files}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{BoardFile: shop, place: good(1), "README.md": "shop\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s = %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, send)); err != nil {
		t.Errorf("a handler was not generated: %v", err)
	}
}
