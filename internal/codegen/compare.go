package codegen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Compare says what is to be done about each file, so that the folder of a
// project has what its board wants: also about files that nothing generates any
// more, and about [LockFile]. It changes nothing. The changes are in order of
// their paths, those of one path with the one that [Write] carries out last.
func Compare(root fs.FS, files []File) ([]Change, error) {
	old, oldText, err := readLock(root)
	if err != nil {
		return nil, err
	}
	c := &comparison{root: root, lock: old, planned: map[string]bool{}, moved: map[string]bool{}}
	for i := range files {
		c.planned[files[i].Path] = true
	}
	for i := range files {
		if err := c.file(&files[i]); err != nil {
			return nil, err
		}
	}
	if err := c.follow(); err != nil {
		return nil, err
	}
	if err := c.unplanned(); err != nil {
		return nil, err
	}
	next := old.after(files, c.changes).text()
	switch {
	case bytes.Equal(next, oldText):
		c.add(Leave, LockFile, "")
	case oldText == nil:
		c.add(Create, LockFile, "")
	default:
		c.add(Overwrite, LockFile, "")
	}
	slices.SortStableFunc(c.changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return c.changes, nil
}

// serviceRenamed is why a file moves to another folder.
const serviceRenamed = "its service was renamed"

type comparison struct {
	root    fs.FS
	lock    *lock
	planned map[string]bool
	moved   map[string]bool // paths that files move away from
	changes []Change
}

func (c *comparison) add(action Action, path, why string) {
	c.changes = append(c.changes, Change{Action: action, Path: path, Why: why})
}

func (c *comparison) move(from, to, why string) {
	c.moved[from] = true
	c.changes = append(c.changes, Change{Action: Move, Path: to, From: from, Why: why})
}

// read returns the content of a file, nil if it is not there.
func (c *comparison) read(path string) ([]byte, error) {
	content, err := fs.ReadFile(c.root, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s, which is generated: %w; move away what stands in its place", path, err)
	case content == nil:
		content = []byte{}
	}
	return content, nil
}

func (c *comparison) file(f *File) error {
	content, err := c.read(f.Path)
	if err != nil {
		return err
	}
	switch {
	case content == nil && f.Zone == Once:
		return c.once(f)
	case content == nil:
		c.add(Create, f.Path, "")
	case f.Zone == Once, bytes.Equal(content, f.Content):
		c.add(Leave, f.Path, "")
	case c.isOurs(f.Path, content):
		c.version(f, content)
		c.add(Overwrite, f.Path, "it is stale")
	default:
		c.changes = append(c.changes, Change{
			Action: Edited, Path: f.Path, Line: differs(content, f.Content),
			Why: "somebody edited it; put the change into handlers or onto the board, and generate it again with --overwrite",
		})
	}
	return nil
}

// once says what is to be done about a file for a person that is not there.
func (c *comparison) once(f *File) error {
	for _, was := range append(slices.Clone(f.Was), c.renamedAgain(f)...) {
		if was == f.Path || c.planned[was] || c.moved[was] {
			continue
		}
		before, err := c.read(was)
		if err != nil {
			return err
		}
		if before != nil {
			why := serviceRenamed
			if path.Base(was) != path.Base(f.Path) {
				why = f.Item + " was renamed; its decorator has the former name, too, as long as the board keeps it as was"
			}
			c.move(was, f.Path, why)
			return nil
		}
	}
	c.add(Create, f.Path, "")
	return nil
}

// renamedAgain are the files of an item that was renamed before: their paths come
// from a name that the board does not know any more.
func (c *comparison) renamedAgain(f *File) (paths []string) {
	if f.First == "" {
		return nil
	}
	for path, item := range c.lock.Once {
		if firstOf(item) == f.First && itemOf(item) != f.First && fs.ValidPath(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// isOurs reports whether the content of a file is what was generated once.
func (c *comparison) isOurs(path string, content []byte) bool {
	if hash, ok := c.lock.Generated[path]; ok && hash == hashOf(content) {
		return true
	}
	// A lock that was lost, or comes from another branch: a file of Python says
	// itself what it was.
	rest, ok := bytes.CutPrefix(content, []byte(header+hashPrefix))
	hash, body, cut := bytes.Cut(rest, []byte("\n"))
	return ok && cut && string(hash) == hashOf(body)
}

// differs is the first line, from 1, in which two texts differ.
func differs(a, b []byte) int {
	line := 1
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '\n' {
			line++
		}
	}
	return line
}

// unplanned says what is to be done about what nothing generates any more.
func (c *comparison) unplanned() error {
	for path, hash := range c.lock.Generated {
		if c.planned[path] {
			continue
		}
		content, err := c.read(path)
		switch {
		case err != nil:
			return err
		case content == nil:
		case hash == hashOf(content):
			c.add(Remove, path, "nothing generates it any more")
		default:
			c.changes = append(c.changes, Change{Action: Edited, Path: path, Line: 1, Why: "nothing generates it any more, and somebody edited it; delete it"})
		}
	}
	for path, item := range c.lock.Once {
		if c.planned[path] || c.moved[path] || !fs.ValidPath(path) {
			continue
		}
		content, err := c.read(path)
		if err != nil {
			return err
		}
		if content != nil {
			c.add(Orphan, path, itemOf(item)+" is not on the board any more, or not planned yet (see `stormbus plan`); delete the file when you need it no longer")
		}
	}
	return nil
}
