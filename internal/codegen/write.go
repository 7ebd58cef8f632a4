package codegen

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sync"
)

// writers is how many files are written at the same time.
const writers = 4

// Write does what [Compare] said. Each file is whole at every moment, [LockFile]
// comes last, and nothing is written outside of the folder, whatever symbolic
// links there are. What a person wrote is not touched, except that it moves.
func Write(dir string, files []File, changes []Change) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the project: %w", err)
	}
	defer root.Close()
	old, _, err := readLock(root.FS())
	if err != nil {
		return err
	}
	w := &writer{dir: dir, root: root, draft: ".storm-" + rand.Text(), content: map[string][]byte{}}
	defer w.close()
	for i := range files {
		w.content[files[i].Path] = files[i].Content
	}
	w.content[LockFile] = old.after(files, changes).text()
	locked := slices.ContainsFunc(changes, func(c Change) bool { return c.Path == LockFile && c.Action.Pending() })
	changes = slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Path == LockFile })
	for _, step := range []func([]Change) error{w.moveAll, w.writeAll, w.removeAll} {
		if err := step(changes); err != nil {
			return err
		}
	}
	if !locked {
		return nil
	}
	if err := w.write(LockFile); err != nil {
		return fmt.Errorf("write %s: %w", LockFile, err)
	}
	return nil
}

func (w *writer) moveAll(changes []Change) error {
	for _, c := range changes {
		if c.Action != Move {
			continue
		}
		if err := w.move(c.From, c.Path); err != nil {
			return fmt.Errorf("move %s to %s: %w", c.From, c.Path, err)
		}
	}
	return nil
}

// writeAll writes what is to be written, by several writers, each of which has
// folders of its own for most of the time.
func (w *writer) writeAll(changes []Change) error {
	var paths []string
	for _, c := range changes {
		if c.Action == Create || c.Action == Overwrite {
			paths = append(paths, c.Path)
		}
	}
	errs := make([]error, writers)
	var wait sync.WaitGroup
	for i := range writers {
		mine := paths[len(paths)*i/writers : len(paths)*(i+1)/writers]
		wait.Go(func() {
			one := &writer{dir: w.dir, root: w.root, draft: fmt.Sprintf("%s-%d", w.draft, i), content: w.content}
			defer one.close()
			for _, path := range mine {
				if err := one.write(path); err != nil {
					errs[i] = fmt.Errorf("write %s: %w", path, err)
					return
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

func (w *writer) removeAll(changes []Change) error {
	w.close()
	for _, c := range changes {
		if c.Action != Remove {
			continue
		}
		if err := w.remove(c.Path); err != nil {
			return fmt.Errorf("remove %s: %w", c.Path, err)
		}
	}
	return nil
}

// Overwriting returns the changes with those of edited files made such that they
// are generated again, or removed if nothing generates them any more.
func Overwriting(files []File, changes []Change) []Change {
	planned := map[string]bool{}
	for i := range files {
		planned[files[i].Path] = true
	}
	result := make([]Change, len(changes))
	lock := 0
	edited := false
	for i, c := range changes {
		switch {
		case c.Path == LockFile:
			lock = i
		case c.Action == Edited && planned[c.Path]:
			c.Action, c.Line, c.Why, edited = Overwrite, 0, "somebody edited it", true
		case c.Action == Edited:
			c.Action, c.Line, c.Why, edited = Remove, 0, "somebody edited it, and nothing generates it any more", true
		}
		result[i] = c
	}
	if edited && result[lock].Action == Leave {
		result[lock].Action = Overwrite
	}
	return result
}

// writer writes files, one after the other.
type writer struct {
	dir     string
	root    *os.Root
	draft   string // name of a file that is not whole yet
	content map[string][]byte

	last     *os.Root // the folder that was written to last, or nil
	lastName string
}

// folder returns the folder of a file, which it makes if need be. Files come in
// order of their paths, so that the last folder is kept open: a path from the top
// is followed part by part each time.
func (w *writer) folder(name string) (*os.Root, error) {
	dir := path.Dir(name)
	if w.last != nil && w.lastName == dir {
		return w.last, nil
	}
	w.close()
	if err := w.root.MkdirAll(filepath.FromSlash(dir), 0o755); err != nil {
		return nil, err
	}
	last, err := w.root.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	w.last, w.lastName = last, dir
	return last, nil
}

// close closes the folder that is kept open, which may be removed then.
func (w *writer) close() {
	if w.last != nil {
		w.last.Close() // nothing was written through it that is not closed already
		w.last = nil
	}
}

// write writes a file beside its place and then puts it there.
func (w *writer) write(name string) error {
	folder, err := w.folder(name)
	if err != nil {
		return err
	}
	err = folder.WriteFile(w.draft, w.content[name], 0o644)
	if err == nil {
		err = folder.Rename(w.draft, path.Base(name))
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(folder.Remove(w.draft)))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// move moves a file of a person, as git knows it if git knows it at all.
func (w *writer) move(from, to string) error {
	if _, err := w.folder(to); err != nil {
		return err
	}
	from, to = filepath.FromSlash(from), filepath.FromSlash(to)
	if _, err := w.root.Lstat(to); err == nil {
		return fmt.Errorf("there is a file already, and %s is to move there", from)
	}
	if exec.Command("git", "-C", w.dir, "mv", "--", from, to).Run() == nil {
		return nil
	}
	return w.root.Rename(from, to)
}

// remove removes a generated file, and the folders that it leaves empty.
func (w *writer) remove(name string) error {
	if err := ignoreMissing(w.root.Remove(filepath.FromSlash(name))); err != nil {
		return err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		entries, err := fs.ReadDir(w.root.FS(), dir)
		if err != nil || len(entries) > 1 || len(entries) == 1 && entries[0].Name() != "__pycache__" {
			return ignoreMissing(err)
		}
		if err := w.root.RemoveAll(filepath.FromSlash(dir)); err != nil {
			return err
		}
	}
	return nil
}
