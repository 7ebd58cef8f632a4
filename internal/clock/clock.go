// Package clock is the only place that reads the time or waits for it.
//
// Everything durable (retries, visibility timeouts, schedules, retention)
// takes a [Clock], so that a test, or an operator, can move time. What lives
// in host time by nature (a function process and its deadline, a request
// signature) uses [Real] explicitly.
package clock

import "time"

// Clock tells the time and makes timers. Implementations are safe for
// concurrent use.
type Clock interface {
	// Now returns the current time of this clock.
	Now() time.Time
	// NewTimer returns a timer that fires once, d after Now. A timer with
	// d <= 0 fires at once.
	NewTimer(d time.Duration) Timer
}

// Timer fires once on its channel. The channel is buffered: a timer that
// nobody receives from does not block its clock.
type Timer interface {
	// C returns the channel on which the time of firing arrives.
	C() <-chan time.Time
	// Stop prevents the timer from firing and reports whether it was still
	// pending.
	Stop() bool
}

// Real returns the clock of the host.
func Real() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) NewTimer(d time.Duration) Timer { return realTimer{time.NewTimer(d)} }

type realTimer struct{ t *time.Timer }

func (r realTimer) C() <-chan time.Time { return r.t.C }
func (r realTimer) Stop() bool          { return r.t.Stop() }

var _ Clock = realClock{}
