package conformance

import (
	"os/exec"
	"path/filepath"
	"testing"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// TestProject makes a project, runs it, and lets an unmodified boto3 look at it
// while files are saved. The contract tests that were generated pass too.
func TestProject(t *testing.T) {
	interpreter := python.Prepared(t)
	dir := filepath.Join(t.TempDir(), "shop")
	if out, err := exec.CommandContext(t.Context(), binary, "new", dir).CombinedOutput(); err != nil {
		t.Fatalf("stormbus new: %v\n%s", err, out)
	}
	server := start(t, dir)
	t.Setenv("PROJECT", dir)
	python.Unittest(t, interpreter, filepath.Join(harness.Root(), "test", "conformance", "project"))
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM after the tests: %v, want exit code 0\n%s", err, server.Stderr)
	}
	for _, service := range []string{"orders", "parcels"} {
		cmd := exec.CommandContext(t.Context(), interpreter, "-m", "unittest", "discover", "-s", "services/"+service, "-t", "services/"+service)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("contract tests of %s: %v\n%s", service, err, out)
		}
	}
	if out, err := exec.CommandContext(t.Context(), binary, "generate", "--check", dir).CombinedOutput(); err != nil {
		t.Errorf("stormbus generate --check: %v\n%s", err, out)
	}
}
