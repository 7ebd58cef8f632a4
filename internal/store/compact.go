package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Sizes says how much a store takes on disk, in bytes.
type Sizes struct {
	Tables     int64 `json:"tables"`
	TableFiles int   `json:"tableFiles"`
	Logs       int64 `json:"logs"` // write-ahead logs, also those kept to be used again
	Blobs      int64 `json:"blobs"`
	BlobFiles  int   `json:"blobFiles"`
}

// Total returns all of it.
func (s Sizes) Total() int64 { return s.Tables + s.Logs + s.Blobs }

// sizes looks at the files of the store in dir. Files may come and go while it
// does.
func (o Offline) sizes(dir string) (Sizes, error) {
	var s Sizes
	err := o.eachFile(o.FS.PathJoin(dir, engineDir), func(name string, size int64) {
		switch {
		case strings.HasSuffix(name, ".sst"):
			s.TableFiles++
			s.Tables += size
		case strings.HasSuffix(name, ".log"):
			s.Logs += size
		}
	})
	if err != nil {
		return s, err
	}
	return s, o.eachFile(o.FS.PathJoin(dir, blobDir), func(name string, size int64) {
		if _, err := ParseDigest(name); err == nil {
			s.BlobFiles++
			s.Blobs += size
		}
	})
}

func (o Offline) eachFile(dir string, fn func(name string, size int64)) error {
	names, err := o.FS.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		st, err := o.FS.Stat(o.FS.PathJoin(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		fn(name, st.Size())
	}
	return nil
}

// Compact rewrites all tables of the store in dir, which no process may have
// open, so that deleted rows take no space any more. It returns the sizes
// before and after. It may be interrupted at any moment.
func Compact(ctx context.Context, dir string, o Offline) (before, after Sizes, err error) {
	o = o.withDefaults()
	if err := o.usable(dir); err != nil {
		return before, after, fmt.Errorf("compact: %w", err)
	}
	if before, err = o.sizes(dir); err != nil {
		return before, after, fmt.Errorf("compact %s: %w", dir, err)
	}
	s := &Store{o: Options{Durability: DurabilityPower, Logger: o.Logger}, dir: dir, fs: o.FS, log: o.Logger, halts: make(chan struct{})}
	s.health.init(nil)
	defer s.health.close()
	err = s.guard(func() error {
		if err := s.openFiles(); err != nil {
			return err
		}
		return s.compact(ctx, o.Progress)
	})
	if err = errors.Join(err, s.guard(s.closeFiles)); err != nil {
		return before, after, fmt.Errorf("compact %s: %w", dir, err)
	}
	after, err = o.sizes(dir)
	return before, after, err
}

// usable returns an error if dir has no store, or one that is in use.
func (o Offline) usable(dir string) error {
	lock, err := lockStore(o.FS, dir)
	if err != nil {
		return err
	}
	return lock.Close()
}

// compact works partition by partition, so that it can say how far it is.
func (s *Store) compact(ctx context.Context, progress func(Progress)) error {
	parts, err := layoutOf(s.db)
	if err != nil {
		return err
	}
	for p := range parts {
		progress(Progress{Stage: "compacting", Done: int64(p), Total: int64(parts)})
		if err := s.db.Compact(ctx, rowKey(Part(p), ""), appendEnd(nil, Part(p), nil), true); err != nil {
			return readError(err)
		}
	}
	return nil
}
