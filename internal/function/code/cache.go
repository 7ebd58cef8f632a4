package code

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// draftPrefix begins the names of directories that are being filled.
const draftPrefix = "draft-"

// Cache holds unpacked zip files. Its methods are safe for concurrent use.
type Cache struct{ dir string }

// Open returns the cache in dir, which it makes if need be, and removes what
// an earlier process left unfinished there.
func Open(dir string) (*Cache, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the code cache: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the code cache: %w", err)
	}
	c := &Cache{dir: dir}
	if err := c.sweep(func(name string) bool { return !strings.HasPrefix(name, draftPrefix) }); err != nil {
		return nil, fmt.Errorf("open the code cache: %w", err)
	}
	return c, nil
}

// Name returns the name under which the cache keeps a zip file: its SHA-256 in
// hexadecimal.
func Name(zipped []byte) string {
	sum := sha256.Sum256(zipped)
	return hex.EncodeToString(sum[:])
}

// Add unpacks a zip file, unless it is there already, and returns its
// directory. It fails with [ErrMalformed], [ErrEmpty] or [ErrTooLarge] when
// the file is to blame.
func (c *Cache) Add(zipped []byte) (string, error) {
	name := Name(zipped)
	if dir, ok := c.Dir(name); ok {
		return dir, nil
	}
	r, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	draft, err := os.MkdirTemp(c.dir, draftPrefix)
	if err != nil {
		return "", fmt.Errorf("unpack code: %w", err)
	}
	defer func() { _ = removeAll(draft) }() // gone if all went well; what is left is removed by Open
	if err := unpack(r, draft); err != nil {
		return "", fmt.Errorf("unpack code: %w", err)
	}
	target := filepath.Join(c.dir, name)
	if err := os.Rename(draft, target); err != nil {
		if dir, ok := c.Dir(name); ok {
			return dir, nil // somebody else was faster
		}
		return "", fmt.Errorf("unpack code: %w", err)
	}
	return target, nil
}

// Dir returns the directory of the zip file with a name, if it is unpacked.
func (c *Cache) Dir(name string) (string, bool) {
	dir := filepath.Join(c.dir, filepath.Base(name))
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// Keep removes every directory except those whose names used reports.
func (c *Cache) Keep(used func(name string) bool) error {
	if err := c.sweep(used); err != nil {
		return fmt.Errorf("tidy the code cache: %w", err)
	}
	return nil
}

func (c *Cache) sweep(keep func(name string) bool) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !keep(e.Name()) {
			errs = append(errs, removeAll(filepath.Join(c.dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// removeAll is os.RemoveAll for a tree whose directories are read-only.
func removeAll(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(dir)
}
