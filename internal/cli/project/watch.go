package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"stormbus/internal/clock"
)

// How long the watcher waits: until nothing more is saved for settleTime, but
// not longer than saveTime in all.
const (
	settleTime = 50 * time.Millisecond
	saveTime   = 400 * time.Millisecond
)

// Watcher tells when something in a project's folder was saved. Folders are
// watched and not files, so that editors which save by renaming are seen, and
// so is a file that comes back.
type Watcher struct {
	dir   string
	clock clock.Clock
	files *fsnotify.Watcher
}

// NewWatcher watches a project's folder until it is closed.
func NewWatcher(dir string, c clock.Clock) (*Watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, moreWatches(err))
	}
	w := &Watcher{dir: filepath.Clean(dir), clock: c, files: files}
	if _, err = os.Stat(w.dir); err == nil {
		err = w.add(w.dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("watch %s: %w", dir, moreWatches(err)), files.Close())
	}
	return w, nil
}

// Close ends the watcher.
func (w *Watcher) Close() error { return w.files.Close() }

// Wait waits until something was saved and nothing more comes for a moment. It
// returns when the first of it came. Its error is ctx's, or says that the
// system watches no more.
func (w *Watcher) Wait(ctx context.Context) (since time.Time, err error) {
	var settled, late <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return since, ctx.Err()
		case <-settled:
			return since, nil
		case <-late:
			return since, nil
		case e, open := <-w.files.Events:
			if !open {
				return since, fmt.Errorf("watch %s: %w", w.dir, os.ErrClosed)
			}
			relevant, err := w.see(e)
			if err != nil {
				return since, err
			}
			if !relevant {
				continue
			}
			if late == nil {
				since = w.clock.Now()
				timer := w.clock.NewTimer(saveTime)
				defer timer.Stop()
				late = timer.C()
			}
			timer := w.clock.NewTimer(settleTime)
			defer timer.Stop()
			settled = timer.C()
		case err, open := <-w.files.Errors:
			switch {
			case !open:
				return since, fmt.Errorf("watch %s: %w", w.dir, os.ErrClosed)
			case errors.Is(err, fsnotify.ErrEventOverflow):
				return w.clock.Now(), w.again() // more was saved than the system could tell: look at all
			}
			return since, fmt.Errorf("watch %s: %w", w.dir, err)
		}
	}
}

// see looks at one event, and reports whether it is about the project.
func (w *Watcher) see(e fsnotify.Event) (relevant bool, err error) {
	if e.Op == fsnotify.Chmod {
		return false, nil
	}
	name, err := filepath.Rel(w.dir, e.Name)
	if err != nil || !watched(filepath.ToSlash(name)) {
		return false, nil
	}
	if e.Has(fsnotify.Create) {
		if err := w.add(e.Name); err != nil {
			return true, fmt.Errorf("watch %s: %w", e.Name, moreWatches(err))
		}
	}
	return true, nil
}

// again begins to watch what is not watched yet.
func (w *Watcher) again() error {
	if err := w.add(w.dir); err != nil {
		return fmt.Errorf("watch %s: %w", w.dir, moreWatches(err))
	}
	return nil
}

// add watches a folder and those below it. What is gone again is left out, and
// so are files.
func (w *Watcher) add(root string) error {
	return filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return nil // gone, or nobody's to read: whoever reads it will say so
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		}
		if name, err := filepath.Rel(w.dir, at); err != nil || name != "." && !watched(filepath.ToSlash(name)) {
			return filepath.SkipDir
		}
		if err := w.files.Add(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// watched reports whether what happens to a file or a folder, named from the
// project's folder, may matter: the board, the files it names, the services.
func watched(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "__pycache__" || part == "node_modules" || strings.HasPrefix(part, ".") ||
			strings.HasSuffix(part, "~") || strings.HasSuffix(part, ".pyc") {
			return false
		}
	}
	return true
}

// moreWatches says what to do when the system watches no more folders.
func moreWatches(err error) error {
	if noMoreWatches(err) {
		return fmt.Errorf("the system watches no more folders (raise fs.inotify.max_user_watches and max_user_instances): %w", err)
	}
	return err
}

func noMoreWatches(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE)
}
