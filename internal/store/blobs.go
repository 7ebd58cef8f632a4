package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
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
// its digest, so equal blobs are stored once.
type Blobs interface {
	// Put stores what r yields and returns its digest and size. It is durable
	// when Put returns.
	Put(ctx context.Context, r io.Reader) (Digest, int64, error)
	// Get returns n bytes of a blob from off on; a negative n is the rest of
	// it. Reading a whole blob ends with ErrDamaged instead of io.EOF if it
	// is not what was put. A missing blob is fs.ErrNotExist.
	Get(ctx context.Context, d Digest, off, n int64) (io.ReadCloser, error)
	// Delete removes a blob, or does nothing if there is none. It refuses
	// with ErrReferenced while a partition refers to it; the caller makes
	// sure that no Update refers to it from now on.
	Delete(ctx context.Context, d Digest) error
}

// Blobs returns the blobs of this store.
func (s *Store) Blobs() Blobs { return s.blobs }

// blobs stores each blob as a file named by its digest.
type blobs struct {
	s    *Store
	dir  string
	temp string // unfinished files; emptied by Open
	n    atomic.Uint64

	// deleting is held for reading while a blob is deleted, and for writing
	// while no blob may be.
	deleting sync.RWMutex
}

func openBlobs(s *Store) (*blobs, error) {
	b := &blobs{s: s, dir: s.fs.PathJoin(s.dir, blobDir)}
	b.temp = s.fs.PathJoin(b.dir, "tmp")
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
	temp := b.s.fs.PathJoin(b.temp, strconv.FormatUint(b.n.Add(1), 10))
	d, n, err := b.write(ctx, temp, r)
	if err != nil {
		return Digest{}, 0, errors.Join(fmt.Errorf("put blob: %w", err), b.discard(temp))
	}
	// Renaming over an equal blob is harmless, and syncing the directory also
	// covers another Put of it that has not come so far.
	if err := b.s.fs.Rename(temp, b.path(d)); err != nil {
		return Digest{}, 0, errors.Join(fmt.Errorf("put blob: %w", err), b.discard(temp))
	}
	if err := syncDir(b.s.fs, b.dir); err != nil {
		err = fmt.Errorf("put blob: %w", err)
		b.s.fail(err)
		return Digest{}, 0, err
	}
	return d, n, nil
}

// write fills a new file and syncs it.
func (b *blobs) write(ctx context.Context, name string, r io.Reader) (d Digest, n int64, err error) {
	f, err := b.s.fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return d, 0, err
	}
	sum := sha256.New()
	n, err = io.Copy(io.MultiWriter(sum, f), &contextReader{ctx, r})
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

// Get implements Blobs.
func (b *blobs) Get(ctx context.Context, d Digest, off, n int64) (io.ReadCloser, error) {
	if err := b.s.usable(ctx); err != nil {
		return nil, err
	}
	if off < 0 {
		return nil, fmt.Errorf("get blob %s: negative offset %d", d, off)
	}
	f, err := b.s.fs.Open(b.path(d))
	if err != nil {
		return nil, fmt.Errorf("get blob: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("get blob %s: %w", d, err), f.Close())
	}
	rest := max(st.Size()-off, 0)
	if n < 0 || n > rest {
		n = rest
	}
	r := &blobReader{f: f, d: d, r: io.NewSectionReader(f, off, n)}
	if off == 0 && n == st.Size() {
		r.sum = sha256.New()
	}
	return r, nil
}

// blobReader checks the digest at the end of a whole blob.
type blobReader struct {
	f   vfs.File
	d   Digest
	r   io.Reader
	sum hash.Hash // nil for a part of the blob
}

func (r *blobReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.sum == nil {
		return n, err
	}
	r.sum.Write(p[:n])
	if err == io.EOF && Digest(r.sum.Sum(nil)) != r.d {
		return n, fmt.Errorf("blob %s: %w", r.d, ErrDamaged)
	}
	return n, err
}

func (r *blobReader) Close() error { return r.f.Close() }

// Delete implements Blobs.
func (b *blobs) Delete(ctx context.Context, d Digest) error {
	b.deleting.RLock()
	defer b.deleting.RUnlock()
	for _, p := range b.s.parts {
		err := b.s.View(ctx, p.id, func(v View) error {
			if _, ok := v.Get(blobKey(d)); ok {
				return fmt.Errorf("delete blob %s: %w by partition %d", d, ErrReferenced, p.id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	err := b.s.fs.Remove(b.path(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

func blobKey(d Digest) []byte { return append([]byte(blobPrefix), d[:]...) }

const blobVersion = 1

// Ref implements Tx.
func (t *txn) Ref(d Digest) { t.count1(d, 1) }

// Unref implements Tx.
func (t *txn) Unref(d Digest) { t.count1(d, -1) }

func (t *txn) count1(d Digest, by int64) {
	k := blobKey(d)
	var n int64
	if v, ok := t.Get(k); ok {
		u, rest, ok := ReadUint64(bytes.TrimPrefix(v, []byte{blobVersion}))
		if !ok || len(rest) > 0 {
			t.fail(fmt.Errorf("references of blob %s: %w", d, ErrDamaged))
			return
		}
		n = int64(u)
	}
	n += by
	switch {
	case n < 0:
		t.fail(fmt.Errorf("blob %s: one Unref more than Ref", d))
	case n == 0:
		t.delete(k)
	default:
		t.set(k, AppendUint64([]byte{blobVersion}, uint64(n)))
	}
}

var _ Blobs = (*blobs)(nil)
