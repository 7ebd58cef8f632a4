package store

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Part names a partition. Every Update and View works on one.
type Part uint16

// Meta is the partition of configuration and of the routing table.
const Meta Part = 0

// Seq numbers the Updates of one partition that wrote something: 1, 2, 3, …
type Seq uint64

// Store is one open data directory. It is safe for concurrent use.
type Store struct {
	o     Options
	dir   string
	fs    vfs.FS
	log   *slog.Logger
	lock  io.Closer
	db    *pebble.DB
	parts []*partition
	heads templates
	blobs *blobs

	watermark watermark
	disk      diskGuard

	stop     chan struct{} // closed by Close
	readers  readers
	handlers handlers
	health   health
	halted   atomic.Pointer[error]
	halts    chan struct{} // closed when halted is set
	full     atomic.Bool   // the disk is nearly full
	dead     chan struct{} // closed when the engine has given up
	dying    sync.Once
	opened   atomic.Bool // the engine has been opened
	closing  sync.Once
	closeErr error
	loops    sync.WaitGroup // timers, watchdog
	calls    sync.Pool      // of *call
}

// Parts returns the data partitions, 1 to N. [Meta] is not among them.
func (s *Store) Parts() []Part {
	ps := make([]Part, len(s.parts)-1)
	for i := range ps {
		ps[i] = Part(i + 1)
	}
	return ps
}

// Update runs fn on partition p, alone and at most once, and returns when its
// writes are durable. If fn returns an error or panics nothing of it is
// written; its error comes back unchanged. If ctx ends before fn was started,
// fn is not run; afterwards Update waits for the outcome whatever ctx says.
//
// fn runs on the goroutine of the partition: it must not block, call the
// Store, or have effects outside tx. See the package documentation.
func (s *Store) Update(ctx context.Context, p Part, fn func(tx Tx) error) error {
	part, err := s.part(p)
	if err != nil {
		return err
	}
	return part.update(ctx, fn)
}

// part returns the partition, or why nothing can be done on it.
func (s *Store) part(p Part) (*partition, error) {
	if int(p) >= len(s.parts) {
		return nil, fmt.Errorf("partition %d: there are %d", p, len(s.parts))
	}
	if err := s.haltErr(); err != nil {
		return nil, err
	}
	return s.parts[p], nil
}

// haltErr returns nil, or ErrHalted and the reason.
func (s *Store) haltErr() error {
	if err := s.halted.Load(); err != nil {
		return *err
	}
	return nil
}

// fail makes the store refuse everything from now on.
func (s *Store) fail(cause error) {
	err := fmt.Errorf("%w: %w", ErrHalted, cause)
	if !s.halted.CompareAndSwap(nil, &err) {
		return
	}
	close(s.halts)
	s.log.Error("store halted: a write failed and nothing after it is acknowledged", "err", cause, "dir", s.dir)
	s.health.change(func(h *Health) { h.Halted = cause.Error() })
	if s.o.OnHalt != nil {
		go s.o.OnHalt(err)
	}
}

// die halts the store because the engine cannot go on. Some of its goroutines
// have ended in the middle of their work.
func (s *Store) die(cause error) {
	s.fail(cause)
	s.dying.Do(func() { close(s.dead) })
}

// held reports whether waiting for the engine may take for ever.
func (s *Store) held() bool {
	select {
	case <-s.dead:
		return true
	default:
		return s.haltErr() != nil && s.o.HaltGrace > 0
	}
}

// Close finishes the groups that are being written, answers ErrClosed to
// whatever is queued, waits for running Views and releases the directory. It
// returns ErrHalted if the store has halted.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.stop)
		s.loops.Wait()
		for _, p := range s.parts {
			p.waitEnd()
		}
		if !s.held() {
			s.readers.close()
		}
		s.closeErr = s.guard(s.closeFiles)
		s.health.close()
	})
	return s.closeErr
}

// readers counts what uses the engine directly, so that Close can wait.
type readers struct {
	// mu guards n and closed.
	mu     sync.Mutex
	n      int
	closed bool
	idle   chan struct{} // made by close if it has to wait
}

func (r *readers) enter() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	r.n++
	return nil
}

func (r *readers) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n--
	if r.n == 0 && r.idle != nil {
		close(r.idle)
	}
}

func (r *readers) close() {
	r.mu.Lock()
	r.closed = true
	if r.n > 0 {
		r.idle = make(chan struct{})
	}
	idle := r.idle
	r.mu.Unlock()
	if idle != nil {
		<-idle
	}
}

// usable returns why nothing can be done now, or nil.
func (s *Store) usable(ctx context.Context) error {
	if err := s.haltErr(); err != nil {
		return err
	}
	return ctx.Err()
}
