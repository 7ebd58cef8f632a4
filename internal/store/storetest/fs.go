package storetest

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"path"
	"slices"
	"sync"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"stormbus/internal/store"
)

// ErrInjected is the error of an operation that an [FS] was told to fail.
var ErrInjected = errors.New("injected failure")

// FS is a file system in memory that can lose power and fail.
type FS struct {
	mem *vfs.MemFS
	inj *injector
}

// NewFS returns an empty file system.
func NewFS() *FS { return newFS(vfs.NewCrashableMem()) }

func newFS(mem *vfs.MemFS) *FS { return &FS{mem: mem, inj: &injector{}} }

// Use is an option for Open: it makes the store use f. A test does not end as a
// process does, so nothing is held when the store halts. There is no ballast.
func (f *FS) Use(o *store.Options) {
	o.FS, o.HaltGrace, o.Ballast = errorfs.Wrap(f.mem, f.inj), -1, -1
}

// Crash returns what is left after a power cut at this moment: everything
// that was synced, and each piece that was not with a probability of keep
// percent.
func (f *FS) Crash(keep int, rng *rand.Rand) *FS {
	return newFS(f.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: keep, RNG: rng}))
}

// Op is a kind of file operation that an FS can fail.
type Op string

// The operations that [FS.Fail] knows.
const (
	OpSync   Op = "sync"   // of a file or a directory
	OpWrite  Op = "write"  // to a file
	OpRead   Op = "read"   // from a file
	OpCreate Op = "create" // of a file or a directory
	OpRename Op = "rename"
	OpRemove Op = "remove"
	OpLink   Op = "link"
)

func (o Op) is(k errorfs.OpKind) bool {
	switch o {
	case OpSync:
		return k == errorfs.OpFileSync || k == errorfs.OpFileSyncData || k == errorfs.OpFileSyncTo
	case OpWrite:
		return k == errorfs.OpFileWrite || k == errorfs.OpFileWriteAt
	case OpRead:
		return k == errorfs.OpFileRead || k == errorfs.OpFileReadAt
	case OpCreate:
		return k == errorfs.OpCreate || k == errorfs.OpMkdirAll || k == errorfs.OpReuseForWrite
	case OpRename:
		return k == errorfs.OpRename
	case OpRemove:
		return k == errorfs.OpRemove || k == errorfs.OpRemoveAll
	case OpLink:
		return k == errorfs.OpLink
	}
	return false
}

// Fail makes the n-th operation of a kind from now on fail, and all later ones.
func (f *FS) Fail(op Op, n int) { f.inj.set(n, op.is, ErrInjected, false) }

// FailOnce makes the n-th operation of a kind from now on fail, and no other.
func (f *FS) FailOnce(op Op, n int) { f.inj.set(n, op.is, ErrInjected, true) }

// FailSync makes the n-th sync from now on fail, and all later ones.
func (f *FS) FailSync(n int) { f.Fail(OpSync, n) }

// FailWrite makes the n-th write from now on fail, and all later ones.
func (f *FS) FailWrite(n int) { f.Fail(OpWrite, n) }

// FailRead makes the n-th read of a file from now on fail, and all later ones.
func (f *FS) FailRead(n int) { f.Fail(OpRead, n) }

// FillDisk makes whatever takes space fail as on a full disk, until Heal or
// until something is removed that frees space: a test can tell which by its path.
func (f *FS) FillDisk(frees func(path string) bool) {
	f.inj.set(1, func(k errorfs.OpKind) bool { return OpWrite.is(k) || OpCreate.is(k) }, syscall.ENOSPC, false)
	f.inj.frees(frees)
}

// LogSyncs returns how often a log has been synced so far.
func (f *FS) LogSyncs() int {
	f.inj.mu.Lock()
	defer f.inj.mu.Unlock()
	return f.inj.syncs
}

// HoldSyncs makes syncs of a log wait until release is called. held receives a
// value for each one that begins to wait.
func (f *FS) HoldSyncs() (held <-chan struct{}, release func()) {
	waiting, gate := make(chan struct{}, 1024), make(chan struct{})
	f.inj.mu.Lock()
	defer f.inj.mu.Unlock()
	f.inj.waiting, f.inj.gate = waiting, gate
	return waiting, func() {
		f.inj.mu.Lock()
		defer f.inj.mu.Unlock()
		f.inj.gate = nil
		close(gate)
	}
}

// Failed returns how many operations have been failed so far.
func (f *FS) Failed() int {
	f.inj.mu.Lock()
	defer f.inj.mu.Unlock()
	return f.inj.failed
}

// Heal ends the failures.
func (f *FS) Heal() { f.inj.set(0, nil, nil, false) }

// SetFree says how many bytes are free on the disk from now on.
func (f *FS) SetFree(n uint64) { f.SetDisk(n, n) }

// SetDisk says how many bytes are free on the disk, and how many it has.
func (f *FS) SetDisk(free, total uint64) {
	f.mem.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: free, TotalBytes: total, UsedBytes: total - free})
}

// Files returns the paths of the files in dir whose names end in ext.
func (f *FS) Files(dir, ext string) ([]string, error) {
	names, err := f.mem.List(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, n := range names {
		if path.Ext(n) == ext {
			paths = append(paths, path.Join(dir, n))
		}
	}
	return paths, nil
}

// Tree returns the paths of all files in dir and below it, in order.
func (f *FS) Tree(dir string) ([]string, error) {
	names, err := f.mem.List(dir)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var paths []string
	for _, n := range names {
		p := path.Join(dir, n)
		info, err := f.mem.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			paths = append(paths, p)
			continue
		}
		below, err := f.Tree(p)
		if err != nil {
			return nil, err
		}
		paths = append(paths, below...)
	}
	return paths, nil
}

// Size returns how many bytes the file at path has.
func (f *FS) Size(path string) (int, error) {
	info, err := f.mem.Stat(path)
	if err != nil {
		return 0, err
	}
	return int(info.Size()), nil
}

// Flip changes one bit of the file at path.
func (f *FS) Flip(path string, bit int) error {
	data, err := f.mem.UnsafeGetFileDataBuffer(path)
	if err != nil {
		return err
	}
	data[bit/8%len(data)] ^= 1 << (bit % 8)
	return nil
}

// Truncate cuts the last n bytes off the file at path.
func (f *FS) Truncate(path string, n int) (err error) {
	data, err := f.mem.UnsafeGetFileDataBuffer(path)
	if err != nil {
		return err
	}
	data = bytes.Clone(data[:max(len(data)-n, 0)])
	file, err := f.mem.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Sync(), file.Close()) }()
	_, err = file.Write(data)
	return err
}

// Remove removes the file at path.
func (f *FS) Remove(path string) error { return f.mem.Remove(path) }

// Corrupt changes one bit of the file at path.
func (f *FS) Corrupt(path string, offset int) error {
	data, err := f.mem.UnsafeGetFileDataBuffer(path)
	if err != nil {
		return err
	}
	data[offset%len(data)] ^= 1
	return nil
}

// injector fails operations of the kinds that match, from the n-th on.
type injector struct {
	// mu guards what follows.
	mu     sync.Mutex
	left   int
	match  func(errorfs.OpKind) bool
	err    error
	once   bool
	free   func(path string) bool // a removal that heals; nil if none does
	failed int

	syncs   int           // of logs
	gate    chan struct{} // syncs of logs wait until it is closed; nil: they do not
	waiting chan struct{} // receives a value for each
}

func (i *injector) set(n int, match func(errorfs.OpKind) bool, err error, once bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.left, i.match, i.err, i.once, i.free = n, match, err, once, nil
}

func (i *injector) frees(free func(path string) bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.free = free
}

// MaybeError implements errorfs.Injector.
func (i *injector) MaybeError(op errorfs.Op) error {
	if OpSync.is(op.Kind) && path.Ext(op.Path) == ".log" {
		i.holdSync()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.free != nil && OpRemove.is(op.Kind) && i.free(op.Path) {
		i.match = nil
	}
	if i.match == nil || !i.match(op.Kind) {
		return nil
	}
	if i.left--; i.left > 0 {
		return nil
	}
	if i.once {
		i.match = nil
	}
	i.failed++
	return i.err
}

func (i *injector) holdSync() {
	i.mu.Lock()
	i.syncs++
	gate, waiting := i.gate, i.waiting
	i.mu.Unlock()
	if gate != nil {
		waiting <- struct{}{}
		<-gate
	}
}

// String implements fmt.Stringer.
func (i *injector) String() string { return "storetest" }

var _ errorfs.Injector = (*injector)(nil)
