package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/internal/board"
	"stormbus/internal/codegen"
	"stormbus/internal/plan"
	"stormbus/test/harness"
	"stormbus/test/python"
)

// modelKinds are the kinds of classes that a service may have.
var modelKinds = []string{"dataclass", "pydantic", "typeddict"}

// judged are boards whose Python is judged by tools, in folders of codegen.
var judged = []string{"awkward", "cinema"}

// TestGeneratedPython judges what is generated as a team's CI would: by ruff, by
// mypy --strict and by the contract tests in it, for each kind of classes.
func TestGeneratedPython(t *testing.T) {
	interpreter := withTools(t)
	cache := t.TempDir()
	for _, name := range judged {
		for _, kind := range modelKinds {
			t.Run(name+" "+kind, func(t *testing.T) {
				dir := t.TempDir()
				generate(t, dir, boardNamed(t, name), kind)
				runIn(t, dir, interpreter, "-m", "ruff", "check", "--isolated", "--no-cache", ".")
				runIn(t, dir, interpreter, "-m", "ruff", "format", "--isolated", "--no-cache", "--check", ".")
				folders, err := filepath.Glob(filepath.Join(dir, "services", "*"))
				if err != nil || len(folders) == 0 {
					t.Fatalf("there is no service: %v", err)
				}
				for _, folder := range folders {
					for _, version := range []string{"3.10", "3.14"} { // the oldest that it is for, and a new one
						runIn(t, folder, interpreter, "-m", "mypy", "--strict", "--python-version", version, "--cache-dir", cache, ".")
					}
					out := runIn(t, folder, interpreter, "-B", "-m", "unittest", "discover", "-v", ".")
					if strings.Contains(out, "Ran 0 tests") {
						t.Errorf("%s has no contract test:\n%s", folder, out)
					}
				}
			})
		}
	}
}

// TestGeneratedPythonRuns runs the tests in codegen/ with what is generated for
// the cinema's bookings: handlers, publishing, and both clients against a server.
func TestGeneratedPythonRuns(t *testing.T) {
	interpreter := withTools(t)
	start(t)
	for _, kind := range modelKinds {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			generate(t, dir, boardNamed(t, "cinema"), kind)
			t.Setenv("STORMBUS_GENERATED", filepath.Join(dir, "services", "bookings"))
			t.Setenv("STORMBUS_MODELS", kind)
			python.Unittest(t, interpreter, filepath.Join(harness.Root(), "test", "conformance", "codegen"))
		})
	}
}

// withTools returns an interpreter that has ruff, mypy and pydantic.
func withTools(t *testing.T) string {
	t.Helper()
	interpreter := python.Prepared(t)
	if err := exec.CommandContext(t.Context(), interpreter, "-c", "import mypy, pydantic, ruff").Run(); err != nil {
		python.Missing(t, "the prepared Python has no mypy, pydantic and ruff, which want Python 3.10")
	}
	return interpreter
}

// boardNamed is the folder of a board.
func boardNamed(t *testing.T, name string) string {
	t.Helper()
	if name != "cinema" {
		return filepath.Join(harness.Root(), "internal", "codegen", "testdata", name)
	}
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join(harness.Root(), "internal", "board", "testdata", "cinema.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "storm.yaml"), string(text))
	return dir
}

// generate writes the files of the board of a folder, with that kind of classes
// in all services.
func generate(t *testing.T, dir, folder, kind string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "storm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := board.Parse("storm.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	b := f.Board()
	for _, s := range b.Services {
		s.Models = kind
	}
	p, err := plan.Of(b, func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(folder, filepath.FromSlash(path))) })
	if err != nil {
		t.Fatal(err)
	}
	files, err := codegen.Files(b, p)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := codegen.Compare(os.DirFS(dir), files)
	if err != nil {
		t.Fatal(err)
	}
	if err := codegen.Write(dir, files, changes); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runIn runs a command in a folder and returns what it prints.
func runIn(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s in %s: %v\n%s", strings.Join(args, " "), dir, err, out)
	}
	return string(out)
}
