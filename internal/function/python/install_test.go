package python_test

import (
	"os"
	"path/filepath"
	"testing"

	"stormbus/internal/function/python"
)

func TestInstall(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	first, err := python.Install(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(first) {
		t.Errorf("Install = %q, want an absolute path", first)
	}
	for _, name := range []string{"__main__.py", "stormbus_runtime/__init__.py", "stormbus_runtime/bootstrap.py"} {
		if _, err := os.Stat(filepath.Join(first, name)); err != nil {
			t.Error(err)
		}
	}
	again, err := python.Install(dir)
	if err != nil || again != first {
		t.Errorf("second Install = %q, %v; want %q", again, err, first)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("Install left %v, want one directory", left)
	}
}
