package storetest

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

// Disk is the host's file system, except that each sync takes longer, as on an
// ordinary disk, and is counted.
type Disk struct {
	delay time.Duration
	syncs atomic.Int64
}

// File is a file of a [Disk].
type File interface {
	io.WriteCloser
	Sync() error
}

// NewDisk returns a disk whose syncs take so much longer than the host's.
func NewDisk(delay time.Duration) *Disk { return &Disk{delay: delay} }

// Use is an option for store.Open: it makes the store use d.
func (d *Disk) Use(o *store.Options) { o.FS = diskFS{vfs.Default, d} }

// Create makes a file that is not the store's, to compare with.
func (d *Disk) Create(name string) (File, error) {
	return diskFS{vfs.Default, d}.Create(name, vfs.WriteCategoryUnspecified)
}

// Syncs returns how many syncs there have been.
func (d *Disk) Syncs() int64 { return d.syncs.Load() }

// diskFS is the file system of a Disk.
type diskFS struct {
	vfs.FS
	disk *Disk
}

func (f diskFS) wrap(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return diskFile{file, f.disk}, nil
}

func (f diskFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrap(f.FS.Create(name, c))
}

func (f diskFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrap(f.FS.ReuseForWrite(old, name, c))
}

func (f diskFS) OpenDir(name string) (vfs.File, error) { return f.wrap(f.FS.OpenDir(name)) }

func (f diskFS) Unwrap() vfs.FS { return f.FS }

type diskFile struct {
	vfs.File
	disk *Disk
}

func (f diskFile) wait() error {
	f.disk.syncs.Add(1)
	if f.disk.delay <= 0 {
		return nil
	}
	return clock.Sleep(context.Background(), clock.Real(), f.disk.delay)
}

func (f diskFile) Sync() error {
	if err := f.wait(); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f diskFile) SyncData() error {
	if err := f.wait(); err != nil {
		return err
	}
	return f.File.SyncData()
}
