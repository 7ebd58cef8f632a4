package delivery

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"stormbus/internal/clock"
)

// schedule wakes stations when their next job is due. One goroutine and one
// timer of the clock serve all of them.
type schedule struct {
	clock clock.Clock
	moved chan struct{} // the earliest time has changed

	// mu guards queue and the times and places in it.
	mu    sync.Mutex
	queue dueQueue
}

func newSchedule(c clock.Clock) *schedule {
	return &schedule{clock: c, moved: make(chan struct{}, 1)}
}

// at makes sure that st is woken at due or earlier.
func (s *schedule) at(st *station, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case st.place < 0:
		st.due = due
		heap.Push(&s.queue, st)
	case due.Before(st.due):
		st.due = due
		heap.Fix(&s.queue, st.place)
	default:
		return
	}
	if st.place == 0 {
		select {
		case s.moved <- struct{}{}:
		default:
		}
	}
}

// recheck is the longest that the schedule sleeps: a timer of the host stands
// still while the host does, and the time of day goes on.
const recheck = time.Minute

// run wakes stations until ctx ends.
func (s *schedule) run(ctx context.Context) {
	for {
		var timer clock.Timer
		var due <-chan time.Time
		if wait, any := s.wake(); any {
			timer = s.clock.NewTimer(min(wait, recheck))
			due = timer.C()
		}
		select {
		case <-due:
		case <-s.moved:
		case <-ctx.Done():
		}
		if timer != nil {
			timer.Stop()
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// wake wakes what is due and returns how long to wait for what is due next.
func (s *schedule) wake() (wait time.Duration, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for len(s.queue) > 0 {
		st := s.queue[0]
		if st.due.After(now) {
			return st.due.Sub(now), true
		}
		heap.Pop(&s.queue)
		st.wake()
	}
	return 0, false
}

// dueQueue is a heap of stations, earliest first. A station's place is its
// index, -1 if it is not in the queue.
type dueQueue []*station

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *dueQueue) Push(x any) {
	st := x.(*station)
	st.place = len(*q)
	*q = append(*q, st)
}

func (q *dueQueue) Pop() any {
	old := *q
	st := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	st.place = -1
	return st
}

var _ heap.Interface = (*dueQueue)(nil)
