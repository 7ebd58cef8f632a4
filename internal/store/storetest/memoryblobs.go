package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"stormbus/internal/store"
)

// memBlobs holds the blobs of a Memory.
type memBlobs struct {
	// mu guards content.
	mu      sync.Mutex
	content map[store.Digest][]byte
}

// openMemBlobs is the Blobs of a MemoryStore.
type openMemBlobs struct{ s *MemoryStore }

// Put implements store.Blobs.
func (b openMemBlobs) Put(ctx context.Context, r io.Reader) (store.Digest, int64, error) {
	if _, err := b.s.part(ctx, store.Meta); err != nil {
		return store.Digest{}, 0, err
	}
	content, err := io.ReadAll(readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	}))
	if err != nil {
		return store.Digest{}, 0, fmt.Errorf("put blob: %w", err)
	}
	d := store.Digest(sha256.Sum256(content))
	b.s.blobs.mu.Lock()
	defer b.s.blobs.mu.Unlock()
	b.s.blobs.content[d] = content
	return d, int64(len(content)), nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Get implements store.Blobs.
func (b openMemBlobs) Get(ctx context.Context, d store.Digest, off, n int64) (io.ReadCloser, error) {
	if _, err := b.s.part(ctx, store.Meta); err != nil {
		return nil, err
	}
	if off < 0 {
		return nil, fmt.Errorf("get blob %s: negative offset %d", d, off)
	}
	b.s.blobs.mu.Lock()
	content, ok := b.s.blobs.content[d]
	b.s.blobs.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("get blob %s: %w", d, fs.ErrNotExist)
	}
	content = content[min(off, int64(len(content))):]
	if n >= 0 && n < int64(len(content)) {
		content = content[:n]
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// Delete implements store.Blobs.
func (b openMemBlobs) Delete(ctx context.Context, d store.Digest) error {
	for _, p := range b.s.parts {
		err := b.s.View(ctx, p.id, func(v store.View) error {
			if _, ok := v.Get(append([]byte("bl/"), d[:]...)); ok {
				return fmt.Errorf("delete blob %s: %w by partition %d", d, store.ErrReferenced, p.id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	b.s.blobs.mu.Lock()
	defer b.s.blobs.mu.Unlock()
	delete(b.s.blobs.content, d)
	return nil
}

var _ store.Blobs = openMemBlobs{}
