package internal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the repository, seen from this directory.
const root = ".."

// rule forbids functions of the standard library that would break behaviour,
// not taste: a package that reads the host's time makes "time advance" lie, one
// that reads the environment cannot run twice in one process.
type rule struct {
	pkg     string   // import path
	names   []string // of functions
	inTests bool     // holds in _test.go files and under test/ as well
	except  []string // directories that may
	why     string
}

var rules = []rule{
	{
		pkg: "time", names: []string{"Now", "Since", "Until", "NewTimer", "NewTicker", "AfterFunc"},
		except: []string{"internal/clock"}, why: "time is read only through internal/clock",
	},
	{
		pkg: "time", names: []string{"Sleep", "After", "Tick"}, inTests: true,
		except: []string{"internal/clock"}, why: "nothing waits for host time: use internal/clock, or a channel in tests",
	},
	{
		pkg: "os", names: []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"},
		except: []string{"internal/app", "internal/cli", "cmd"}, why: "the environment is read only by app, cli and cmd",
	},
	{
		pkg: "os", names: []string{"Exit"},
		except: []string{"cmd"}, why: "only main ends the process",
	},
	{
		pkg: "log", names: []string{"Fatal", "Fatalf", "Fatalln", "Print", "Printf", "Println"}, inTests: true,
		why: "log with the injected slog.Logger",
	},
}

func TestRules(t *testing.T) {
	t.Parallel()
	files := 0
	for name := range goFiles(t) {
		src, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		problems, err := violations(name, src)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range problems {
			t.Error(problem)
		}
		files++
	}
	if files == 0 {
		t.Fatal("found no Go files")
	}
}

// goFiles yields the path of every Go file of this module, from its root.
func goFiles(t *testing.T) iter.Seq[string] {
	t.Helper()
	return func(yield func(string) bool) {
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || name == "tools" || name == "web"):
				return fs.SkipDir // not ours, or a module of its own
			case path.Ext(name) == ".go" && !yield(name):
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// violations returns one sentence for each place in a file that breaks a rule.
func violations(name string, src []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	imported := importNames(file)
	var problems []string
	report := func(at token.Pos, what, why string) {
		problems = append(problems, fmt.Sprintf("%s:%d: %s: %s", name, files.Position(at).Line, what, why))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				report(n.Pos(), "func init", "nothing registers itself: app lists what there is")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				if why := forbidden(name, imported[x.Name], n.Sel.Name); why != "" {
					report(n.Pos(), x.Name+"."+n.Sel.Name, why)
				}
			}
		}
		return true
	})
	return problems, nil
}

// forbidden says why a file must not use a function; it is empty if it may.
func forbidden(file, pkg, function string) string {
	isTest := strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "test/")
	for _, r := range rules {
		if r.pkg != pkg || !slices.Contains(r.names, function) || isTest && !r.inTests {
			continue
		}
		if !slices.ContainsFunc(r.except, func(dir string) bool { return strings.HasPrefix(file, dir+"/") }) {
			return r.why
		}
	}
	return ""
}

// importNames maps the names that a file uses for packages to import paths.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser accepts only what can be unquoted
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// TestViolations proves that the rules find what they must find.
func TestViolations(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, src string
		want            []string
	}{
		{name: "a method of that name", file: "internal/bus/bus.go", src: "import \"time\"\nfunc f(clock c) { clock.Now(); var _ time.Time }"},
		{name: "the clock itself", file: "internal/clock/clock.go", src: "import \"time\"\nvar now = time.Now"},
		{name: "Now in a test", file: "internal/bus/bus_test.go", src: "import \"time\"\nvar now = time.Now"},
		{name: "Since in a benchmark", file: "test/bench/run.go", src: "import \"time\"\nvar since = time.Since"},
		{name: "a method init", file: "internal/bus/bus.go", src: "func (b *Bus) init() {}"},
		{name: "the environment in cli", file: "internal/cli/up.go", src: "import \"os\"\nvar get = os.Getenv"},
		{
			name: "Now", file: "internal/bus/bus.go", src: "import \"time\"\nvar now = time.Now",
			want: []string{"internal/bus/bus.go:3: time.Now: time is read only through internal/clock"},
		},
		{
			name: "another name", file: "internal/bus/bus.go", src: "import host \"time\"\nvar now = host.Now",
			want: []string{"internal/bus/bus.go:3: host.Now: time is read only through internal/clock"},
		},
		{
			name: "Sleep in a test", file: "internal/bus/bus_test.go", src: "import \"time\"\nfunc f() { time.Sleep(1) }",
			want: []string{"internal/bus/bus_test.go:3: time.Sleep: nothing waits for host time: use internal/clock, or a channel in tests"},
		},
		{
			name: "init", file: "internal/bus/bus.go", src: "func init() {}",
			want: []string{"internal/bus/bus.go:2: func init: nothing registers itself: app lists what there is"},
		},
		{
			name: "the environment", file: "internal/store/store.go", src: "import \"os\"\nvar get = os.Getenv",
			want: []string{"internal/store/store.go:3: os.Getenv: the environment is read only by app, cli and cmd"},
		},
		{
			name: "Exit", file: "internal/app/app.go", src: "import \"os\"\nfunc f() { os.Exit(1) }",
			want: []string{"internal/app/app.go:3: os.Exit: only main ends the process"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := violations(tc.file, []byte("package p\n"+tc.src))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("violations(%s) (-want +got):\n%s", tc.src, diff)
			}
		})
	}
}
