package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	vc := clock.NewVirtual(time.Unix(1000, 0))
	s := storetest.Open(t, func(o *store.Options) { o.Clock = vc })
	if err := s.Update(ctx, 1, func(tx store.Tx) error {
		tx.Set([]byte("a"), []byte("1"))
		tx.Emit("t", []byte("x"))
		tx.Timer("k", []byte("id"), tx.Now().Add(time.Minute), []byte("p"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	if err := s.Update(ctx, 1, func(tx store.Tx) error { tx.Set([]byte("a"), []byte("2")); return boom }); err != boom {
		t.Fatal(err)
	}
	if err := s.View(ctx, 1, func(v store.View) error {
		if x, ok := v.Get([]byte("a")); !ok || string(x) != "1" || v.Seq() != 1 {
			t.Errorf("%q %v %d", x, ok, v.Seq())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for c, err := range s.Watch(ctx, 1, "t", 0) {
		t.Log(c, err)
		break
	}
	fired := make(chan store.Fired, 1)
	s.OnTimer("k", func(tx store.Tx, f store.Fired) error { fired <- f; return nil })
	vc.BlockUntil(1)
	vc.Advance(time.Hour)
	t.Log(<-fired)
	d, n, err := s.Blobs().Put(ctx, bytes.NewReader([]byte("hello")))
	t.Log(d, n, err)
	r, err := s.Blobs().Get(ctx, d, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	t.Log(string(b), err, r.Close())
	s.Update(ctx, 0, func(tx store.Tx) error { t.Log(store.NextID(tx, "x"), store.NextID(tx, "x")); return nil })
	t.Log(s.Update(ctx, 1, func(tx store.Tx) error { panic("x") }))
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s, err := store.Open(b.TempDir(), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
