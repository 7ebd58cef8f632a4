package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// TestPowerLossModel runs many stores, each with its own seed: callers move
// money between accounts, send messages to a queue and take them from it, and
// keep documents with a blob each. The power goes at a random moment. After it
// the store holds a state that its callers could have seen, and all that they
// were told.
func TestPowerLossModel(t *testing.T) {
	t.Parallel()
	runs := 20
	if *longFlag {
		runs = 1200
	}
	rng := random(t)
	for i := range runs {
		seed := rng.Uint64()
		// A test of its own lets go of the run's stores, which hold much memory.
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 2)), files: storetest.NewFS(), seed: seed}
			for range 1 + w.rng.IntN(3) { // lives on one disk
				w.live()
				if t.Failed() {
					t.Fatalf("the seed of this run is %d", seed)
				}
			}
		})
	}
}

// world is what the callers of a store know of it.
type world struct {
	t     *testing.T
	rng   *rand.Rand
	seed  uint64
	files *storetest.FS

	// mu guards what follows: what was acknowledged on this disk.
	mu       sync.Mutex
	sent     map[string]bool
	received map[string]bool
	docs     map[string]store.Digest
	cut      bool // the power has gone: what is acknowledged now may be lost
}

const (
	accounts = 8
	wealth   = 1000
)

func (w *world) live() {
	s := storetest.OpenAny(w.t, w.files.Use, func(o *store.Options) {
		o.Heads, o.Partitions, o.Clock = []string{"q/#/"}, 2, clock.NewVirtual(start)
	})
	w.check(s)
	w.cut = false
	var wg sync.WaitGroup
	stop := make(chan struct{})
	after := make(chan struct{})
	left := 1 + w.rng.IntN(120)
	for c := range 6 {
		rng := rand.New(rand.NewPCG(w.rng.Uint64(), 3))
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				w.step(s, rng, fmt.Sprintf("%d-%d-%x", c, i, w.seed))
				w.mu.Lock()
				if left--; left == 0 {
					close(after)
				}
				w.mu.Unlock()
			}
		})
	}
	<-after
	if w.rng.IntN(3) == 0 {
		if err := store.Flush(s); err != nil {
			w.t.Errorf("Flush = %v", err)
		}
	}
	// From here on nothing that is acknowledged counts: the copy of the disk
	// may be older.
	w.mu.Lock()
	w.cut = true
	w.mu.Unlock()
	disk := w.files.Crash(w.rng.IntN(101), w.rng)
	close(stop)
	wg.Wait()
	if err := s.Close(); err != nil {
		w.t.Errorf("Close = %v", err)
	}
	w.files = disk
}

// told notes what was acknowledged.
func (w *world) told(note func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent == nil {
		w.sent, w.received, w.docs = map[string]bool{}, map[string]bool{}, map[string]store.Digest{}
	}
	if !w.cut {
		note()
	}
}

var errPoor = errors.New("not enough money")

func (w *world) step(s *store.Store, rng *rand.Rand, name string) {
	var err error
	switch rng.IntN(4) {
	case 0:
		err = w.transfer(s, rng)
	case 1:
		err = s.Update(context.Background(), 1, func(tx store.Tx) error {
			set(tx, "q/1/"+name, "1")
			tx.Emit("queue", []byte(name))
			tx.Timer("expire", []byte(name), start.AddDate(1, 0, 0), nil)
			return nil
		})
		if err == nil {
			w.told(func() { w.sent[name] = true })
		}
	case 2:
		err = w.receive(s)
	default:
		err = w.document(s, name)
	}
	if err != nil && !errors.Is(err, errPoor) {
		w.t.Errorf("seed %d: %v", w.seed, err)
	}
}

func balance(v store.View, account int) int {
	n := wealth
	if value, ok := v.Get(fmt.Append([]byte("money/"), account)); ok {
		if _, err := fmt.Sscan(string(value), &n); err != nil {
			panic(err)
		}
	}
	return n
}

// transfer moves money; it may fail after it has taken the money.
func (w *world) transfer(s *store.Store, rng *rand.Rand) error {
	from, to, amount := rng.IntN(accounts), rng.IntN(accounts), rng.IntN(wealth)
	return s.Update(context.Background(), 2, func(tx store.Tx) error {
		tx.Set(fmt.Append([]byte("money/"), from), fmt.Append(nil, balance(tx, from)-amount))
		if balance(tx, from) < 0 {
			return errPoor
		}
		tx.Set(fmt.Append([]byte("money/"), to), fmt.Append(nil, balance(tx, to)+amount))
		return nil
	})
}

// receive takes the first message of the queue for good.
func (w *world) receive(s *store.Store) error {
	var got string
	err := s.Update(context.Background(), 1, func(tx store.Tx) error {
		got = ""
		for k := range tx.Head([]byte("q/1/")) {
			got = strings.TrimPrefix(string(k), "q/1/")
			tx.Delete(k)
			tx.StopTimer("expire", []byte(got))
			set(tx, "done/"+got, "1")
			break
		}
		return nil
	})
	if err == nil && got != "" {
		w.told(func() { w.received[got] = true })
	}
	return err
}

func (w *world) document(s *store.Store, name string) error {
	content := strings.Repeat(name, 1+len(name)%7)
	if len(name)%2 == 0 {
		content = strings.Repeat(name, 4000) // not inline
	}
	d, _, err := s.Blobs().Put(context.Background(), strings.NewReader(content))
	if err != nil {
		return err
	}
	err = s.Update(context.Background(), 2, func(tx store.Tx) error {
		tx.Set([]byte("doc/"+name), d[:])
		tx.Ref(d)
		return nil
	})
	if err == nil {
		w.told(func() { w.docs[name] = d })
	}
	return err
}

// check compares the store with what is known and with itself.
func (w *world) check(s *store.Store) {
	w.t.Helper()
	lost, back, docs := maps.Clone(w.sent), maps.Clone(w.received), maps.Clone(w.docs)
	update(w.t, s, func(tx store.Tx) {
		waiting, done, timers := len(headRows(tx, "q/1/")), 0, 0
		for range tx.Scan([]byte("tm/"), []byte("tm0")) {
			timers++
		}
		for k := range tx.Scan([]byte("done/"), []byte("done0")) {
			done++
			delete(lost, strings.TrimPrefix(string(k), "done/"))
			delete(back, strings.TrimPrefix(string(k), "done/"))
		}
		for k := range tx.Scan([]byte("q/1/"), []byte("q/10")) {
			delete(lost, strings.TrimPrefix(string(k), "q/1/"))
		}
		if len(lost) > 0 || len(back) > 0 {
			w.t.Errorf("seed %d: %d messages lost, %d taken messages back", w.seed, len(lost), len(back))
		}
		if waiting != timers || store.TopicCounts(tx)["queue"] > waiting+done {
			w.t.Errorf("seed %d: %d messages wait with %d timers", w.seed, waiting, timers)
		}
		if err := store.CheckHeads(tx); err != nil {
			w.t.Errorf("seed %d: %v", w.seed, err)
		}
	})
	err := s.View(w.t.Context(), 2, func(v store.View) error {
		sum := 0
		for a := range accounts {
			if balance(v, a) < 0 {
				w.t.Errorf("seed %d: account %d has %d", w.seed, a, balance(v, a))
			}
			sum += balance(v, a)
		}
		if sum != accounts*wealth {
			w.t.Errorf("seed %d: %d money, want %d: half a transfer", w.seed, sum, accounts*wealth)
		}
		for k, d := range v.Scan([]byte("doc/"), []byte("doc0")) {
			name := strings.TrimPrefix(string(k), "doc/")
			if content, err := readBlob(w.t, s, store.Digest(d), 0, -1); err != nil || !strings.HasPrefix(content, name) {
				w.t.Errorf("seed %d: document %s: %v", w.seed, name, err)
			}
			delete(docs, name)
		}
		return nil
	})
	if err != nil || len(docs) > 0 {
		w.t.Errorf("seed %d: %d documents lost, %v", w.seed, len(docs), err)
	}
}
