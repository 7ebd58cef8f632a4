package wire

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// module is a Go module whose files tests read. Nothing of it is compiled, so
// that it is in no go.mod.
type module struct {
	name string // with its version
	sum  string // as in go.sum
}

// dir returns where the module is on this machine, and fetches it if it is not.
// Without it, the test fails in CI, and is skipped elsewhere.
func (m module) dir(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", m.name)
	cmd.Dir = t.TempDir() // outside of any module, so that no go.mod changes
	out, err := cmd.Output()
	var found struct{ Dir, Sum, Error string }
	if unreadable := json.Unmarshal(out, &found); err != nil || unreadable != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the module %s is missing: %v %s", m.name, err, found.Error)
		}
		t.Skipf("NOT TESTED: the module %s cannot be fetched: %v %s", m.name, err, found.Error)
	}
	if found.Sum != m.sum {
		t.Fatalf("the module %s has the sum %s, want %s", m.name, found.Sum, m.sum)
	}
	return found.Dir
}
