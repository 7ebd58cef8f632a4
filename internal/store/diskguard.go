package store

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The disk guard keeps a store usable on a disk that fills up. Below MinFree
// Updates that add data are refused, while what deletes goes on. Others may fill
// the disk all the same: for that there is the ballast, a file of no content
// that is removed at the first write that finds no space. The write is then
// tried again, so nothing fails, and nothing is added until there is room for a
// new ballast.
type diskGuard struct {
	files   vfs.FS // not the one that calls full: this one may be used in it
	path    string
	size    int64       // of the ballast; 0 if there is to be none
	present atomic.Bool // the ballast is there
	freed   atomic.Bool // it was removed, and there is no room for a new one yet
}

const (
	ballastFile    = "BALLAST"
	defaultBallast = 128 << 20
	minFreePercent = 5
)

// guarded returns the file system to use: it tells the disk guard when the disk
// is full and then tries again.
func (s *Store) guarded(files vfs.FS) vfs.FS {
	s.disk.files, s.disk.path = files, files.PathJoin(s.dir, ballastFile)
	s.disk.size = max(s.o.Ballast, 0)
	return vfs.OnDiskFull(files, s.diskFull)
}

// diskFull is called when a write found no space. Other writes wait meanwhile.
func (s *Store) diskFull() {
	s.disk.freed.Store(true)
	s.setFull(true, "the disk is full")
	if !s.disk.present.Swap(false) {
		return
	}
	if err := s.disk.files.Remove(s.disk.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Error("the ballast file could not be removed", "err", err)
	}
}

// setFull makes the store read-only or not.
func (s *Store) setFull(full bool, why string) {
	if was := s.full.Swap(full); was != full {
		s.log.Warn("disk space", "read_only", full, "why", why)
	}
	s.health.change(func(h *Health) {
		h.ReadOnly = ""
		if full {
			h.ReadOnly = fmt.Sprintf("%v: %s", ErrReadOnly, why)
		}
	})
}

// watchDisk decides whether the store is read-only, and makes the ballast again
// once there is room for it.
func (s *Store) watchDisk() {
	free, minFree := s.space()
	s.health.change(func(h *Health) {
		h.DiskFree = free
		if free >= 0 {
			h.DiskFree = free &^ (64<<20 - 1) // rounded, so that Health does not change every second
		}
	})
	// Where the free space is unknown the attempt to make the ballast tells.
	if roomy := free < 0 || free >= minFree+s.disk.size; roomy && s.disk.size > 0 && !s.disk.present.Load() {
		s.makeBallast()
	} else if roomy && s.disk.size == 0 && free >= 0 {
		s.disk.freed.Store(false)
	}
	short := free >= 0 && free < minFree
	why := "the disk is full"
	if short {
		why = fmt.Sprintf("%d MiB are free on the disk, %d MiB must be", free>>20, minFree>>20)
	}
	s.setFull(short || s.disk.freed.Load(), why)
}

// space returns how much is free on the disk and how much must be; -1 and 0 if
// the file system cannot say.
func (s *Store) space() (free, minFree int64) {
	u, err := s.fs.GetDiskUsage(s.dir)
	if err != nil {
		return -1, 0
	}
	switch minFree = s.o.MinFree; {
	case minFree < 0:
		minFree = 0
	case minFree == 0:
		minFree = max(defaultMinFree, int64(min(u.TotalBytes, 1<<62)/100*minFreePercent))
	}
	return int64(min(u.AvailBytes, 1<<62)), minFree
}

// makeBallast makes the ballast unless it is there.
func (s *Store) makeBallast() {
	g := &s.disk
	if _, err := g.files.Stat(g.path); err != nil {
		if err := g.fill(); err != nil {
			s.log.Warn("the ballast file could not be made", "err", err)
			if err := g.files.Remove(g.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				s.log.Error("the ballast file could not be removed", "err", err)
			}
			return
		}
	}
	g.present.Store(true)
	g.freed.Store(false)
}

// fill makes the ballast. It need not survive a power cut.
func (g *diskGuard) fill() (err error) {
	f, err := g.files.Create(g.path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if runtime.GOOS == "linux" && f.Preallocate(0, g.size) == nil {
		return nil // reserved without writing it; elsewhere this does nothing
	}
	zeros := make([]byte, 1<<20)
	for left := g.size; left > 0; left -= int64(len(zeros)) {
		if _, err := f.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			return err
		}
	}
	return nil
}
