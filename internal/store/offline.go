package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrNoStore is returned by the functions that work on a directory when there
// is no store in it.
var ErrNoStore = errors.New("there is no store")

// Offline configures the functions that work on a directory which no process
// has open: [Verify], [ReadStats], [Compact] and [Copy]. The zero value is
// usable.
type Offline struct {
	// Spaces lists the rows that the owners of the store write beside the
	// store's own. Without it such rows are counted but not judged.
	Spaces []Space
	// Progress is called now and then, from one goroutine; nil if nobody asks.
	Progress func(Progress)
	// FS replaces the file system; package storetest makes such ones.
	FS vfs.FS
	// Logger receives what the engine reports; discarded if nil.
	Logger *slog.Logger
}

// Progress says how far long work has come.
type Progress struct {
	Stage string // what is being done, such as "tables"
	Done  int64
	Total int64 // 0 if unknown
	Bytes bool  // Done and Total count bytes, not things
}

func (o Offline) withDefaults() Offline {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	return o
}

// lockStore makes sure that no process uses the store in dir, and keeps it so
// until the returned lock is closed.
func lockStore(files vfs.FS, dir string) (io.Closer, error) {
	if st, err := files.Stat(files.PathJoin(dir, engineDir)); errors.Is(err, fs.ErrNotExist) || err == nil && !st.IsDir() {
		return nil, fmt.Errorf("%w in %s", ErrNoStore, dir)
	} else if err != nil {
		return nil, err
	}
	path := files.PathJoin(dir, lockFile)
	if _, err := files.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return noLock{}, nil // a copy that no process has opened yet
	}
	lock, err := files.Lock(path)
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", dir, ErrLocked, err)
	}
	return lock, nil
}

const lockFile = "LOCK"

type noLock struct{}

func (noLock) Close() error { return nil }

// openEngineReadOnly opens the database of the store in dir without changing
// anything on disk: what is only in the log is replayed into memory.
func openEngineReadOnly(files vfs.FS, dir string, log *slog.Logger) (db *pebble.DB, err error) {
	// The engine gives up by a panic or by its logger; see offlineLogger.
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, fmt.Errorf("storage engine: %v", r)
		}
	}()
	db, err = pebble.Open(files.PathJoin(dir, engineDir), offlineEngine(readOnlyFS{files}, log))
	return db, readError(err)
}

func offlineEngine(files vfs.FS, log *slog.Logger) *pebble.Options {
	o := &pebble.Options{
		FS: files, ReadOnly: true, FormatMajorVersion: pebble.FormatNewest, MemTableSize: memTableSize, CacheSize: cacheSize,
		Logger: offlineLogger{log},
		// The default ends the process. Whoever reads gets the error anyway.
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}},
	}
	o.EnsureDefaults()
	return o
}

// offlineLogger is for an engine that does no work of its own.
type offlineLogger struct{ log *slog.Logger }

func (l offlineLogger) Infof(string, ...any) {}

func (l offlineLogger) Errorf(format string, args ...any) {
	l.log.Warn("storage engine", "err", fmt.Sprintf(format, args...))
}

func (l offlineLogger) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// readOnlyFS refuses everything that would change a file or a directory.
type readOnlyFS struct{ vfs.FS }

var errReadOnly = errors.New("the directory is only read")

func (readOnlyFS) Create(string, vfs.DiskWriteCategory) (vfs.File, error) { return nil, errReadOnly }
func (readOnlyFS) Link(string, string) error                              { return errReadOnly }
func (readOnlyFS) Remove(string) error                                    { return errReadOnly }
func (readOnlyFS) RemoveAll(string) error                                 { return errReadOnly }
func (readOnlyFS) Rename(string, string) error                            { return errReadOnly }
func (readOnlyFS) MkdirAll(string, os.FileMode) error                     { return errReadOnly }

func (readOnlyFS) OpenReadWrite(string, vfs.DiskWriteCategory, ...vfs.OpenOption) (vfs.File, error) {
	return nil, errReadOnly
}

func (readOnlyFS) ReuseForWrite(string, string, vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, errReadOnly
}

// Lock takes no lock: the store's own is held already.
func (readOnlyFS) Lock(string) (io.Closer, error) { return noLock{}, nil }

// Unwrap implements vfs.FS.
func (f readOnlyFS) Unwrap() vfs.FS { return f.FS }

// walkRows calls fn with every row of the database, in order. The slices are
// valid until fn returns.
func walkRows(ctx context.Context, r pebble.Reader, fn func(p Part, k, v []byte) error) (err error) {
	it, err := r.NewIter(nil)
	if err != nil {
		return readError(err)
	}
	defer func() { err = errors.Join(err, readError(it.Close())) }()
	for ok := it.First(); ok; ok = it.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return readError(err)
		}
		if len(it.Key()) < partBytes {
			return fmt.Errorf("row %q: %w: no partition", it.Key(), ErrDamaged)
		}
		if err := fn(partOf(it.Key()), it.Key()[partBytes:], v); err != nil {
			return err
		}
	}
	return nil
}
