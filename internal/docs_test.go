package internal_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mainPath is a page in which every code word of the form of a symbol must be
// one of ours, as in those of howtos.
const (
	mainPath = "docs/path-of-an-event.md"
	howtos   = "docs/howto/"
)

// dependencies is the page that lists what we build on.
const dependencies = "docs/dependencies.md"

var (
	fence = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	// quotedTest is the name of a test or a benchmark.
	quotedTest = regexp.MustCompile("`((?:Test|Benchmark|Fuzz)[A-Z]\\w*)`")

	quoted = regexp.MustCompile("`([^`\n]+)`")
	link   = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	symbol = regexp.MustCompile(`^((?:[a-z0-9]+/)*[a-z][a-z0-9]*)\.([A-Z]\w*(?:\.[A-Za-z]\w*)?)$`)
	isPath = regexp.MustCompile(`^\.?[\w-][\w.-]*(?:/[\w.-]+)*/?$`)
)

// users are files that are not ours: a team has them in its own tree.
var users = []string{"storm.yaml", "step-2.yaml"}

// TestDocsNameWhatExists holds every page to the tree: quoted paths, linked
// files and quoted symbols of our packages must be there.
func TestDocsNameWhatExists(t *testing.T) {
	t.Parallel()
	symbols := treeSymbols(t)
	for _, page := range pages(t) {
		text := fence.ReplaceAllString(readFile(t, page), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "://") && !exists(path.Join(path.Dir(page), m[1])) {
				t.Errorf("%s links to %s: there is no such file", page, m[1])
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			if problem := missing(page, m[1], symbols); problem != "" {
				t.Errorf("%s names %s: %s", page, m[1], problem)
			}
		}
	}
}

// TestDocsNameTests holds the pages to the tests that they name as a proof.
func TestDocsNameTests(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	for name := range goFiles(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range declaredNames(file) {
			tests[declared] = true
		}
	}
	named := 0
	for _, page := range pages(t) {
		for _, m := range quotedTest.FindAllStringSubmatch(readFile(t, page), -1) {
			if m[1] == "TestEventPattern" {
				continue // an operation of AWS's
			}
			named++
			if !tests[m[1]] {
				t.Errorf("%s names %s: there is no such test", page, m[1])
			}
		}
	}
	if named == 0 {
		t.Error("no page names a test: this one proves nothing")
	}
}

// missing says what is wrong with a quoted word; it is empty if nothing is.
func missing(page, word string, symbols map[string][]string) string {
	word = strings.TrimSuffix(word, "()")
	if m := symbol.FindStringSubmatch(word); m != nil {
		names, ours := symbols[m[1]]
		if slices.Contains(names, m[2]) {
			return ""
		}
		if ours || page == mainPath || strings.HasPrefix(page, howtos) {
			return "there is no such symbol"
		}
	}
	if isPath.MatchString(word) && looksLikePath(word) && !exists(word) && !exists(path.Join(path.Dir(page), word)) {
		return "there is no such path"
	}
	return ""
}

// looksLikePath tells paths of this repository from other words with a slash
// or a dot in them: it begins with a directory of ours, or is a source file.
func looksLikePath(word string) bool {
	first, _, hasSlash := strings.Cut(word, "/")
	if !hasSlash {
		return !slices.Contains(users, word) && slices.Contains([]string{".go", ".md", ".py", ".json", ".yaml", ".mod"}, path.Ext(word))
	}
	return slices.Contains([]string{"cmd", "docs", "examples", "internal", "test", "tools", "web", ".ci"}, first)
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil
}

// pages returns every Markdown page that a person reads.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md"}
	for _, dir := range []string{"docs", "examples"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(name string, _ fs.DirEntry, err error) error {
			if err == nil && path.Ext(name) == ".md" {
				found = append(found, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// treeSymbols maps each package to its exported names, methods and fields
// (Type.Name). A package is known by its path without internal/ and by each
// end of it: svc/events and events.
func treeSymbols(t *testing.T) map[string][]string {
	t.Helper()
	symbols := map[string][]string{}
	for name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		declared := declaredNames(file)
		for pkg := strings.TrimPrefix(path.Dir(name), "internal/"); pkg != ""; {
			symbols[pkg] = append(symbols[pkg], declared...)
			_, pkg, _ = strings.Cut(pkg, "/")
		}
	}
	return symbols
}

// declaredNames lists what a file declares at its top.
func declaredNames(file *ast.File) []string {
	var names []string
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if receiver := receiverName(decl); receiver != "" {
				names = append(names, receiver+"."+decl.Name.Name)
			} else {
				names = append(names, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				names = append(names, specNames(spec)...)
			}
		}
	}
	return names
}

func receiverName(decl *ast.FuncDecl) string {
	if decl.Recv == nil {
		return ""
	}
	name := ""
	ast.Inspect(decl.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name // the first identifier: what follows are type parameters
		}
		return name == ""
	})
	return name
}

func specNames(spec ast.Spec) []string {
	var names []string
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, id := range spec.Names {
			names = append(names, id.Name)
		}
	case *ast.TypeSpec:
		names = append(names, spec.Name.Name)
		var members *ast.FieldList
		switch body := spec.Type.(type) {
		case *ast.StructType:
			members = body.Fields
		case *ast.InterfaceType:
			members = body.Methods
		default:
			return names
		}
		for _, member := range members.List {
			for _, id := range member.Names {
				names = append(names, spec.Name.Name+"."+id.Name)
			}
		}
	}
	return names
}

// TestDependenciesAreListed holds docs/dependencies.md and go.mod together.
func TestDependenciesAreListed(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range mod.Require {
		if !r.Indirect {
			want = append(want, r.Path)
		}
	}
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(readFile(t, dependencies), -1) {
		got = append(got, m[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("direct dependencies (-go.mod +%s):\n%s", dependencies, diff)
	}
}

// TestMissing proves that the check of the docs finds what it must find.
func TestMissing(t *testing.T) {
	t.Parallel()
	symbols := map[string][]string{"bus": {"Bus", "Bus.Publish"}, "svc/events": {"Service"}}
	for _, tc := range []struct{ page, word, want string }{
		{"README.md", "bus.Bus.Publish", ""},
		{"README.md", "svc/events.Service", ""},
		{"README.md", "time.Now", ""},
		{"README.md", "make test", ""},
		{"README.md", "application/json", ""},
		{"README.md", "/_stormbus/health", ""},
		{"README.md", "internal/layers_test.go", ""},
		{"README.md", "internal/", ""},
		{"README.md", "go.mod", ""},
		{"examples/cinema/README.md", "storm.lock", ""},
		{"README.md", "bus.Bus.Gone", "there is no such symbol"},
		{mainPath, "time.Now", "there is no such symbol"},
		{howtos + "add-a-page.md", "buz.Bus", "there is no such symbol"},
		{"README.md", "internal/gone.go", "there is no such path"},
		{"README.md", "gone.py", "there is no such path"},
	} {
		if got := missing(tc.page, tc.word, symbols); got != tc.want {
			t.Errorf("missing(%s, %q) = %q, want %q", tc.page, tc.word, got, tc.want)
		}
	}
}
