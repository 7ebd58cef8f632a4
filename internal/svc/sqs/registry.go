package sqs

import (
	"sync"
	"sync/atomic"

	"stormbus/internal/store"
)

// live is a queue that exists: its configuration, replaced as a whole when it
// changes, and the receivers that wait for it.
type live struct {
	config atomic.Pointer[Queue]
	line   line
	gone   atomic.Bool // deleted: whoever holds on to it must let go

	// What the store holds too, so that it need not be read. They belong to the
	// goroutine of the queue's partition.
	stats   stats
	counted bool // stats is known
	flying  flying
	recent  *recent

	// moving lets one goroutine at a time empty the outbox.
	moving sync.Mutex

	cancelled signal // the move task of the queue is to end
}

func newLive(q *Queue, r *recent) *live {
	l := &live{cancelled: newSignal(), recent: r}
	l.config.Store(q)
	return l
}

// registry holds the queues that exist. It is derived from the store: changed
// when a change is durable, and built anew at the start.
type registry struct {
	// mu guards all.
	mu     sync.RWMutex
	byKey  map[key]*live
	byID   map[uint32]*live
	recent map[store.Part]*recent
}

func (r *registry) get(k key) (*live, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l, ok := r.byKey[k]
	return l, ok
}

func (r *registry) id(id uint32) (*live, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l, ok := r.byID[id]
	return l, ok
}

// put adds a queue or changes the configuration of one.
func (r *registry) put(q *Queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l, ok := r.byID[q.ID]; ok {
		l.config.Store(q)
		return
	}
	if r.byKey == nil {
		r.byKey, r.byID, r.recent = map[key]*live{}, map[uint32]*live{}, map[store.Part]*recent{}
	}
	if r.recent[q.Part] == nil {
		r.recent[q.Part] = newRecent()
	}
	l := newLive(q, r.recent[q.Part])
	r.byKey[q.key()], r.byID[q.ID] = l, l
}

// remove takes a queue out and returns it, if it was there.
func (r *registry) remove(q *Queue) (*live, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.byID[q.ID]
	if !ok {
		return nil, false
	}
	delete(r.byID, q.ID)
	delete(r.byKey, q.key())
	l.gone.Store(true)
	return l, true
}

// all returns every queue, in no order.
func (r *registry) all() []*live {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]*live, 0, len(r.byID))
	for _, l := range r.byID {
		out = append(out, l)
	}
	return out
}
