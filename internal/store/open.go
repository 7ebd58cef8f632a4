package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
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
