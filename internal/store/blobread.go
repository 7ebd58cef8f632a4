package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
)

// Get implements Blobs.
func (b *blobs) Get(ctx context.Context, d Digest, off, n int64) (io.ReadCloser, error) {
	if err := b.s.usable(ctx); err != nil {
		return nil, err
	}
	if off < 0 {
		return nil, fmt.Errorf("get blob %s: negative offset %d", d, off)
	}
	f, err := b.s.fs.Open(b.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return b.getInline(ctx, d, off, n)
	}
	if err != nil {
		return nil, fmt.Errorf("get blob: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("get blob %s: %w", d, err), f.Close())
	}
	return newBlobReader(d, f, st.Size(), off, n), nil
}

// getInline returns a part of a blob that is a row.
func (b *blobs) getInline(ctx context.Context, d Digest, off, n int64) (io.ReadCloser, error) {
	var content []byte
	err := b.s.View(ctx, Meta, func(v View) error {
		row, ok := v.Get(inlineKey(d))
		if !ok {
			return fs.ErrNotExist
		}
		if len(row) == 0 || row[0] != inlineVersion {
			return ErrDamaged
		}
		content = row[1:] // a copy, which outlives the View
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("get blob %s: %w", d, err)
	}
	return newBlobReader(d, inlineFile{bytes.NewReader(content)}, int64(len(content)), off, n), nil
}

// inlineFile is a blob that is at hand.
type inlineFile struct{ *bytes.Reader }

func (inlineFile) Close() error { return nil }

// blobFile is what the bytes of a blob come from.
type blobFile interface {
	io.ReaderAt
	io.Closer
}

func newBlobReader(d Digest, f blobFile, size, off, n int64) *blobReader {
	rest := max(size-off, 0)
	if n < 0 || n > rest {
		n = rest
	}
	r := &blobReader{f: f, d: d, r: io.NewSectionReader(f, off, n)}
	if off == 0 && n == size {
		r.sum = sha256.New()
	}
	return r
}

// blobReader checks the digest at the end of a whole blob.
type blobReader struct {
	f   blobFile
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
