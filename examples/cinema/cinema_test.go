package cinema_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"stormbus/examples/cinema"
	"stormbus/internal/board"
	"stormbus/internal/codegen"
	"stormbus/internal/pinball"
	"stormbus/internal/plan"
	"stormbus/test/python"
)

// services are the services of the board, by their folders.
var services = []string{"admissions", "bookings", "payments", "showings"}

// TestPython runs what people wrote and the contracts that were generated.
func TestPython(t *testing.T) {
	t.Parallel()
	for _, service := range services {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			python.Unittest(t, python.Any(t), filepath.Join("services", service))
		})
	}
}

// TestTypesAndStyle holds all Python, generated and written, to what a team
// would hold its own to.
func TestTypesAndStyle(t *testing.T) {
	t.Parallel()
	interpreter := python.Prepared(t)
	for _, service := range services {
		for _, check := range [][]string{{"mypy", "--strict", "--cache-dir", t.TempDir(), "."}, {"ruff", "check", "--no-cache", "."}, {"ruff", "format", "--no-cache", "--check", "."}} {
			t.Run(service+" "+check[0]+" "+check[1], func(t *testing.T) {
				t.Parallel()
				cmd := exec.CommandContext(t.Context(), interpreter, append([]string{"-m"}, check...)...)
				cmd.Dir = filepath.Join("services", service)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v: %v\n%s", check, err, out)
				}
			})
		}
	}
}

// TestBoard has a board in canonical form that is done: nothing is open in any
// of the eight steps, and pinball only notes that some events have no reader.
func TestBoard(t *testing.T) {
	t.Parallel()
	text, f := read(t)
	if string(f.Format()) != string(text) {
		t.Error("storm.yaml is not in canonical form: run stormbus board fmt")
	}
	if problems := f.Check(); len(problems) > 0 {
		t.Error(problems)
	}
	today := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, finding := range pinball.Check(f.Board(), pinball.Limits{}, today).Findings {
		if finding.Severity != pinball.Note {
			t.Errorf("pinball: %v", finding)
		}
	}
}

// TestGenerated compares the files beside the board with what it results in.
func TestGenerated(t *testing.T) {
	t.Parallel()
	_, f := read(t)
	p, err := plan.Of(f.Board(), os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Missing) > 0 {
		t.Errorf("the plan lacks %v", p.Missing)
	}
	if !slices.ContainsFunc(p.Functions, func(f plan.Function) bool { return f.Name == cinema.HoldSeats }) {
		t.Errorf("the plan has no function %s", cinema.HoldSeats)
	}
	files, err := codegen.Files(f.Board(), p)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := codegen.Compare(os.DirFS("."), files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.Action != codegen.Leave {
			t.Errorf("%s %s: %s (run stormbus generate examples/cinema)", c.Action, c.Path, c.Why)
		}
	}
}

// TestFiles has everything that people wrote in the binary, and nothing else.
func TestFiles(t *testing.T) {
	t.Parallel()
	_, f := read(t)
	p, err := plan.Of(f.Board(), os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	files, err := codegen.Files(f.Board(), p)
	if err != nil {
		t.Fatal(err)
	}
	generated := map[string]bool{"storm.lock": true, ".gitattributes": true}
	for _, file := range files {
		if file.Zone == codegen.Generated {
			generated[file.Path] = true
		}
	}
	// The package itself is no part of the project.
	for _, own := range []string{"cinema.go", "cinema_test.go", "customers.json"} {
		generated[own] = true
	}
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "__pycache__" || len(name) > 1 && name[0] == '.' {
				return fs.SkipDir // what Python and its tools leave behind
			}
			return nil
		}
		_, missing := fs.Stat(cinema.Files, path)
		switch {
		case generated[path] && missing == nil:
			t.Errorf("%s is generated, and embedded", path)
		case !generated[path] && errors.Is(missing, fs.ErrNotExist):
			t.Errorf("%s is not embedded", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	customers, err := cinema.Customers()
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]bool{}
	for _, c := range customers {
		if len(c.Events) == 0 || c.Events[0] != "SeatsHeld" {
			t.Errorf("%s: events = %v, want SeatsHeld first", c.Name, c.Events)
		}
		ends[c.Events[len(c.Events)-1]] = true
	}
	for _, end := range []string{"TicketIssued", "SeatsReleased", "SeatsHeld"} {
		if !ends[end] {
			t.Errorf("no customer's chain ends with %s", end)
		}
	}
}

func read(t *testing.T) ([]byte, *board.File) {
	t.Helper()
	text, err := os.ReadFile("storm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := board.Parse("storm.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return text, f
}
