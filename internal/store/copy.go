package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Copy copies the store in the directory from, which no process may have open,
// to the directory to, which must not exist. The copy is durable when Copy
// returns. With link, files that never change are linked where the file system
// can: that is quick and takes no space, and damage to such a file is damage to
// both. If it fails, what is in to is of no use.
//
// For a store that is open there is [Store.Checkpoint].
func Copy(ctx context.Context, from, to string, link bool, o Offline) (err error) {
	o = o.withDefaults()
	lock, err := lockStore(o.FS, from)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := mustNotExist(o.FS, to); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	c := copier{o: o, from: from, to: to, link: link}
	if err := c.all(ctx); err != nil {
		return fmt.Errorf("copy %s to %s: %w", from, to, err)
	}
	return nil
}

type copier struct {
	o        Offline
	from, to string
	link     bool
	done     int64 // bytes
	total    int64
}

func (c *copier) all(ctx context.Context) error {
	type file struct {
		name string // from the store's directory
		size int64
	}
	var files []file
	for _, dir := range []string{engineDir, blobDir} {
		names, err := c.o.FS.List(c.o.FS.PathJoin(c.from, dir))
		if err != nil {
			return err
		}
		for _, name := range names {
			st, err := c.o.FS.Stat(c.o.FS.PathJoin(c.from, dir, name))
			if err != nil {
				return err
			}
			if st.IsDir() || name == lockFile {
				continue // unfinished blobs; the engine's own lock
			}
			files = append(files, file{c.o.FS.PathJoin(dir, name), st.Size()})
			c.total += st.Size()
		}
	}
	// It tells whether the copy is whole.
	if st, err := c.o.FS.Stat(c.o.FS.PathJoin(c.from, watermarkFile)); err == nil {
		files = append(files, file{watermarkFile, st.Size()})
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeDirs(c.o.FS, c.to, c.o.FS.PathJoin(c.to, engineDir), c.o.FS.PathJoin(c.to, blobDir)); err != nil {
		return err
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.o.Progress(Progress{Stage: "copying", Done: c.done, Total: c.total, Bytes: true})
		if err := c.file(f.name); err != nil {
			return err
		}
		c.done += f.size
	}
	return errors.Join(
		syncDir(c.o.FS, c.o.FS.PathJoin(c.to, engineDir)), syncDir(c.o.FS, c.o.FS.PathJoin(c.to, blobDir)), syncDir(c.o.FS, c.to))
}

func (c *copier) file(name string) error {
	from, to := c.o.FS.PathJoin(c.from, name), c.o.FS.PathJoin(c.to, name)
	// Tables and blobs are written once. A log may be written over when the
	// engine uses its file again.
	constant := path.Ext(name) == ".sst" || c.o.FS.PathDir(name) == blobDir
	if c.link && constant {
		return vfs.LinkOrCopy(c.o.FS, from, to)
	}
	return vfs.Copy(c.o.FS, from, to)
}

// Replace makes the directory with, a copy that is complete, the store in dir.
// A store that is in dir already must not be open and is deleted. A crash may
// leave it beside dir, under the name that [Replaced] returns; Replace finishes
// what such a crash has left when it is called again.
func Replace(dir, with string, o Offline) error {
	o = o.withDefaults()
	old := Replaced(dir)
	lock, err := lockStore(o.FS, dir)
	switch {
	case errors.Is(err, ErrNoStore):
		lock = noLock{}
	case err != nil:
		return fmt.Errorf("replace: %w", err)
	default:
		if err := errors.Join(o.FS.RemoveAll(old), o.FS.Rename(dir, old)); err != nil {
			return errors.Join(fmt.Errorf("replace %s: %w", dir, err), lock.Close())
		}
	}
	err = o.FS.Rename(with, dir)
	if err == nil {
		err = syncDir(o.FS, o.FS.PathDir(dir))
	}
	if err == nil {
		err = o.FS.RemoveAll(old)
	}
	if err = errors.Join(err, lock.Close()); err != nil {
		return fmt.Errorf("replace %s: %w", dir, err)
	}
	return nil
}

// Replaced returns where Replace keeps the old store of dir for a moment.
func Replaced(dir string) string { return dir + ".old" }
