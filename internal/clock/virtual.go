package clock

import (
	"sort"
	"sync"
	"time"
)

// Virtual is a clock that stands still until it is moved. Timers fire inside
// [Virtual.Advance] or [Virtual.Set], in the order of their due times. It is
// safe for concurrent use.
type Virtual struct {
	// mu guards now, pending and changed.
	mu      sync.Mutex
	now     time.Time
	pending map[*virtualTimer]struct{}
	changed chan struct{} // closed and replaced when pending changes
}

// NewVirtual returns a clock that shows start.
func NewVirtual(start time.Time) *Virtual {
	return &Virtual{now: start, pending: map[*virtualTimer]struct{}{}, changed: make(chan struct{})}
}

// Now returns the time that the clock was last moved to.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// NewTimer returns a timer that fires when the clock has been moved by d.
func (v *Virtual) NewTimer(d time.Duration) Timer {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := &virtualTimer{clock: v, due: v.now.Add(d), c: make(chan time.Time, 1)}
	if d <= 0 {
		t.c <- v.now
		return t
	}
	v.pending[t] = struct{}{}
	v.announce()
	return t
}

// Advance moves the clock forward by d and fires every timer that became due,
// earliest first. It does not wait for the receivers to act.
func (v *Virtual) Advance(d time.Duration) { v.Set(v.Now().Add(d)) }

// Set moves the clock to t, which may lie in the past: then nothing fires.
func (v *Virtual) Set(t time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = t
	var due []*virtualTimer
	for p := range v.pending {
		if !p.due.After(t) {
			due = append(due, p)
		}
	}
	sort.Slice(due, func(i, j int) bool { return due[i].due.Before(due[j].due) })
	for _, p := range due {
		delete(v.pending, p)
		p.c <- t
	}
	if len(due) > 0 {
		v.announce()
	}
}

// BlockUntil waits until at least n timers are pending. Tests use it instead
// of sleeping: when the code under test waits for time, it is time to move it.
func (v *Virtual) BlockUntil(n int) {
	for {
		v.mu.Lock()
		have, changed := len(v.pending), v.changed
		v.mu.Unlock()
		if have >= n {
			return
		}
		<-changed
	}
}

// Next returns when the earliest pending timer is due; ok is false if none is
// pending.
func (v *Virtual) Next() (due time.Time, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for p := range v.pending {
		if !ok || p.due.Before(due) {
			due, ok = p.due, true
		}
	}
	return due, ok
}

// announce wakes the callers of BlockUntil. v.mu must be held.
func (v *Virtual) announce() {
	close(v.changed)
	v.changed = make(chan struct{})
}

type virtualTimer struct {
	clock *Virtual
	due   time.Time
	c     chan time.Time
}

func (t *virtualTimer) C() <-chan time.Time { return t.c }

func (t *virtualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	_, pending := t.clock.pending[t]
	if pending {
		delete(t.clock.pending, t)
		t.clock.announce()
	}
	return pending
}

var _ Clock = (*Virtual)(nil)
