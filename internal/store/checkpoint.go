package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Snapshot says what a checkpoint contains.
type Snapshot struct {
	// Seqs holds a Seq of each partition, Meta included: every Update up to
	// it is in the checkpoint.
	Seqs map[Part]Seq
}

// Checkpoint writes a copy of the store to dir, which must not exist yet, and
// which Open can open. Files are linked where the file system can, so it is
// quick and at first needs little space. Updates go on meanwhile. If it fails,
// what is in dir is of no use.
func (s *Store) Checkpoint(ctx context.Context, dir string) (Snapshot, error) {
	if err := s.usable(ctx); err != nil {
		return Snapshot{}, err
	}
	if err := s.readers.enter(); err != nil {
		return Snapshot{}, err
	}
	defer s.readers.leave()
	if err := mustNotExist(s.fs, dir); err != nil {
		return Snapshot{}, fmt.Errorf("checkpoint: %w", err)
	}
	snap := Snapshot{Seqs: map[Part]Seq{}}
	for _, p := range s.parts {
		snap.Seqs[p.id] = Seq(p.durable.Load())
	}
	if err := s.guard(func() error { return s.checkpoint(ctx, dir) }); err != nil {
		return Snapshot{}, fmt.Errorf("checkpoint to %s: %w", dir, err)
	}
	return snap, nil
}

// mustNotExist returns fs.ErrExist if there is something at path, and an error
// too if nobody can say.
func mustNotExist(files vfs.FS, path string) error {
	_, err := files.Stat(path)
	if err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s *Store) checkpoint(ctx context.Context, dir string) error {
	// A blob that a row of the copy refers to must not go before it is linked.
	s.blobs.deleting.Lock()
	defer s.blobs.deleting.Unlock()
	blobs := s.fs.PathJoin(dir, blobDir)
	if err := makeDirs(s.fs, dir, blobs); err != nil {
		return err
	}
	if err := s.db.Checkpoint(s.fs.PathJoin(dir, engineDir), pebble.WithFlushedWAL()); err != nil {
		return readError(err)
	}
	names, err := s.fs.List(s.blobs.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := ParseDigest(name); err != nil {
			continue // not a blob
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := vfs.LinkOrCopy(s.fs, s.fs.PathJoin(s.blobs.dir, name), s.fs.PathJoin(blobs, name)); err != nil {
			return err
		}
	}
	return errors.Join(syncDir(s.fs, blobs), syncDir(s.fs, dir))
}
