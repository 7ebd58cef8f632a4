package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
)

func (s *Store) openEngine(dir string) error {
	// Without fsync the offsets in the log promise what a power cut may take.
	if s.o.Durability == DurabilityPower {
		if err := checkLogs(s.fs, dir); err != nil {
			return err
		}
	}
	if err := prepareEngine(s.fs, dir); err != nil {
		return err
	}
	db, err := pebble.Open(dir, s.engineOptions())
	if err != nil {
		return readError(err)
	}
	if s.held() {
		return db.Close() // nobody waits any more
	}
	s.db = db
	s.opened.Store(true)
	return nil
}

// prepareEngine looks at the engine's directory before the engine does. It
// marks an empty one as one of the newest format: the engine itself begins with
// the oldest one and moves on after it has made its first log, which then cannot
// tell damage from a torn end until it is full. And it refuses a directory whose
// manifest has no marker: the engine would begin a new database beside the rows.
func prepareEngine(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	if err != nil {
		return err
	}
	var format, manifest, data bool
	for _, name := range names {
		format = format || strings.HasPrefix(name, "marker."+formatMarker+".")
		manifest = manifest || strings.HasPrefix(name, "marker.manifest.")
		data = data || strings.HasSuffix(name, ".log") || strings.HasSuffix(name, ".sst")
	}
	if data && !manifest {
		return fmt.Errorf("%w: %s holds data, but no marker.manifest file that says which manifest is the newest", ErrDamaged, dir)
	}
	if format || manifest {
		return nil
	}
	marker, _, err := atomicfs.LocateMarker(files, dir, formatMarker)
	if err != nil {
		return err
	}
	return errors.Join(marker.Move(pebble.FormatNewest.String()), marker.Close())
}

// formatMarker is the engine's name of the file that tells its format.
const formatMarker = "format-version"

// engineOptions sets what the measurements and traps in the storage notes ask
// for; everything else is the engine's default.
func (s *Store) engineOptions() *pebble.Options {
	files := vfs.FS(haltFS{s.fs, s})
	if s.o.Durability == DurabilityProcess {
		files = lazyFS{files}
	}
	events := s.events()
	o := &pebble.Options{
		FS: files,
		// Older formats open a log with a flipped bit and silently drop what
		// follows it.
		FormatMajorVersion: pebble.FormatNewest,
		MemTableSize:       memTableSize,
		CacheSize:          cacheSize,
		MaxOpenFiles:       500,
		EventListener:      &events,
		Logger:             engineLogger{s},
		CompactionConcurrencyRange: func() (lower, upper int) {
			// An Open that fails takes away what a compaction works with,
			// which then panics: none may run before.
			if !s.opened.Load() {
				return 0, 1
			}
			return 1, 1
		},
	}
	for i := range o.Levels {
		// Asking for a key that is not there (a deduplication row) would
		// otherwise read a block of every level.
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(filterBits)
	}
	return o
}

const filterBits = 10 // per key: about 1 % of such questions still read

// Memory: the write buffer starts at 256 KiB and doubles up to memTableSize,
// so an idle store uses little of it.
const (
	memTableSize = 16 << 20
	cacheSize    = 64 << 20
)

// engineLogger keeps the engine quiet: what matters arrives as an event.
type engineLogger struct{ s *Store }

func (l engineLogger) Infof(format string, args ...any) {}

func (l engineLogger) Errorf(format string, args ...any) {
	l.s.log.Error("storage engine", "err", fmt.Sprintf(format, args...))
}

// Fatalf is called when the engine cannot go on. It must not return, and the
// engine's goroutine has nothing left to do.
func (l engineLogger) Fatalf(format string, args ...any) {
	l.s.die(fmt.Errorf(format, args...))
	runtime.Goexit()
}

// lazyFS hands the write-ahead log to the operating system without waiting
// for the disk. Every other file is synced as usual, so a power cut costs the
// newest Updates but leaves a store that opens.
type lazyFS struct{ vfs.FS }

func (f lazyFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return lazyLog(f.FS.Create(name, c))(name)
}

func (f lazyFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return lazyLog(f.FS.ReuseForWrite(old, name, c))(name)
}

func (f lazyFS) Unwrap() vfs.FS { return f.FS }

func lazyLog(file vfs.File, err error) func(name string) (vfs.File, error) {
	return func(name string) (vfs.File, error) {
		if err == nil && filepath.Ext(name) == ".log" {
			return lazyFile{file}, nil
		}
		return file, err
	}
}

type lazyFile struct{ vfs.File }

func (lazyFile) Sync() error                { return nil }
func (lazyFile) SyncData() error            { return nil }
func (lazyFile) SyncTo(int64) (bool, error) { return false, nil }
