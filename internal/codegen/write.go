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
)

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
	w := &writer{dir: dir, root: root, made: map[string]bool{".": true}, content: map[string][]byte{}}
	for i := range files {
		w.content[files[i].Path] = files[i].Content
	}
	w.content[LockFile] = old.after(files, changes).text()
	locked := false
	for _, c := range changes {
		if c.Path == LockFile {
			locked = c.Action.Pending()
			continue
		}
		if err := w.change(c); err != nil {
			return fmt.Errorf("%s %s: %w", c.Action, c.Path, err)
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

type writer struct {
	dir     string
	root    *os.Root
	made    map[string]bool // folders that are there
	content map[string][]byte
}

func (w *writer) change(c Change) error {
	switch c.Action {
	case Create, Overwrite:
		return w.write(c.Path)
	case Move:
		return w.move(c.From, c.Path)
	case Remove:
		return w.remove(c.Path)
	}
	return nil
}

// folder makes the folder of a file.
func (w *writer) folder(name string) error {
	dir := path.Dir(name)
	if w.made[dir] {
		return nil
	}
	w.made[dir] = true
	return w.root.MkdirAll(filepath.FromSlash(dir), 0o755)
}

// write writes a file beside its place and then puts it there.
func (w *writer) write(name string) error {
	if err := w.folder(name); err != nil {
		return err
	}
	draft := filepath.FromSlash(path.Join(path.Dir(name), ".storm-"+rand.Text()))
	target := filepath.FromSlash(name)
	err := w.root.WriteFile(draft, w.content[name], 0o644)
	if err == nil {
		err = w.root.Rename(draft, target)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(w.root.Remove(draft)))
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
	if err := w.folder(to); err != nil {
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
		delete(w.made, dir)
	}
	return nil
}
