package store_test

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
	"stormbus/internal/store/storetest"
)

func putBlob(t *testing.T, s *store.Store, content string) store.Digest {
	t.Helper()
	d, n, err := s.Blobs().Put(t.Context(), strings.NewReader(content))
	if err != nil || n != int64(len(content)) {
		t.Fatalf("Put = %d, %v, want %d bytes", n, err, len(content))
	}
	return d
}

func readBlob(t *testing.T, s *store.Store, d store.Digest, off, n int64) (string, error) {
	t.Helper()
	r, err := s.Blobs().Get(t.Context(), d, off, n)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	if cerr := r.Close(); cerr != nil {
		t.Error(cerr)
	}
	return string(b), err
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	content := strings.Repeat("0123456789", 10_000)
	d := putBlob(t, s, content)
	if d != sha256.Sum256([]byte(content)) {
		t.Errorf("digest = %s", d)
	}
	if again := putBlob(t, s, content); again != d {
		t.Errorf("second Put = %s, want %s", again, d)
	}
	if parsed, err := store.ParseDigest(d.String()); parsed != d || err != nil {
		t.Errorf("ParseDigest(%s) = %s, %v", d, parsed, err)
	}
	tests := []struct {
		name   string
		off, n int64
		want   string
	}{
		{"whole", 0, -1, content},
		{"whole by length", 0, int64(len(content)), content},
		{"beginning", 0, 5, "01234"},
		{"middle", 13, 4, "3456"},
		{"rest", int64(len(content)) - 3, -1, "789"},
		{"more than there is", int64(len(content)) - 3, 100, "789"},
		{"behind the end", int64(len(content)) + 3, 5, ""},
	}
	for _, tt := range tests {
		if got, err := readBlob(t, s, d, tt.off, tt.n); err != nil || got != tt.want {
			t.Errorf("%s: Get = %d bytes, %v, want %d", tt.name, len(got), err, len(tt.want))
		}
	}
	if got, err := readBlob(t, s, putBlob(t, s, ""), 0, -1); err != nil || got != "" {
		t.Errorf("empty blob = %q, %v", got, err)
	}
}

func TestBlobErrors(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	b := s.Blobs()
	if _, err := b.Get(t.Context(), store.Digest{1}, 0, -1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of a missing blob = %v, want fs.ErrNotExist", err)
	}
	if _, err := b.Get(t.Context(), store.Digest{1}, -1, -1); err == nil {
		t.Error("Get from a negative offset succeeded")
	}
	broken := errors.New("broken")
	if _, _, err := b.Put(t.Context(), iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("Put of a broken reader = %v, want its error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	half := io.MultiReader(strings.NewReader("half"), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }))
	if _, _, err := b.Put(ctx, half); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with an ended context = %v", err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("z", 64), strings.Repeat("0", 66)} {
		if _, err := store.ParseDigest(bad); err == nil {
			t.Errorf("ParseDigest(%q) succeeded", bad)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestReferencedBlobStays(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAny(t)
	d := putBlob(t, s, "content")
	update(t, s, func(tx store.Tx) { tx.Ref(d); tx.Ref(d) })
	for refs := 2; refs > 0; refs-- {
		if err := s.Blobs().Delete(t.Context(), d); !errors.Is(err, store.ErrReferenced) {
			t.Errorf("Delete with %d references = %v, want ErrReferenced", refs, err)
		}
		update(t, s, func(tx store.Tx) { tx.Unref(d) })
	}
	for range 2 {
		if err := s.Blobs().Delete(t.Context(), d); err != nil {
			t.Errorf("Delete = %v, want nil", err)
		}
	}
	if _, err := readBlob(t, s, d, 0, -1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get after Delete = %v, want fs.ErrNotExist", err)
	}
}

func TestDamagedBlob(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	d := putBlob(t, s, strings.Repeat("0123456789", 4000))
	if err := files.Corrupt(storetest.Dir+"/blobs/"+d.String(), 5); err != nil {
		t.Fatal(err)
	}
	if _, err := readBlob(t, s, d, 0, -1); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Get of a damaged blob = %v, want ErrDamaged", err)
	}
}

func TestUnfinishedBlobsAreRemoved(t *testing.T) {
	t.Parallel()
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use)
	started, release := make(chan struct{}), make(chan struct{})
	content := io.MultiReader(strings.NewReader(strings.Repeat("half", 10_000)), readerFunc(func([]byte) (int, error) {
		close(started)
		<-release
		return 0, io.EOF
	}))
	done := make(chan error)
	go func() {
		_, _, err := s.Blobs().Put(context.Background(), content)
		done <- err
	}()
	<-started
	cut := files.Crash(100, random(t))
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	temp := storetest.Dir + "/blobs/tmp"
	if left, err := cut.Files(temp, ""); err != nil || len(left) != 1 {
		t.Fatalf("unfinished files = %q, %v, want one", left, err)
	}
	storetest.OpenAny(t, cut.Use)
	if left, err := cut.Files(temp, ""); err != nil || len(left) != 0 {
		t.Errorf("unfinished files after Open = %q, %v, want none", left, err)
	}
}
