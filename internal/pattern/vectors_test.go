package pattern_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/pattern"
)

// reasonPrefix is what the service puts before a reason.
const reasonPrefix = "Event pattern is not valid. Reason: "

type vector struct {
	ID, Pattern, Event, Expect, Error, Src string
	Syntax                                 bool
	Ops                                    []struct {
		Op, Name, Pattern, Event string
		Expect                   []string
	}
}

// vectors reads one file of testdata.
func vectors(tb testing.TB, name string) []vector {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	var out []vector
	for line := range bytes.Lines(b) {
		var v vector
		if err := json.Unmarshal(line, &v); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		out = append(out, v)
	}
	return out
}

func compile(text string) (*pattern.Pattern, error) {
	return pattern.Compile([]byte(text), pattern.Classic, pattern.StrictAWS(pattern.Classic))
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// evaluate asks the reference evaluator and the matcher, which must agree.
func evaluate(tb testing.TB, p *pattern.Pattern, event string) (bool, error) {
	tb.Helper()
	doc := &pattern.Doc{Data: []byte(event)}
	want, err := p.Eval(doc)
	m := pattern.NewMatcher(pattern.Options{})
	if err := m.Add(7, pattern.Scoped{Pattern: p}); err != nil {
		tb.Fatal(err)
	}
	var r pattern.Result
	if matchErr := m.Snapshot().Match(doc, &r); (matchErr == nil) != (err == nil) {
		tb.Errorf("Match(%s, %s) = error %v, Eval = error %v", p.Source(), event, matchErr, err)
	}
	if got := len(r.IDs) == 1; got != want {
		tb.Errorf("Match(%s, %s) = %v, Eval = %v", p.Source(), event, got, want)
	}
	return want, err
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"localstack.jsonl", "ruler.jsonl"} {
		for _, v := range vectors(t, file) {
			t.Run(v.ID, func(t *testing.T) {
				t.Parallel()
				p, err := compile(v.Pattern)
				if v.Expect == "error" {
					if err == nil {
						t.Fatalf("Compile(%s) = no error, want %q", v.Pattern, v.Error)
					}
					if got := reasonPrefix + firstLine(err); got != v.Error {
						t.Errorf("Compile(%s) = %q, want %q", v.Pattern, got, v.Error)
					}
					return
				}
				if err != nil {
					t.Fatalf("Compile(%s) = %v", v.Pattern, err)
				}
				got, err := evaluate(t, p, v.Event)
				if err != nil {
					t.Fatalf("Eval = %v", err)
				}
				if want := v.Expect == "match"; got != want {
					t.Errorf("Eval(%s, %s) = %v, want %v", v.Pattern, v.Event, got, want)
				}
			})
		}
	}
}

func TestCompileVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t, "ruler-compile.jsonl") {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			_, err := compile(v.Pattern)
			if (err != nil) != (v.Expect == "error") {
				t.Fatalf("Compile(%s) = %v, want %s %s", v.Pattern, err, v.Expect, v.Error)
			}
			if err != nil && firstLine(err) != v.Error {
				t.Errorf("Compile(%s) = %q, want %q", v.Pattern, firstLine(err), v.Error)
			}
		})
	}
}

func TestOperationVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t, "ruler-ops.jsonl") {
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			m := pattern.NewMatcher(pattern.Options{})
			ids := map[string]pattern.ID{}
			var names []string
			for i, op := range v.Ops {
				switch op.Op {
				case "add":
					p, err := compile(op.Pattern)
					if err != nil {
						t.Fatalf("op %d: Compile(%s) = %v", i, op.Pattern, err)
					}
					if _, ok := ids[op.Name]; !ok {
						ids[op.Name] = pattern.ID(len(names))
						names = append(names, op.Name)
					}
					if err := m.Add(ids[op.Name], pattern.Scoped{Pattern: p}); err != nil {
						t.Fatalf("op %d: %v", i, err)
					}
				case "delete":
					m.Remove(ids[op.Name])
				case "match":
					var r pattern.Result
					if err := m.Snapshot().Match(&pattern.Doc{Data: []byte(op.Event)}, &r); err != nil {
						t.Fatalf("op %d: Match(%s) = %v", i, op.Event, err)
					}
					got := []string{}
					for _, id := range r.IDs {
						got = append(got, names[id])
					}
					slices.Sort(got)
					if diff := cmp.Diff(op.Expect, got); diff != "" {
						t.Errorf("op %d: Match(%s) (-want +got):\n%s", i, op.Event, diff)
					}
				default:
					t.Fatalf("op %d: unknown operation %q", i, op.Op)
				}
			}
		})
	}
}
