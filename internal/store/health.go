package store

import (
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"stormbus/internal/clock"
)

// Health says how the store is doing.
type Health struct {
	// Halted is why the store has halted; empty while it works.
	Halted string
	// ReadOnly is why Updates that add data are refused; empty if they are not.
	ReadOnly string
	// DiskFree is how many bytes are free on the disk, -1 if unknown.
	DiskFree int64
	// Damaged describes the damage found last; empty if none was.
	Damaged string
	// Stalled says that writes wait for compaction.
	Stalled bool
	// SlowDisk describes the slowest file operation that was reported last.
	SlowDisk string
	// SlowClosures counts closures that ran for more than 100 ms.
	SlowClosures int
	// StuckClosure is how long the closure that runs now has been running, if
	// that is more than 10 s.
	StuckClosure time.Duration
	// FailingTimers counts timer handlers that returned an error or panicked.
	FailingTimers int
	// FailedHooks counts OnDurable functions that panicked.
	FailedHooks int
	// BackgroundErrors counts failed flushes and compactions of the engine.
	BackgroundErrors int
}

// OK reports whether everything works as it should.
func (h Health) OK() bool {
	return h.Halted == "" && h.ReadOnly == "" && h.Damaged == "" && !h.Stalled && h.StuckClosure == 0
}

// Health returns how the store is doing now.
func (s *Store) Health() Health {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return s.health.now
}

// health holds the current Health and tells OnHealth about changes, from one
// goroutine of its own so that whoever reports something never waits.
type health struct {
	// mu guards now.
	mu   sync.Mutex
	now  Health
	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

func (h *health) init(tell func(Health)) {
	h.now.DiskFree = -1
	h.wake = make(chan struct{}, 1)
	h.stop, h.done = make(chan struct{}), make(chan struct{})
	if tell == nil {
		close(h.done)
		return
	}
	go func() {
		defer close(h.done)
		for {
			select {
			case <-h.stop:
				return
			case <-h.wake:
				h.mu.Lock()
				now := h.now
				h.mu.Unlock()
				tell(now)
			}
		}
	}()
}

func (h *health) change(f func(*Health)) {
	h.mu.Lock()
	before := h.now
	f(&h.now)
	changed := h.now != before
	h.mu.Unlock()
	if !changed {
		return
	}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *health) close() {
	close(h.stop)
	<-h.done
}

// events listens to the engine. The engine's own default for damage ends the
// process without a word.
func (s *Store) events() pebble.EventListener {
	return pebble.EventListener{
		BackgroundError: func(err error) {
			s.log.Error("storage engine: background work failed", "err", err)
			s.health.change(func(h *Health) { h.BackgroundErrors++ })
			if !s.opened.Load() {
				s.die(err) // the engine would try for ever before it has opened
			}
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			s.log.Error("storage engine: damaged data", "path", i.Path, "err", i.Details)
			s.health.change(func(h *Health) { h.Damaged = i.String() })
		},
		DiskSlow: func(i pebble.DiskSlowInfo) {
			s.log.Warn("slow disk", "what", i.String())
			s.health.change(func(h *Health) { h.SlowDisk = i.String() })
		},
		WriteStallBegin: func(i pebble.WriteStallBeginInfo) {
			s.log.Warn("writes wait for compaction", "reason", i.Reason)
			s.health.change(func(h *Health) { h.Stalled = true })
		},
		WriteStallEnd: func() { s.health.change(func(h *Health) { h.Stalled = false }) },
	}
}

// noteDamage reports a read that met damaged data.
func (s *Store) noteDamage(err error) {
	if errors.Is(err, ErrDamaged) {
		s.log.Error("damaged data", "err", err)
		s.health.change(func(h *Health) { h.Damaged = err.Error() })
	}
}

// startWatchdog looks once a second, in host time, at the running closures
// and at the free space, and syncs the watermark.
func (s *Store) startWatchdog() {
	s.loops.Go(func() {
		host := clock.Real()
		for {
			t := host.NewTimer(time.Second)
			select {
			case <-s.stop:
				t.Stop()
				return
			case <-t.C():
				s.watchClosures(host.Now())
				s.watchDisk()
				if err := s.watermark.sync(); err != nil {
					s.fail(err)
				}
			}
		}
	})
	s.watchDisk()
}

// watchClosures logs where every goroutine stands when a closure is slow.
func (s *Store) watchClosures(now time.Time) {
	var stuck time.Duration
	for _, p := range s.parts {
		began := p.running.Load()
		if began == 0 {
			continue
		}
		d := now.Sub(time.Unix(0, began))
		if d > watchdogLimit && p.reported != began {
			p.reported = began
			stacks := make([]byte, 64<<10)
			stacks = stacks[:runtime.Stack(stacks, true)]
			s.log.Warn("an Update closure is slow", "part", p.id, "for", d, "stacks", string(stacks))
		}
		if d > 10*time.Second {
			stuck = max(stuck, d.Truncate(time.Second))
		}
	}
	s.health.change(func(h *Health) { h.StuckClosure = stuck })
}
