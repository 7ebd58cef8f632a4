package function

import (
	"slices"
	"time"
)

// janitor gives environments up that have been idle for too long.
func (p *Pool) janitor() {
	for {
		gone, next := p.expire()
		p.destroy(gone...)
		if !p.pause(next) {
			return
		}
	}
}

// pause waits for the given time, or until an environment becomes idle; zero
// is no time. It returns false when the pool closes.
func (p *Pool) pause(until time.Time) bool {
	var due <-chan time.Time
	if !until.IsZero() {
		t := p.cfg.Clock.NewTimer(until.Sub(p.cfg.Clock.Now()))
		defer t.Stop()
		due = t.C()
	}
	select {
	case <-due:
	case <-p.wake:
	case <-p.closing.Done():
		return false
	}
	return true
}

// expire takes environments that have been idle for too long out of the pool,
// and tells when the next one will have been.
func (p *Pool) expire() (gone []*environment, next time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.cfg.Clock.Now().Add(-p.cfg.IdleTimeout)
	for k, list := range p.idle {
		// The ones that rest longest come first.
		n := slices.IndexFunc(list, func(e *environment) bool { return e.idleSince.After(before) })
		if n < 0 {
			n = len(list)
		}
		gone = append(gone, list[:n]...)
		p.setIdle(k, slices.Clone(list[n:]))
		if n < len(list) {
			if at := list[n].idleSince.Add(p.cfg.IdleTimeout); next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return gone, next
}
