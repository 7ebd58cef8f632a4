package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"time"

	"stormbus/internal/clock"
)

// pollTime is how long a poller waits between two looks.
const pollTime = 500 * time.Millisecond

// poller tells when something in a project's folder was saved by looking at it
// again and again: in folders of another machine, such as network shares or
// those that a container has from its host, the system often tells nothing.
type poller struct {
	dir   string
	clock clock.Clock
	every time.Duration
	seen  map[string]stamp
}

// stamp is by what a saved file is told from the one before.
type stamp struct {
	size  int64
	saved time.Time
}

func newPoller(dir string, c clock.Clock, every time.Duration) (*poller, error) {
	p := &poller{dir: filepath.Clean(dir), clock: c, every: every}
	seen, err := p.look()
	if err == nil && len(seen) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	p.seen = seen
	return p, nil
}

// Close does nothing: a poller holds nothing.
func (p *poller) Close() error { return nil }

// Wait is as that of [Watcher]. It looks until two looks are the same.
func (p *poller) Wait(ctx context.Context) (since time.Time, err error) {
	wait := p.every
	for {
		timer := p.clock.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return since, ctx.Err()
		case <-timer.C():
		}
		now, err := p.look()
		if err != nil {
			return since, fmt.Errorf("watch %s: %w", p.dir, err)
		}
		same := maps.Equal(now, p.seen)
		p.seen = now
		switch {
		case since.IsZero() && same:
			continue
		case since.IsZero():
			since, wait = p.clock.Now(), settleTime
		case same || p.clock.Now().Sub(since) >= saveTime:
			return since, nil
		}
	}
}

// look returns the stamps of what may matter, by path. Those of folders have
// nothing in them: a folder is there or not.
func (p *poller) look() (map[string]stamp, error) {
	seen := make(map[string]stamp, len(p.seen))
	err := filepath.WalkDir(p.dir, func(at string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return nil // gone, or nobody's to read: whoever reads it will say so
		case err != nil:
			return err
		}
		name, err := filepath.Rel(p.dir, at)
		switch {
		case err != nil:
			return err
		case name != "." && !watched(filepath.ToSlash(name)):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			seen[at] = stamp{}
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			seen[at] = stamp{info.Size(), info.ModTime()}
		}
		return err
	})
	return seen, err
}
