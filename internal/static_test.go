package internal_test

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestModelsAreStatic finds code that would run at every start: all models are
// linked into the server, so their tables must be laid out by the compiler.
func TestModelsAreStatic(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-f", "{{.ImportPath}} {{.Export}}", "./internal/shape/...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("compile the models: %v", err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 2*25 {
		t.Fatalf("go list found %d packages of models: there must be more", len(packages)/2)
	}
	initializer := regexp.MustCompile(`(?m)(\d+) T \S*\.init$`)
	found := 0
	for i := 0; i < len(packages); i += 2 {
		symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", "-size", packages[i+1]).Output()
		if err != nil {
			t.Fatalf("list the symbols of %s: %v", packages[i], err)
		}
		m := initializer.FindSubmatch(symbols)
		if m == nil {
			continue
		}
		found++
		if size, err := strconv.Atoi(string(m[1])); err != nil || size > emptyFunction {
			t.Errorf("package %s runs %s bytes of code at every start: its tables are not static", packages[i], m[1])
		}
	}
	if found < 25 {
		t.Errorf("%d packages have an init among their symbols, want 25 or more: how is it told now?", found)
	}
}

// emptyFunction is the most bytes that a function without a statement takes,
// on any machine. The compiler leaves such an init to packages with variables.
const emptyFunction = 16
