package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/RaduBerinde/btreemap"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

// rowMap is an ordered map with cheap copies. A map that was published never
// changes again: whoever wants to write takes a copy.
type rowMap = btreemap.BTreeMap[[]byte, []byte]

func newRowMap() *rowMap { return btreemap.New[[]byte, []byte](16, bytes.Compare) }

// Memory is a directory of a second, much simpler implementation of the store:
// ordered maps, one closure at a time, no files. It holds the contract of
// [Run], so that it can stand for a *[store.Store] in tests and be compared
// with it. What was written is there when it is opened again.
type Memory struct {
	parts []*memPart
	blobs *memBlobs
}

// NewMemory returns an empty directory.
func NewMemory() *Memory {
	return &Memory{blobs: &memBlobs{content: map[store.Digest][]byte{}}}
}

// MemoryStore is an open [Memory]. It is safe for concurrent use.
type MemoryStore struct {
	o     store.Options
	parts []*memPart
	blobs *memBlobs

	// mu guards handlers.
	mu       sync.Mutex
	handlers map[string]func(tx store.Tx, f store.Fired) error

	stop    chan struct{}
	closing sync.Once
	loops   sync.WaitGroup
}

// memPart is one partition.
type memPart struct {
	id store.Part
	// turn holds one value while nobody runs a closure.
	turn chan struct{}
	wake chan struct{} // tells the timers that an earlier one was set

	// mu guards what follows.
	mu   sync.Mutex
	now  int64
	pic  picture
	more chan struct{} // closed when the picture changes
}

// picture is what a partition holds after some Update.
type picture struct {
	rows *rowMap
	seq  store.Seq
}

func newMemPart(id store.Part) *memPart {
	p := &memPart{id: id, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
	p.pic, p.more = picture{rows: newRowMap()}, make(chan struct{})
	p.turn <- struct{}{}
	return p
}

// Open opens the directory. Of o only Clock, Partitions, Retention and Logger
// matter: heads are scans here, and there is no disk that could be full. It
// must not be open already.
func (m *Memory) Open(o store.Options) (*MemoryStore, error) {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Retention <= 0 {
		o.Retention = 10_000
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if m.parts == nil {
		if o.Partitions == 0 {
			o.Partitions = 4
		}
		for id := range o.Partitions + 1 {
			m.parts = append(m.parts, newMemPart(store.Part(id)))
		}
	}
	s := &MemoryStore{
		o: o, parts: m.parts, blobs: m.blobs,
		handlers: map[string]func(store.Tx, store.Fired) error{}, stop: make(chan struct{}),
	}
	s.OnTimer(store.OnceTimer, store.ForgetOnce)
	for _, p := range s.parts {
		s.loops.Go(func() { s.runTimers(p) })
	}
	return s, nil
}

// Parts is that of *[store.Store].
func (s *MemoryStore) Parts() []store.Part {
	ps := make([]store.Part, len(s.parts)-1)
	for i := range ps {
		ps[i] = store.Part(i + 1)
	}
	return ps
}

// Blobs is that of *[store.Store].
func (s *MemoryStore) Blobs() store.Blobs { return openMemBlobs{s} }

// Close is that of *[store.Store].
func (s *MemoryStore) Close() error {
	s.closing.Do(func() {
		close(s.stop)
		for _, p := range s.parts {
			<-p.turn // waits for the closure that runs
		}
		s.loops.Wait()
		for _, p := range s.parts {
			p.turn <- struct{}{}
		}
	})
	return nil
}

func (s *MemoryStore) part(ctx context.Context, p store.Part) (*memPart, error) {
	if int(p) >= len(s.parts) {
		return nil, fmt.Errorf("partition %d: there are %d", p, len(s.parts))
	}
	select {
	case <-s.stop:
		return nil, store.ErrClosed
	default:
		return s.parts[p], ctx.Err()
	}
}

// Update is that of *[store.Store].
func (s *MemoryStore) Update(ctx context.Context, p store.Part, fn func(tx store.Tx) error) error {
	part, err := s.part(ctx, p)
	if err != nil {
		return err
	}
	select {
	case <-part.turn:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return store.ErrClosed
	}
	defer func() { part.turn <- struct{}{} }()
	if _, err := s.part(ctx, p); err != nil {
		return err // closed or cancelled at the same moment
	}
	return s.run(part, fn)
}

// run runs one closure and publishes what it wrote. The closure has a goroutine
// of its own, since it may end it.
func (s *MemoryStore) run(p *memPart, fn func(tx store.Tx) error) error {
	t := s.begin(p)
	done := make(chan error, 1)
	go func() {
		err := errors.New("update closure ended its goroutine")
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("update closure panicked: %v\n%s", r, debug.Stack())
			}
			done <- err
		}()
		err = t.evaluate(fn)
	}()
	if err := <-done; err != nil {
		return err
	}
	if t.wrote {
		p.publish(picture{rows: t.rows, seq: t.seq + 1})
	}
	for _, hook := range t.durable {
		s.runHook(hook)
	}
	return nil
}

func (s *MemoryStore) runHook(hook func()) {
	defer func() {
		if r := recover(); r != nil {
			s.o.Logger.Error("an OnDurable function panicked", "panic", fmt.Sprint(r))
		}
	}()
	hook()
}

func (p *memPart) publish(pic picture) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pic = pic
	close(p.more)
	p.more = make(chan struct{})
}

// current returns the newest picture and a channel that is closed when there
// is a newer one.
func (p *memPart) current() (picture, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pic, p.more
}

// time returns the clock's time, but not less than the last one plus step.
func (p *memPart) time(c clock.Clock, step int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = max(c.Now().UnixNano(), p.now+step)
	return p.now
}

// View is that of *[store.Store].
func (s *MemoryStore) View(ctx context.Context, p store.Part, fn func(v store.View) error) error {
	part, err := s.part(ctx, p)
	if err != nil {
		return err
	}
	pic, _ := part.current()
	return fn(&memView{part: part, clock: s.o.Clock, picture: pic})
}

// ViewStale is that of *[store.Store].
func (s *MemoryStore) ViewStale(ctx context.Context, p store.Part, fn func(v store.View) error) error {
	return s.View(ctx, p, fn)
}

// Watch is that of *[store.Store].
func (s *MemoryStore) Watch(ctx context.Context, p store.Part, topic string, from store.Seq) iter.Seq2[store.Change, error] {
	return func(yield func(store.Change, error) bool) {
		for {
			part, err := s.part(ctx, p)
			if err != nil {
				yield(store.Change{}, err)
				return
			}
			pic, more := part.current()
			if trimmed := trimmedTo(pic.rows, topic); trimmed > from {
				yield(store.Change{}, fmt.Errorf("watch %q: %w: up to %d, wanted after %d", topic, store.ErrTrimmed, trimmed, from))
				return
			}
			for c := range changes(pic.rows, topic, from) {
				if !yield(c, nil) {
					return
				}
				from = c.Seq
			}
			select {
			case <-more:
			case <-ctx.Done():
			case <-s.stop:
			}
		}
	}
}

var _ Store = (*MemoryStore)(nil)
