package wire

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// moduleDir returns where a Go module is on this machine, and fetches it if it
// is not. The tests read files of it, and compile nothing. Without it, the test
// fails in CI, and is skipped elsewhere.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	cmd.Dir = t.TempDir() // outside of any module, so that no go.mod changes
	out, err := cmd.Output()
	var found struct{ Dir, Error string }
	if unreadable := json.Unmarshal(out, &found); err != nil || unreadable != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the module %s is missing: %v %s", module, err, found.Error)
		}
		t.Skipf("NOT TESTED: the module %s cannot be fetched: %v %s", module, err, found.Error)
	}
	return found.Dir
}
