package store

import (
	"path/filepath"
	"runtime"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/clock"
)

// haltGrace is how long the engine is held after a failed sync.
const haltGrace = 30 * time.Second

// haltFS halts the store as soon as one of the engine's syncs fails, or a log
// cannot be made, before the engine hears of it. Where that happens between two
// logs or in a directory the engine ends the process at once, with a stack
// instead of our exit code; so it is held until the process had time to end
// properly. Whoever waits for the engine meanwhile is answered by [Store.fail].
type haltFS struct {
	vfs.FS
	s *Store
}

func (f haltFS) check(err error, name string) error {
	if err != nil {
		f.s.failHeld(err, name)
	}
	return err
}

// failHeld halts the store, and returns after haltGrace.
func (s *Store) failHeld(err error, name string) {
	if !s.opened.Load() {
		return // Open returns it
	}
	s.fail(err)
	s.log.Error("storage engine: a file could not be synced", "file", filepath.Base(name), "err", err)
	if s.o.HaltGrace > 0 {
		<-clock.Real().NewTimer(s.o.HaltGrace).C()
	}
}

func (f haltFS) wrap(file vfs.File, err error, name string) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return haltFile{file, f, name}, nil
}

func (f haltFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.Create(name, c)
	if filepath.Ext(name) == ".log" {
		err = f.check(err, name)
	}
	return f.wrap(file, slow(err, name), name)
}

// slow returns err, but not at once if there is one for a table: the engine tries
// again and again to write what is in memory, without a pause of its own.
func slow(err error, name string) error {
	if err != nil && filepath.Ext(name) == ".sst" {
		<-clock.Real().NewTimer(retryPause).C()
	}
	return err
}

// retryPause is how long a failed file operation takes at least.
const retryPause = 50 * time.Millisecond

func (f haltFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.ReuseForWrite(old, name, c)
	return f.wrap(file, f.check(err, name), name)
}

func (f haltFS) OpenDir(name string) (vfs.File, error) {
	file, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return haltDir{haltFile{file, f, name}}, nil
}

func (f haltFS) Unwrap() vfs.FS { return f.FS }

type haltFile struct {
	vfs.File
	fs   haltFS
	name string
}

func (f haltFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	return n, slow(err, f.name)
}

func (f haltFile) Sync() error     { return f.fs.check(f.File.Sync(), f.name) }
func (f haltFile) SyncData() error { return f.fs.check(f.File.SyncData(), f.name) }

func (f haltFile) SyncTo(n int64) (bool, error) {
	full, err := f.File.SyncTo(n)
	return full, f.fs.check(err, f.name)
}

// haltDir is a directory. Where its sync fails the engine panics, often in a
// goroutine of its own; this goroutine ends instead.
type haltDir struct{ haltFile }

func (d haltDir) Sync() error {
	err := d.File.Sync()
	if err != nil {
		d.fs.s.failHeld(err, d.name)
		d.fs.s.die(err)
		runtime.Goexit()
	}
	return nil
}

var _ vfs.FS = haltFS{}
