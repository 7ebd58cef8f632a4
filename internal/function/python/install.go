package python

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed runtime/__main__.py runtime/stormbus_runtime/*.py
var files embed.FS

// Install writes the runtime below dir, unless it is there already, and
// returns the directory to give to an interpreter. Several processes may call
// it at the same time.
func Install(dir string) (string, error) {
	tree, err := fs.Sub(files, "runtime")
	if err != nil {
		return "", fmt.Errorf("install the Python runtime: %w", err)
	}
	name, err := digest(tree)
	if err != nil {
		return "", fmt.Errorf("install the Python runtime: %w", err)
	}
	target, err := filepath.Abs(filepath.Join(dir, "python-"+name[:16]))
	if err != nil {
		return "", fmt.Errorf("install the Python runtime: %w", err)
	}
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	if err := install(tree, dir, target); err != nil {
		return "", fmt.Errorf("install the Python runtime: %w", err)
	}
	return target, nil
}

// install writes tree beside target and moves it there, so that target is
// whole whenever it exists.
func install(tree fs.FS, dir, target string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(dir, "install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	whole := filepath.Join(draft, "runtime")
	if err := os.CopyFS(whole, tree); err != nil {
		return err
	}
	err = os.Rename(whole, target)
	if err != nil && errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	return err
}

// digest names a tree by the names and the content of its files.
func digest(tree fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(tree, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s\x00%d\x00%s", path, len(b), b)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
