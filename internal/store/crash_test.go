package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// pledge is what a caller was told before the power went.
type pledge struct {
	mu    sync.Mutex
	seqs  map[store.Seq]int // Seq -> caller; every acknowledged Update
	seen  store.Seq         // newest Seq that a View, a hook or Watch has shown
	blobs []store.Digest
}

func (p *pledge) copy() *pledge {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := &pledge{seqs: make(map[store.Seq]int, len(p.seqs)), seen: p.seen, blobs: p.blobs[:len(p.blobs):len(p.blobs)]}
	maps.Copy(q.seqs, p.seqs)
	return q
}

func (p *pledge) saw(s store.Seq) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = max(p.seen, s)
}

// TestPowerLoss cuts the power again and again under load. What was
// acknowledged, or could be seen, before a cut is there after it; no Update
// is there by half; Seq has no gap.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	rng := random(t)
	cuts := 25
	if testing.Short() {
		cuts = 5
	}
	fs := storetest.NewFS()
	told := &pledge{seqs: map[store.Seq]int{}}
	for range cuts {
		s := storetest.OpenAny(t, fs.Use, func(o *store.Options) { o.Heads = []string{"q/#/"} })
		checkPledge(t, s, told)
		if t.Failed() {
			return
		}
		fs, told = loadUntilCut(t, s, fs, told, rng)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkPledge(t, storetest.OpenAny(t, fs.Use), told)
}

// loadUntilCut writes from several callers and cuts the power at a random
// moment. It returns the file system after the cut and what had been told
// before it.
func loadUntilCut(t *testing.T, s *store.Store, fs *storetest.FS, told *pledge, rng *rand.Rand) (*storetest.FS, *pledge) {
	t.Helper()
	live := told.copy()
	var stop atomic.Bool
	var acks atomic.Int64
	var wg sync.WaitGroup
	cutAfter := 1 + rng.Int64N(400)
	reached := make(chan struct{})
	for caller := range 8 {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				writeOnce(t, s, live, caller, i)
				if acks.Add(1) == cutAfter {
					close(reached)
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() { watchSome(ctx, t, s, live) })
	<-reached
	// The order matters: what is told after the copy may be lost.
	before := live.copy()
	after := fs.Crash(rng.IntN(101), rng)
	stop.Store(true)
	cancel()
	wg.Wait()
	return after, before
}

// writeOnce writes one Update whose rows belong together, and now and then
// reads or stores a blob.
func writeOnce(t *testing.T, s *store.Store, p *pledge, caller, i int) {
	var seq store.Seq
	err := s.Update(context.Background(), 1, func(tx store.Tx) error {
		seq = tx.Seq() + 1
		mine := seq
		set(tx, fmt.Sprintf("row/%08d", seq), fmt.Sprint(caller))
		tx.Set(store.AppendUint64([]byte("q/1/"), uint64(seq)), fmt.Append(nil, caller))
		if i%2 == 0 {
			for k := range tx.Head([]byte("q/1/")) {
				tx.Delete(k)
				break
			}
		}
		tx.Emit("topic", fmt.Append(nil, caller))
		tx.Timer("kind", fmt.Append(nil, caller), tx.Now().Add(1<<50), nil)
		tx.OnDurable(func() { p.saw(mine) })
		return nil
	})
	if err != nil {
		t.Errorf("Update = %v", err)
		return
	}
	p.mu.Lock()
	p.seqs[seq] = caller
	p.mu.Unlock()
	if i%5 == 0 {
		view(t, s, func(v store.View) { seq = v.Seq() })
		p.saw(seq)
	}
	if i%20 == 0 {
		d, _, err := s.Blobs().Put(context.Background(), bytes.NewReader(fmt.Appendf(nil, "%d/%d", caller, i)))
		if err != nil {
			t.Errorf("Put = %v", err)
			return
		}
		p.mu.Lock()
		p.blobs = append(p.blobs, d)
		p.mu.Unlock()
	}
}

func watchSome(ctx context.Context, t *testing.T, s *store.Store, p *pledge) {
	p.mu.Lock()
	from := p.seen
	p.mu.Unlock()
	for c, err := range s.Watch(ctx, 1, "topic", from) {
		if errors.Is(err, context.Canceled) || errors.Is(err, store.ErrTrimmed) {
			return
		}
		if err != nil {
			t.Errorf("Watch = %v", err)
			return
		}
		p.saw(c.Seq)
	}
}

func checkPledge(t *testing.T, s *store.Store, p *pledge) {
	t.Helper()
	update(t, s, func(tx store.Tx) {
		last := tx.Seq()
		if last < p.seen {
			t.Errorf("Seq = %d, but %d had been seen", last, p.seen)
		}
		n := store.Seq(0)
		for k, v := range tx.Scan([]byte("row/"), store.PrefixEnd([]byte("row/"))) {
			n++
			if want := fmt.Sprintf("row/%08d", n); string(k) != want {
				t.Fatalf("row %s, want %s: half an Update or a gap", k, want)
			}
			if caller, ok := p.seqs[n]; ok && string(v) != fmt.Sprint(caller) {
				t.Errorf("Update %d is of caller %s, want %d: the number was used twice", n, v, caller)
			}
			delete(p.seqs, n)
		}
		if n != last {
			t.Errorf("%d rows, Seq %d", n, last)
		}
		if len(p.seqs) > 0 {
			t.Errorf("%d acknowledged Updates are lost", len(p.seqs))
		}
		headRows(tx, "q/1/")
		if err := store.CheckHeads(tx); err != nil {
			t.Error(err)
		}
		// Puts the numbers back for the next cut: they stay acknowledged.
		for k, v := range tx.Scan([]byte("row/"), store.PrefixEnd([]byte("row/"))) {
			var seq store.Seq
			var caller int
			if _, err := fmt.Sscanf(string(k)+" "+string(v), "row/%d %d", &seq, &caller); err != nil {
				t.Fatal(err)
			}
			p.seqs[seq] = caller
		}
	})
	checkBlobs(t, s, p)
}

func checkBlobs(t *testing.T, s *store.Store, p *pledge) {
	t.Helper()
	for _, d := range p.blobs {
		r, err := s.Blobs().Get(t.Context(), d, 0, -1)
		if err != nil {
			t.Errorf("blob is lost: %v", err)
			continue
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Errorf("blob: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
