package board

import (
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestShow compares the pictures of the cinema with golden files.
func TestShow(t *testing.T) {
	t.Parallel()
	b := cinema(t).Board()
	for name, got := range map[string]string{"show.txt": b.Text(), "show.mmd": b.Mermaid(), "show.svg": b.SVG(), "show.html": b.HTML()} {
		file := "testdata/" + name
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; write anew with -update):\n%s", name, diff)
		}
	}
}

// TestShowAnything: names are only text in the pictures, and unfinished boards
// have some.
func TestShowAnything(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "events:\n  A: {}\n", "services:\n  a: {}\n",
		"name: x\nevents:\n  \"<script>alert(1)</script>\": {of: X, at: 10}\nthings:\n  X: {}\ncontexts:\n  \"C & D\": {things: [X]}\nservices:\n  \"a \\\" b\": {in: C & D, owns: [X]}\n",
	} {
		b := mustParse(t, "storm.yaml", []byte(text)).Board()
		svg := b.SVG()
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("the picture is no XML: %v\n%s", err, svg)
			}
		}
		if strings.Contains(svg+b.HTML()+b.Mermaid(), "<script") || strings.Contains(b.Mermaid(), `" b"`) {
			t.Errorf("a name is taken for more than text:\n%s\n%s", b.HTML(), b.Mermaid())
		}
	}
}
