package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCommitted says whether the committed packages are what the generator
// writes now.
func TestCommitted(t *testing.T) {
	dir := t.TempDir()
	if err := run("services.txt", "overlay", "", dir); err != nil {
		t.Fatal(err)
	}
	const committed = "../../internal/shape"
	generated, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	have, err := filepath.Glob(filepath.Join(committed, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	if len(generated) != len(have) || len(generated) == 0 {
		t.Errorf("generated %d files, committed are %d", len(generated), len(have))
	}
	for _, path := range generated {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(committed, name))
		if err != nil {
			t.Error(err)
		} else if string(got) != string(want) {
			t.Errorf("%s is not what go generate writes", name)
		}
	}
}

func TestConstName(t *testing.T) {
	for value, want := range map[string]string{
		"ENABLED":           "Enabled",
		"IN_PROGRESS":       "InProgress",
		"python3.12":        "Python312",
		"VisibilityTimeout": "VisibilityTimeout",
		"x86_64":            "X8664",
		"nodejs4.3-edge":    "Nodejs43Edge",
	} {
		if got := constName(value); got != want {
			t.Errorf("constName(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestReadList(t *testing.T) {
	tests := []struct {
		name, text string
		fails      bool
	}{
		{"good", "# comment\na a/1 aa/1\n\tOne Two\n\tThree\nb - b/2\n\t*\n", false},
		{"operations first", "\tOne\n", true},
		{"no directory", "a\n", true},
		{"one directory", "a a/1\n", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "list")
			if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
				t.Fatal(err)
			}
			services, err := readList(path)
			if (err != nil) != test.fails {
				t.Fatalf("readList = %v, want failure %t", err, test.fails)
			}
			if err == nil && (len(services) != 2 || len(services[0].Operations) != 3 || !services[1].All) {
				t.Errorf("readList = %+v", services)
			}
		})
	}
}
