package conformance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// TestOverlays derives the overlays of the API models anew, from the botocore
// that the tests use, and compares them with what is committed.
func TestOverlays(t *testing.T) {
	interpreter := python.Prepared(t)
	tools := filepath.Join(harness.Root(), "tools")
	committed := filepath.Join(tools, "shapegen", "overlay")
	site, version := botocore(t, interpreter)
	if origin := overlay(t, filepath.Join(committed, "events.botocore.json")); !strings.HasPrefix(origin, "botocore "+version+",") {
		t.Skipf("SKIPPED: the overlays are from %s, and this Python has version %s", origin, version)
	}
	made := t.TempDir()
	cmd := exec.CommandContext(t.Context(), interpreter, "-B", filepath.Join(tools, "shapegen", "newer.py"), site, models(t, tools), made)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("newer.py: %v\n%s", err, out)
	}
	want, got := files(t, made), files(t, committed)
	if len(want) < 20 {
		t.Errorf("newer.py wrote %d overlays: there must be more", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s is not what tools/shapegen/newer.py writes (-want +got):\n%s", committed, diff)
	}
}

// botocore says where a Python has botocore, and which version of it.
func botocore(t *testing.T, interpreter string) (site, version string) {
	t.Helper()
	const program = "import botocore, pathlib; print(pathlib.Path(botocore.__file__).parents[1]); print(botocore.__version__)"
	out, err := exec.CommandContext(t.Context(), interpreter, "-c", program).Output()
	if err != nil {
		t.Fatalf("find botocore: %v", err)
	}
	lines := strings.Fields(string(out))
	if len(lines) != 2 {
		t.Fatalf("find botocore: Python printed %q", out)
	}
	return lines[0], lines[1]
}

// models returns the directory of the module that has AWS's models.
func models(t *testing.T, tools string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/aws/aws-sdk-go@v1.55.8")
	cmd.Dir = tools
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("find the module with AWS's models: %v\n%s", err, out)
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	return m.Dir
}

// overlay returns the origin that an overlay tells.
func overlay(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Origin string }
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v.Origin
}

// files returns the overlays that newer.py writes, by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.botocore.json"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	return texts
}
