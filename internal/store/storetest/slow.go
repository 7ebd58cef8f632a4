package storetest

import (
	"context"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

// SlowSync is an option for store.Open: every sync of the host's file system
// takes d longer, as on an ordinary disk.
func SlowSync(d time.Duration) func(*store.Options) {
	return func(o *store.Options) {
		if d > 0 {
			o.FS = slowFS{vfs.Default, d}
		}
	}
}

type slowFS struct {
	vfs.FS
	d time.Duration
}

func (f slowFS) wrap(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return slowFile{file, f.d}, nil
}

func (f slowFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrap(f.FS.Create(name, c))
}

func (f slowFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrap(f.FS.ReuseForWrite(old, name, c))
}

func (f slowFS) OpenDir(name string) (vfs.File, error) { return f.wrap(f.FS.OpenDir(name)) }

func (f slowFS) Unwrap() vfs.FS { return f.FS }

type slowFile struct {
	vfs.File
	d time.Duration
}

func (f slowFile) wait() error { return clock.Sleep(context.Background(), clock.Real(), f.d) }

func (f slowFile) Sync() error {
	if err := f.wait(); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f slowFile) SyncData() error {
	if err := f.wait(); err != nil {
		return err
	}
	return f.File.SyncData()
}
