package codegen_test

import (
	"os"
	"strings"
	"testing"
)

// TestMain forgets which repository git works on, as it says to whom it runs (a
// hook, the command of a rebase): the repositories of the tests are others.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "GIT_") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}
