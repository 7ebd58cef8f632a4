package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/clock"
)

// Digest is the SHA-256 of a blob, and its name.
type Digest [sha256.Size]byte

// String returns the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads what String returned.
func ParseDigest(s string) (d Digest, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return d, fmt.Errorf("digest %q: want %d hexadecimal digits", s, 2*len(d))
	}
	return Digest(b), nil
}

// Blobs keeps large values beside the rows. A blob never changes; its name is
// its digest, so equal blobs are stored once. A blob that nothing refers to (see
// Tx.Ref) is deleted in the end, but not within [Options.BlobGrace] of its Put.
type Blobs interface {
	// Put stores what r yields and returns its digest and size. It is durable
	// when Put returns.
	Put(ctx context.Context, r io.Reader) (Digest, int64, error)
	// Get returns n bytes of a blob from off on; a negative n is the rest of
	// it. Reading a whole blob ends with ErrDamaged instead of io.EOF if it
	// is not what was put. A missing blob is fs.ErrNotExist.
	Get(ctx context.Context, d Digest, off, n int64) (io.ReadCloser, error)
	// Delete removes a blob now, or does nothing if there is none. It refuses
	// with ErrReferenced while a partition refers to it, or somebody puts it
	// or refers to it at this moment; the caller makes sure that no Update
	// refers to it from now on.
	Delete(ctx context.Context, d Digest) error
}

// Blobs returns the blobs of this store.
func (s *Store) Blobs() Blobs { return s.blobs }

// blobs stores each blob as a file named by its digest, or as a row of partition
// Meta if it is small.
type blobs struct {
	s    *Store
	dir  string
	temp string // unfinished files; emptied by Open
	n    atomic.Uint64
	use  *blobUse

	// deleting is held for reading while a blob is deleted, and for writing
	// while no blob may be.
	deleting sync.RWMutex
}

func openBlobs(s *Store) (*blobs, error) {
	b := &blobs{s: s, dir: s.fs.PathJoin(s.dir, blobDir)}
	b.temp, b.use = s.fs.PathJoin(b.dir, "tmp"), newBlobUse(b.now())
	if err := s.fs.MkdirAll(b.temp, 0o755); err != nil {
		return nil, err
	}
	left, err := s.fs.List(b.temp)
	if err != nil {
		return nil, err
	}
	for _, name := range left {
		if err := s.fs.Remove(s.fs.PathJoin(b.temp, name)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func syncDir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (b *blobs) path(d Digest) string { return b.s.fs.PathJoin(b.dir, d.String()) }

// now is host time: the grace of a blob is about the pace of its callers.
func (b *blobs) now() time.Time { return clock.Real().Now() }

// inlineBytes is the size up to which a blob is a row.
const inlineBytes = 32 << 10

// Put implements Blobs.
func (b *blobs) Put(ctx context.Context, r io.Reader) (Digest, int64, error) {
	if err := b.s.usable(ctx); err != nil {
		return Digest{}, 0, err
	}
	if b.s.full.Load() && !reclaiming(ctx) {
		return Digest{}, 0, ErrReadOnly
	}
	if err := b.s.readers.enter(); err != nil {
		return Digest{}, 0, err
	}
	defer b.s.readers.leave()
	r = &contextReader{ctx, r}
	first := make([]byte, inlineBytes+1)
	n, err := io.ReadFull(r, first)
	first = first[:n]
	var d Digest
	size := int64(n)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		d, err = b.putInline(ctx, first)
	case err == nil:
		d, size, err = b.putFile(ctx, io.MultiReader(bytes.NewReader(first), r))
	}
	if err != nil {
		return Digest{}, 0, fmt.Errorf("put blob: %w", err)
	}
	return d, size, nil
}

// putInline stores a small blob as a row.
func (b *blobs) putInline(ctx context.Context, content []byte) (Digest, error) {
	d := Digest(sha256.Sum256(content))
	if err := b.pin(ctx, d); err != nil {
		return d, err
	}
	defer b.unpin([]Digest{d})
	row := append([]byte{inlineVersion}, content...)
	return d, b.s.parts[Meta].update(ctx, func(tx Tx) error {
		t := tx.(*txn)
		if _, ok := t.Get(inlineKey(d)); !ok {
			t.set(inlineKey(d), row)
		}
		return nil
	})
}

func inlineKey(d Digest) []byte { return append([]byte(inlinePrefix), d[:]...) }

const inlineVersion = 1

// pin pins d once nobody is deleting it.
func (b *blobs) pin(ctx context.Context, d Digest) error {
	for {
		wait := b.use.pin(d, b.now())
		if wait == nil {
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// putFile stores a blob as a file.
func (b *blobs) putFile(ctx context.Context, r io.Reader) (Digest, int64, error) {
	temp := b.s.fs.PathJoin(b.temp, strconv.FormatUint(b.n.Add(1), 10))
	d, n, err := b.write(temp, r)
	if err == nil {
		err = b.pin(ctx, d)
	}
	if err != nil {
		return d, 0, errors.Join(err, b.discard(temp))
	}
	defer b.unpin([]Digest{d})
	// Renaming over an equal blob is harmless, and syncing the directory also
	// covers another Put of it that has not come so far.
	if err := b.s.fs.Rename(temp, b.path(d)); err != nil {
		return d, 0, errors.Join(err, b.discard(temp))
	}
	if err := syncDir(b.s.fs, b.dir); err != nil {
		b.s.fail(fmt.Errorf("sync blobs: %w", err))
		return d, 0, err
	}
	return d, n, nil
}

// write fills a new file and syncs it.
func (b *blobs) write(name string, r io.Reader) (d Digest, n int64, err error) {
	f, err := b.s.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return d, 0, err
	}
	sum := sha256.New()
	n, err = io.Copy(io.MultiWriter(sum, f), r)
	if err == nil {
		if err = f.Sync(); err != nil {
			b.s.fail(fmt.Errorf("sync blob: %w", err))
		}
	}
	return Digest(sum.Sum(nil)), n, errors.Join(err, f.Close())
}

func (b *blobs) discard(temp string) error {
	err := b.s.fs.Remove(temp)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// contextReader ends a copy when the caller has gone.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Delete implements Blobs.
func (b *blobs) Delete(ctx context.Context, d Digest) error {
	if err := b.s.usable(ctx); err != nil {
		return err
	}
	mark := b.use.mark()
	used, err := b.referred(ctx, []Digest{d})
	if err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	if p, ok := used[d]; ok {
		return fmt.Errorf("delete blob %s: %w by partition %d", d, ErrReferenced, p)
	}
	if gone, err := b.remove(ctx, d, mark); err != nil {
		return fmt.Errorf("delete blob: %w", err)
	} else if !gone && !b.use.idle(d, b.now()) {
		return fmt.Errorf("delete blob %s: %w by somebody right now", d, ErrReferenced)
	}
	return nil
}

var _ Blobs = (*blobs)(nil)
