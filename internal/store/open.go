package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
)

// Open opens the store in dir, making it if it does not exist. Only one
// process can have it open; another gets [ErrLocked].
func Open(dir string, o Options) (*Store, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{o: o, dir: dir, log: o.Logger, stop: make(chan struct{}), halts: make(chan struct{}), dead: make(chan struct{})}
	s.health.init(o.OnHealth)
	s.fs = s.guarded(o.FS)
	if s.heads, err = newTemplates(append([]string{timerPrefix}, o.Heads...)); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	err = s.guard(func() error {
		if err := s.openFiles(); err != nil {
			return err
		}
		return s.start()
	})
	if err != nil {
		err = errors.Join(fmt.Errorf("open store in %s: %w", dir, err), s.guard(s.closeFiles))
		s.health.close()
		return nil, err
	}
	return s, nil
}

// guard runs f on a goroutine of its own. An engine that cannot go on ends the
// goroutine, or panics where a directory cannot be synced.
func (s *Store) guard(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := error(ErrHalted)
		defer func() {
			if r := recover(); r != nil {
				s.die(fmt.Errorf("storage engine: %v", r))
			}
			done <- err
		}()
		err = f()
	}()
	select {
	case err := <-done:
		if halted := s.haltErr(); halted != nil && err == ErrHalted {
			return halted
		}
		return err
	case <-s.dead:
		// What f waits for may have ended for good.
		return s.haltErr()
	}
}

// openFiles takes the lock and opens the engine and the blob directory.
func (s *Store) openFiles() error {
	if err := makeDirs(s.fs, s.dir, s.fs.PathJoin(s.dir, engineDir), s.fs.PathJoin(s.dir, blobDir)); err != nil {
		return err
	}
	lock, err := s.fs.Lock(s.fs.PathJoin(s.dir, "LOCK"))
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return fmt.Errorf("make the lock file: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	s.lock = lock
	if s.blobs, err = openBlobs(s); err != nil {
		return err
	}
	return s.openEngine(s.fs.PathJoin(s.dir, engineDir))
}

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

// makeDirs makes dir and the directories subs below it, and makes their names
// durable: the engine syncs what is inside its directory, but not that the
// directory exists.
func makeDirs(files vfs.FS, dir string, subs ...string) error {
	parents := []string{dir}
	for d := dir; ; {
		if _, err := files.Stat(d); err == nil {
			break
		}
		parent := files.PathDir(d)
		if parent == d {
			break
		}
		parents = append(parents, parent)
		d = parent
	}
	for _, d := range append([]string{dir}, subs...) {
		if err := files.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	for _, d := range parents {
		if err := syncDir(files, d); err != nil {
			return err
		}
	}
	return nil
}

const (
	engineDir = "db"
	blobDir   = "blobs"
)

// closeFiles releases what openFiles took, as far as it came.
func (s *Store) closeFiles() error {
	err := s.haltErr()
	// The process is about to exit; only the lock matters.
	if s.db != nil && !s.held() {
		err = errors.Join(err, s.db.Close())
	}
	err = errors.Join(err, s.watermark.close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

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

// start reads the layout row and every partition's state and starts the
// goroutines. Nothing has been started if it fails.
func (s *Store) start() error {
	n, err := s.layout()
	if err != nil {
		return err
	}
	for id := range n + 1 {
		p, err := newPartition(s, Part(id), n+1)
		if err != nil {
			return err
		}
		s.parts = append(s.parts, p)
	}
	if err := s.openWatermark(); err != nil {
		return err
	}
	s.OnTimer(OnceTimer, ForgetOnce)
	for _, p := range s.parts {
		p.start()
	}
	s.startWatchdog()
	s.loops.Go(s.runCollector)
	return nil
}

// layout returns the number of data partitions, writing it in a new store.
func (s *Store) layout() (int, error) {
	key := []byte("\x00\x00" + layoutKey)
	row, closer, err := s.db.Get(key)
	if err == nil {
		defer func() { _ = closer.Close() }() // releases memory; nothing can fail
		return decodeLayout(row)
	}
	if !errors.Is(err, pebble.ErrNotFound) {
		return 0, readError(err)
	}
	row = binary.BigEndian.AppendUint16([]byte{layoutVersion}, uint16(s.o.Partitions))
	return s.o.Partitions, s.writeSynced(key, row)
}

// decodeLayout returns the number of data partitions in the layout row.
func decodeLayout(row []byte) (int, error) {
	if len(row) != 3 || row[0] != layoutVersion {
		return 0, fmt.Errorf("layout row: %w", ErrDamaged)
	}
	return int(binary.BigEndian.Uint16(row[1:])), nil
}

// writeSynced writes one row durably. Unlike the engine's own Set it returns
// the error of a failed sync instead of giving up.
func (s *Store) writeSynced(key, row []byte) error {
	b := s.db.NewBatch()
	if err := b.Set(key, row, nil); err != nil {
		return err
	}
	if err := s.db.ApplyNoSyncWait(b, pebble.Sync); err != nil {
		return err
	}
	return errors.Join(b.SyncWait(), b.Close())
}

const layoutVersion = 1

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
