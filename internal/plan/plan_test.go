package plan_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/board"
	"stormbus/internal/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

func parse(t testing.TB, text string) *board.Board {
	t.Helper()
	f, err := board.Parse("storm.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f.Board()
}

func of(t testing.TB, text string) *plan.Plan {
	t.Helper()
	p, err := plan.Of(parse(t, text), os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func cinema(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../board/testdata/cinema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestCinema holds the plan of the running example, as text and as JSON.
func TestCinema(t *testing.T) {
	t.Parallel()
	p := of(t, cinema(t))
	var b bytes.Buffer
	if err := p.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "cinema.txt", b.Bytes())
	golden(t, "cinema.json", asJSON(t, p))
}

// TestJSON: what is written can be read, and gives the same again.
func TestJSON(t *testing.T) {
	t.Parallel()
	text := asJSON(t, of(t, cinema(t)))
	var p plan.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(asJSON(t, p))); diff != "" {
		t.Errorf("(-written +read and written):\n%s", diff)
	}
	if p.Functions[2].MaxAge != time.Hour || p.Functions[2].Timeout != 10*time.Second || p.Rules[0].MaxAge != time.Hour || p.Queues[0].Retention != 14*24*time.Hour {
		t.Errorf("times are lost: %+v", p)
	}
}
