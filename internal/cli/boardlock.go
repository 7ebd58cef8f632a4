package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// lockBoard waits until no other command changes a board, and has others wait
// until unlock is called. The file that is locked stands beside the board, where
// whoever writes the board may write too, and only meanwhile: a board that git
// merges is a temporary file in a person's folder, and nothing is to be left there.
func lockBoard(name string) (unlock func(), err error) {
	target, err := filepath.EvalSymlinks(name) // a board has one lock, whatever it is called
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noBoard(name)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the board: %w", err)
	}
	lock := filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".lock")
	for {
		f, err := os.OpenFile(lock, os.O_CREATE|os.O_RDWR, 0o644)
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("lock the board: %w (who changes a board has to be allowed to write into its folder)", err)
		}
		if err != nil {
			return nil, fmt.Errorf("lock the board: %w", err)
		}
		held, err := lockHeld(f, lock)
		if held {
			return func() { unlockFile(f) }, nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("lock the board: %w", err)
		}
	}
}

// lockHeld locks a file, and reports whether it is still the one of its name: the
// process that had it before removes it.
func lockHeld(f *os.File, name string) (bool, error) {
	if err := lockFile(f); err != nil {
		return false, err
	}
	locked, err := f.Stat()
	if err != nil {
		return false, err
	}
	now, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(locked, now), err
}

func noBoard(name string) error {
	return withCode(exitUsage, "there is no board %s here; go to its folder, or begin one: `stormbus new NAME` makes a project", name)
}
