package board

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"
)

// comments are all comment lines of a file, sorted.
func comments(f *File) []string {
	var all []string
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		for _, text := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.SplitSeq(text, "\n") {
				// Comments that share a line become one.
				for part := range strings.SplitSeq(line, "#") {
					if part = strings.TrimSpace(part); part != "" {
						all = append(all, part)
					}
				}
			}
		}
		for _, child := range n.Content {
			visit(child)
		}
	}
	if f.document != nil {
		visit(f.document)
	}
	slices.Sort(all)
	return all
}

func mustParse(t testing.TB, name string, text []byte) *File {
	t.Helper()
	f, err := Parse(name, text)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return f
}

// checkFormat holds what must be true for the form of every file: it says the
// same, keeps the comments, and is its own form.
func checkFormat(t *testing.T, f *File, text []byte) []byte {
	t.Helper()
	formatted := f.Format()
	again := mustParse(t, "formatted", formatted)
	if diff := cmp.Diff(f.Board(), again.Board(), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Board{})); diff != "" {
		t.Errorf("formatting changed what the file says (-was +is):\n%s\nfrom\n%s\nto\n%s", diff, text, formatted)
	}
	if diff := cmp.Diff(comments(f), comments(again)); diff != "" {
		t.Errorf("formatting changed the comments (-was +is):\n%s\nfrom\n%s\nto\n%s", diff, text, formatted)
	}
	if diff := cmp.Diff(string(formatted), string(again.Format())); diff != "" {
		t.Errorf("formatting twice differs from once:\n%s\nfrom\n%s", diff, text)
	}
	return formatted
}

// TestFormat formats every board of testdata and compares it with the golden
// file beside it.
func TestFormat(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no boards in testdata", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		formatted := checkFormat(t, mustParse(t, name, text), text)
		golden := strings.TrimSuffix(name, ".yaml") + ".golden"
		if *update {
			if err := os.WriteFile(golden, formatted, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(formatted)); diff != "" {
			t.Errorf("%s (-want +got; write anew with -update):\n%s", name, diff)
		}
	}
}

func TestFormatComments(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"# the file\n\nevents: {}\n",
		"events: # what happened\n  A: {at: 1} # first\n  # above B\n  B:\n    # above at\n    at: 2\n    # after at\n\n  # above C\n  C: {}\n# the end\n",
		"# head of storm\nstorm: 1\n\n# head of events\nevents:\n  B: {at: 1}\n  # of A\n  A: {at: 2}\n",
		"views:\n  V:\n    from:\n      # first\n      - A # one\n      # second\n      - B\n",
		"contexts:\n  C:\n    words: {b: \"x\", a: \"y\"} # words\n    things: [A, # a thing\n      B]\n",
		"events:\n  A: {at: 1, # why\n    by: X}\n",
		"events:\n  A:\n    data:\n      # an id\n      id: uuid # really\n      # the last\n",
		"actors: {A: {auth: none}} # who\n# foot\n\n# more\n",
	} {
		checkFormat(t, mustParse(t, "storm.yaml", []byte(text)), []byte(text))
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, bad := range badFiles {
		f.Add([]byte(bad.text))
	}
	f.Add([]byte("events:\n  A:\n    at: 1 # c\n    # d\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("storm.yaml", text)
		if err != nil {
			return
		}
		checkFormat(t, file, text)
	})
}
