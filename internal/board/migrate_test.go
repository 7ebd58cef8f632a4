package board

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// commentsIn are the comments of a text, in its order.
func commentsIn(text []byte) map[string]bool {
	all := map[string]bool{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if _, comment, ok := strings.Cut(line, "#"); ok {
			all[comment] = true
		}
	}
	return all
}

// TestFix brings every draft of testdata/fix to the current version, and compares
// it with the golden file beside it.
func TestFix(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/fix/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no drafts in testdata/fix", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fixed, err := Fix(name, text)
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(name, ".yaml") + ".golden"
		if *update {
			if err := os.WriteFile(golden, fixed, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(fixed)); diff != "" {
			t.Errorf("%s (-want +got; write anew with -update):\n%s", name, diff)
		}
		if diff := cmp.Diff(commentsIn(text), commentsIn(fixed)); diff != "" {
			t.Errorf("%s: comments (-want +got):\n%s", name, diff)
		}
		if again, err := Fix(name, fixed); err != nil || string(again) != string(fixed) {
			t.Errorf("%s: fixed twice: %v\n%s", name, err, again)
		}
		if f := mustParse(t, name, fixed); f.Board().Storm != Version || string(f.Format()) != string(fixed) {
			t.Errorf("%s: version %d, or not in canonical form\n%s", name, f.Board().Storm, fixed)
		}
	}
}

// TestFixNothing: what is of the current version stays as it is, also if it is not
// in canonical form.
func TestFixNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing yet\n", "storm: 1\nevents: {B: {}, A: {}}\n"} {
		if got, err := Fix("storm.yaml", []byte(text)); err != nil || string(got) != text {
			t.Errorf("Fix(%q) = %q, %v", text, got, err)
		}
	}
}

// TestFixBad: what cannot be fixed is told with its place in the file as it is.
func TestFixBad(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"newer", "storm: 7\nevnts: []\n", "storm.yaml:1:8: storm: the version 7 of the format is not known; this stormbus reads version 1; use a newer stormbus"},
		{"newer than numbers", "storm: 70000000000000000000000\n", "storm.yaml:1:8: storm: it must be a whole number"},
		{"a field", "events:\n  - A: {att: 1}\n", "storm.yaml:2:9: events.A.att: there is no field \"att\" here; did you mean \"at\"?"},
		{"twice", "events:\n  - A\n  - A\n", "storm.yaml:3:5: events.A: it is there twice, first in line 2; remove one of them, or give it another name"},
		{"no name", "events:\n  - {at: 1, by: T}\n", "storm.yaml:2:3: events: it is a list, and must be a map of names; give each of its elements a name"},
		{"a trap", "events:\n  - no\n", "storm.yaml:2:5: events.no: the name is not legal: some readers of YAML take it for a truth value or for nothing; choose another name"},
		{"not a board", "- A\n", "storm.yaml:1:1: it must be a map; write names and values, as in {at: 10}"},
		{"broken", "\tevents: {A\n", "storm.yaml:2:1: this is not YAML: did not find expected ',' or '}' (while parsing a flow mapping that begins in line 1); put texts with any of {}[]:#&*!|>'\"%@` into double quotes"},
	} {
		if got, err := Fix("storm.yaml", []byte(tt.text)); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %q\n%v\nwant\n%s", tt.name, got, err, tt.want)
		}
	}
}

// FuzzFix: what is fixed can be read, and needs no fixing.
func FuzzFix(f *testing.F) {
	files, err := filepath.Glob("testdata/fix/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no drafts", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fixed, err := Fix("storm.yaml", text)
		if err != nil {
			return
		}
		mustParse(t, "storm.yaml", fixed)
		if again, err := Fix("storm.yaml", fixed); err != nil || string(again) != string(fixed) {
			t.Errorf("fixed twice: %v\n%s\nonce\n%s", err, again, fixed)
		}
	})
}
