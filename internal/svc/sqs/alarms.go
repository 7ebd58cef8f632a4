package sqs

import (
	"context"
	"sync"
	"time"

	"stormbus/internal/clock"
)

// alarms signals the line of a queue when a hidden message becomes due, for
// queues that somebody waits for. One goroutine serves all queues; it sleeps
// until the earliest alarm.
type alarms struct {
	clock clock.Clock
	kick  chan struct{} // an alarm was set that is earlier than all others

	// mu guards due and next.
	mu   sync.Mutex
	due  map[*line]time.Time
	next time.Time // the earliest of due; zero if there is none
}

func newAlarms(c clock.Clock) *alarms {
	return &alarms{clock: c, kick: make(chan struct{}, 1), due: map[*line]time.Time{}}
}

// set makes sure that l is signalled at the given time or before. It does
// nothing for the zero time or if nobody waits: whoever joins the line looks at
// the queue afterwards and sets the alarm itself.
func (a *alarms) set(l *line, at time.Time) {
	if at.IsZero() || !l.busy() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if old, ok := a.due[l]; ok && !at.Before(old) {
		return
	}
	a.due[l] = at
	if !a.next.IsZero() && !at.Before(a.next) {
		return
	}
	a.next = at
	select {
	case a.kick <- struct{}{}:
	default:
	}
}

// run signals lines until ctx ends.
func (a *alarms) run(ctx context.Context) {
	for ctx.Err() == nil {
		if next, ok := a.fire(a.clock.Now()); ok {
			a.sleepUntil(ctx, next)
			continue
		}
		select {
		case <-ctx.Done():
		case <-a.kick:
		}
	}
}

// sleepUntil waits for the given time, for an alarm that is set earlier, or for
// the end of ctx.
func (a *alarms) sleepUntil(ctx context.Context, at time.Time) {
	timer := a.clock.NewTimer(at.Sub(a.clock.Now()))
	defer timer.Stop()
	if !a.clock.Now().Before(at) {
		return // the clock was moved while the timer was made
	}
	select {
	case <-ctx.Done():
	case <-a.kick:
	case <-timer.C():
	}
}

// fire signals the lines whose alarm is due and returns the next alarm. It looks
// at all alarms; there are as many as queues that are waited for, so a heap
// would not pay.
func (a *alarms) fire(now time.Time) (next time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = time.Time{}
	for l, at := range a.due {
		switch {
		case !at.After(now):
			delete(a.due, l)
			l.wake(1)
		case a.next.IsZero() || at.Before(a.next):
			a.next = at
		}
	}
	return a.next, !a.next.IsZero()
}
