package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"stormbus/internal/clock"
)

const (
	// defaultBlobGrace is the time that a caller has between Put and Ref.
	defaultBlobGrace = time.Hour
	collectEvery     = 10 * time.Minute
	collectBatch     = 256 // blobs that are looked at in one View
)

// CollectBlobs deletes the blobs that no row refers to and that nobody has put
// or referred to for [Options.BlobGrace], and returns how many. The store does
// so itself now and then.
func (s *Store) CollectBlobs(ctx context.Context) (deleted int, err error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	b := s.blobs
	before := b.now().Add(-s.o.BlobGrace)
	for batch, err := range b.candidates(ctx, before) {
		if err != nil {
			return deleted, fmt.Errorf("collect blobs: %w", err)
		}
		n, err := b.collect(ctx, batch)
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("collect blobs: %w", err)
		}
	}
	b.use.forget(before)
	return deleted, nil
}

// candidates yields the blobs that nobody has used since before, in batches. Most
// of them are referred to.
func (b *blobs) candidates(ctx context.Context, before time.Time) func(yield func([]Digest, error) bool) {
	return func(yield func([]Digest, error) bool) {
		files, err := b.list()
		if err != nil {
			yield(nil, err)
			return
		}
		var batch []Digest
		for _, d := range files {
			if b.use.idle(d, before) {
				batch = append(batch, d)
			}
			if len(batch) == collectBatch {
				if !yield(batch, nil) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 && !yield(batch, nil) {
			return
		}
		for lo := []byte(inlinePrefix); lo != nil; {
			var small []Digest
			if small, lo, err = b.inlineFrom(ctx, lo, before); err != nil {
				yield(nil, err)
				return
			}
			if !yield(small, nil) {
				return
			}
		}
	}
}

// list returns the blobs that are files.
func (b *blobs) list() (ds []Digest, err error) {
	names, err := b.s.fs.List(b.dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if d, err := ParseDigest(name); err == nil {
			ds = append(ds, d) // anything else is not a blob
		}
	}
	return ds, nil
}

// inlineFrom returns inline blobs from the key lo on, and where to go on; nil at
// the end.
func (b *blobs) inlineFrom(ctx context.Context, lo []byte, before time.Time) (ds []Digest, next []byte, err error) {
	err = b.s.View(ctx, Meta, func(v View) error {
		seen := 0
		for k := range v.Scan(lo, PrefixEnd([]byte(inlinePrefix))) {
			if seen++; seen > collectBatch {
				next = bytes.Clone(k)
				return nil
			}
			d, err := ParseDigest(fmt.Sprintf("%x", k[len(inlinePrefix):]))
			if err != nil {
				return fmt.Errorf("inline blob %x: %w", k, ErrDamaged)
			}
			if b.use.idle(d, before) {
				ds = append(ds, d)
			}
		}
		return nil
	})
	return ds, next, err
}

// collect deletes those of the blobs that nothing refers to.
func (b *blobs) collect(ctx context.Context, ds []Digest) (deleted int, err error) {
	mark := b.use.mark()
	used, err := b.referred(ctx, ds)
	if err != nil {
		return 0, err
	}
	for _, d := range ds {
		if _, ok := used[d]; ok {
			continue
		}
		gone, err := b.remove(ctx, d, mark)
		if err != nil {
			return deleted, err
		}
		if gone {
			deleted++
		}
	}
	return deleted, nil
}

// referred returns which of the blobs a partition refers to, durably.
func (b *blobs) referred(ctx context.Context, ds []Digest) (map[Digest]Part, error) {
	used := map[Digest]Part{}
	for _, p := range b.s.parts {
		err := b.s.View(ctx, p.id, func(v View) error {
			for _, d := range ds {
				if _, ok := v.Get(blobKey(d)); ok {
					used[d] = p.id
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return used, nil
}

// remove deletes a blob that had no references at mark, unless somebody has used
// it since.
func (b *blobs) remove(ctx context.Context, d Digest, mark uint64) (gone bool, err error) {
	b.deleting.RLock()
	defer b.deleting.RUnlock()
	if !b.use.begin(d, mark) {
		return false, nil
	}
	defer b.use.end(d)
	if _, err := b.s.fs.Stat(b.path(d)); err == nil {
		err = b.s.fs.Remove(b.path(d))
		return err == nil, err
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	err = b.s.parts[Meta].update(reclaim(ctx), func(tx Tx) error {
		t := tx.(*txn)
		if _, gone = t.Get(inlineKey(d)); gone {
			t.delete(inlineKey(d))
		}
		return nil
	})
	return gone && err == nil, err
}

// runCollector collects blobs every now and then, in host time: the gap between
// Put and Ref is one of the host's.
func (s *Store) runCollector() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		t := clock.Real().NewTimer(collectEvery)
		select {
		case <-s.stop:
			t.Stop()
			return
		case <-t.C():
		}
		n, err := s.CollectBlobs(ctx)
		if err != nil && !ended(err) {
			s.log.Error("blobs that nothing refers to could not be deleted", "err", err)
		}
		if n > 0 {
			s.log.Info("deleted blobs that nothing refers to", "count", n)
		}
	}
}
