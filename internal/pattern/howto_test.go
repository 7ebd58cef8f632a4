package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestHowTo holds the page on adding an operator to the code: every name of this
// package in it must exist.
func TestHowTo(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.FromSlash("../../docs/howto/add-a-pattern-operator.md"))
	if err != nil {
		t.Fatal(err)
	}
	declared := declaredHere(t)
	operators := []string{"prefix", "wildcard"} // these are names of the language
	checked := 0
	for _, m := range regexp.MustCompile("`([A-Za-z]\\w*(?:\\.[a-z]\\w*)?)`").FindAllStringSubmatch(string(page), -1) {
		if name := m[1]; !slices.Contains(operators, name) {
			checked++
			if !declared[name] {
				t.Errorf("the page names %s, which does not exist", name)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d names were checked", checked)
	}
}

// declaredHere returns the names that are declared at the top of this package's
// files, methods with and without their type.
func declaredHere(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[d.Name.Name] = true
				if d.Recv != nil {
					names[receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

func receiver(x ast.Expr) string {
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if id, ok := x.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
