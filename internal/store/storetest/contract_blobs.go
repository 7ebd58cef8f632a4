package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"stormbus/internal/store"
)

func blobContract() map[string]func(*testing.T, *bench) {
	return map[string]func(*testing.T, *bench){
		"blobs/ranges":     testBlobRanges,
		"blobs/errors":     testBlobErrors,
		"blobs/references": testBlobReferences,
	}
}

func (b *bench) put(content string) store.Digest {
	b.t.Helper()
	d, n, err := b.s.Blobs().Put(b.t.Context(), strings.NewReader(content))
	if err != nil || n != int64(len(content)) || d != sha256.Sum256([]byte(content)) {
		b.t.Fatalf("Put = %s, %d, %v, want %d bytes", d, n, err, len(content))
	}
	return d
}

func (b *bench) blob(d store.Digest, off, n int64) (string, error) {
	r, err := b.s.Blobs().Get(b.t.Context(), d, off, n)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(r)
	return string(content), errors.Join(err, r.Close())
}

// testBlobRanges reads blobs on both sides of every size at which an
// implementation may store them differently.
func testBlobRanges(t *testing.T, b *bench) {
	for _, size := range []int{0, 1, 1000, 32 << 10, 32<<10 + 1, 100_000} {
		content := strings.Repeat("0123456789", size/10+1)[:size]
		d := b.put(content)
		if b.put(content) != d {
			t.Error("the same blob has two digests")
		}
		b.reopen()
		for _, off := range []int64{0, 1, int64(size) / 2, int64(size), int64(size) + 10} {
			for _, n := range []int64{-1, 0, 1, int64(size), int64(size) * 2} {
				want := content[min(off, int64(size)):]
				if n >= 0 && n < int64(len(want)) {
					want = want[:n]
				}
				if got, err := b.blob(d, off, n); err != nil || got != want {
					t.Errorf("blob of %d from %d, %d bytes: %d, %v, want %d", size, off, n, len(got), err, len(want))
				}
			}
		}
	}
}

func testBlobErrors(t *testing.T, b *bench) {
	if _, err := b.blob(store.Digest{1}, 0, -1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of a missing blob = %v, want fs.ErrNotExist", err)
	}
	d := b.put("content")
	if _, err := b.blob(d, -1, -1); err == nil {
		t.Error("Get from a negative offset succeeded")
	}
	broken := errors.New("broken")
	for _, good := range []int{0, 100, 100_000} {
		r := io.MultiReader(strings.NewReader(strings.Repeat("x", good)), iotest.ErrReader(broken))
		if _, _, err := b.s.Blobs().Put(t.Context(), r); !errors.Is(err, broken) {
			t.Errorf("Put of a reader that breaks after %d bytes = %v, want its error", good, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		half := io.MultiReader(strings.NewReader(strings.Repeat("x", good)), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }))
		if _, _, err := b.s.Blobs().Put(ctx, half); !errors.Is(err, context.Canceled) {
			t.Errorf("Put with an ended context = %v", err)
		}
	}
}

func testBlobReferences(t *testing.T, b *bench) {
	for _, content := range []string{"small", strings.Repeat("large", 10_000)} {
		d := b.put(content)
		b.update(func(tx store.Tx) { tx.Ref(d); tx.Ref(d) })
		for refs := 2; refs > 0; refs-- {
			if err := b.s.Blobs().Delete(t.Context(), d); !errors.Is(err, store.ErrReferenced) {
				t.Errorf("Delete with %d references = %v, want ErrReferenced", refs, err)
			}
			b.update(func(tx store.Tx) { tx.Unref(d) })
		}
		for range 2 {
			if err := b.s.Blobs().Delete(t.Context(), d); err != nil {
				t.Errorf("Delete = %v, want nil", err)
			}
		}
		if _, err := b.blob(d, 0, -1); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get after Delete = %v, want fs.ErrNotExist", err)
		}
		b.put(content) // it can come again
		if got, err := b.blob(d, 0, -1); got != content || err != nil {
			t.Errorf("Get after Delete and Put = %d bytes, %v", len(got), err)
		}
	}
}
