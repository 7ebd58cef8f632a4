package sqs

import (
	"slices"
	"sync"
)

// line is the receivers that wait for messages of one queue, longest first.
//
// A signal says "there may be a message for you"; each signal goes to one
// receiver, so that one message does not wake a hundred. Whoever got a signal
// must look, and must pass it on if it cannot or if it leaves more behind.
// Joining comes before looking, so a message that becomes durable in between
// is not missed.
type line struct {
	// mu guards waiting.
	mu      sync.Mutex
	waiting []chan struct{}
}

// join adds a receiver; the channel gets at most one signal.
func (l *line) join() chan struct{} {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, c)
	return c
}

// leave removes a receiver and passes its signal on if it had got one unseen.
func (l *line) leave(c chan struct{}) {
	l.mu.Lock()
	i := slices.Index(l.waiting, c)
	if i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
	l.mu.Unlock()
	if i < 0 && len(c) > 0 {
		l.wake(1)
	}
}

// wake signals up to n receivers.
func (l *line) wake(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = min(n, len(l.waiting))
	for _, c := range l.waiting[:n] {
		c <- struct{}{}
	}
	l.waiting = slices.Delete(l.waiting, 0, n)
}

// wakeAll signals every receiver.
func (l *line) wakeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.waiting {
		c <- struct{}{}
	}
	l.waiting = nil
}

// busy reports whether anybody waits.
func (l *line) busy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting) > 0
}
