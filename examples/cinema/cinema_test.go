package cinema_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/examples/cinema"
	"stormbus/test/python"
)

func TestPython(t *testing.T) {
	t.Parallel()
	python.Unittest(t, python.Any(t), "tests")
}

func TestAppIsComplete(t *testing.T) {
	t.Parallel()
	app := load(t)
	var functions []string
	for _, f := range app.Functions {
		functions = append(functions, f.Name)
	}
	if !slices.Contains(functions, cinema.HoldSeats) {
		t.Errorf("functions = %v, want one named %s", functions, cinema.HoldSeats)
	}
	var nowhere []string
	for _, rule := range app.Rules {
		for _, target := range rule.Targets {
			if target.Function != "" && !slices.Contains(functions, target.Function) {
				t.Errorf("rule %s: function %s is not in the app", rule.Name, target.Function)
			}
			if (target.Function == "") == (target.Queue == "") {
				t.Errorf("rule %s: a target is a function or a queue: %+v", rule.Name, target)
			}
			if q := target.DeadLetterQueue; q != "" && !slices.Contains(app.Queues, q) {
				t.Errorf("rule %s: dead-letter queue %s is not in the app", rule.Name, q)
			}
			if q := target.Queue; q != "" && !slices.Contains(app.Queues, q) {
				nowhere = append(nowhere, q)
			}
		}
	}
	// The demo's dead letter is a real one: exactly this queue does not exist.
	if diff := cmp.Diff([]string{"foyer-screen"}, nowhere); diff != "" {
		t.Errorf("target queues that the app does not create (-want +got):\n%s", diff)
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	customers, err := cinema.Customers()
	if err != nil {
		t.Fatal(err)
	}
	failing := 0
	for _, c := range customers {
		if len(c.Events) == 0 || c.Events[0] != "SeatsHeld" {
			t.Errorf("%s: events = %v, want SeatsHeld first", c.Name, c.Events)
		}
		if slices.Contains(c.Events, "PaymentDeclined") {
			failing++
		}
	}
	if len(customers) != 3 || failing != 1 {
		t.Errorf("%d customers, %d with a card that fails, want 3 and 1", len(customers), failing)
	}
}

func TestZip(t *testing.T) {
	t.Parallel()
	for _, f := range load(t).Functions {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			first, err := f.Zip()
			if err != nil {
				t.Fatal(err)
			}
			second, err := f.Zip()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, second) {
				t.Error("two packages of the same code differ")
			}
			importHandler(t, f.Handler, first)
		})
	}
}

// importHandler unpacks a deployment package and imports its handler from
// there alone, as a function does. -I keeps everything else away.
func importHandler(t *testing.T, handler string, pkg []byte) {
	t.Helper()
	dir := t.TempDir()
	r, err := zip.NewReader(bytes.NewReader(pkg), int64(len(pkg)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		unpack(t, filepath.Join(dir, filepath.FromSlash(f.Name)), f)
	}
	dot := strings.LastIndexByte(handler, '.')
	module, function := handler[:dot], handler[dot+1:]
	script := "import sys, importlib; sys.path.insert(0, sys.argv[1]); " +
		"assert callable(getattr(importlib.import_module(sys.argv[2]), sys.argv[3]))"
	cmd := exec.CommandContext(t.Context(), python.Any(t), "-I", "-c", script, dir, module, function)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("import %s: %v\n%s", handler, err, out)
	}
}

func unpack(t *testing.T, path string, f *zip.File) {
	t.Helper()
	if f.FileInfo().IsDir() {
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T) cinema.App {
	t.Helper()
	app, err := cinema.Load()
	if err != nil {
		t.Fatal(err)
	}
	return app
}
