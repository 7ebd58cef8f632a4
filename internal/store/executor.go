package store

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"stormbus/internal/clock"
)

const (
	queueLength    = 1024      // callers that can wait for one partition
	groupCalls     = 512       // closures in one group
	groupBytes     = 512 << 10 // bytes after which a group takes no more closures
	groupsInFlight = 4         // groups that wait for their sync
)

// partition runs the closures of one partition and syncs what they wrote.
//
// Goal: as many Updates per fsync as there are callers, no waiting for a batch
// to fill, and nobody learns of a write that a power cut could take back.
//
// Three goroutines take part. Callers put a call into queue and wait. The
// executor turns calls into groups; the syncer turns groups into answers:
//
//	caller                executor                     syncer
//	------                --------                     ------
//	queue <- call  --->   run call on the group's
//	                      batch; take what else is
//	                      queued, up to a limit
//	                      add m/state
//	                      applied = group
//	                      ApplyNoSyncWait      --->    SyncWait
//	                      go on with the next          durable = group's Seq
//	                      group                        OnDurable functions
//	<----------------------------------------------    answer the calls
//
// While one group is being synced the next is evaluated, and its closures read
// what the one before wrote: the batch is visible from ApplyNoSyncWait on. So:
//
//   - Groups are answered in order. A group whose closures saw an earlier one
//     is not answered before it, nor if its sync failed. That holds for errors
//     and for closures that wrote nothing too, since both may rest on a
//     neighbour's write.
//   - applied is raised before the batch becomes visible, and a View reads it
//     after it took its snapshot. The other way round a View could show a
//     group that it does not wait for.
//   - A failed sync ends everything (Store.fail). The rows stay visible inside
//     the engine, so nothing read from then on can be believed.
//
// A closure that fails after it wrote is taken out of the group (txn.rollback):
// the engine's batches cannot be cut, so the records before it are copied into
// a new one. Giving each closure a batch of its own was the alternative; it
// costs every closure an index and a copy, not only those that fail.
//
// Committing each group with a wait (Apply with Sync) would need no syncer, but
// leaves the processor idle during the fsync, and the engine ends the process
// when that fails instead of returning the error.
type partition struct {
	id    Part
	store *Store
	queue chan *call
	syncq chan *group
	done  chan struct{} // closed when executor and syncer have ended
	timer timerState
	watch watchState

	// Shared between goroutines.
	now     atomic.Int64          // newest partition time handed out, ns
	applied atomic.Pointer[group] // newest group that may be visible to a View
	durable atomic.Uint64         // Seq of the newest durable group
	running atomic.Int64          // host time when the running closure began, ns; 0 = none

	// reported is the start of the closure last reported; watchdog only.
	reported int64

	// The rest belongs to the executor goroutine.
	seq    Seq
	group  *group
	tx     txn
	cache  headCache
	topics map[string]*topicState
}

// group is what shares one batch and one sync.
type group struct {
	batch *pebble.Batch // nil while nothing has been written
	calls []*call
	hooks []func()
	seq   Seq  // of its last Update
	emits bool // watchers have something to read
	done  chan struct{}
	err   error // why it is not durable; valid once done is closed
}

func newPartition(s *Store, id Part, partitions int) (*partition, error) {
	p := &partition{
		id: id, store: s,
		queue:  make(chan *call, queueLength),
		syncq:  make(chan *group, groupsInFlight),
		done:   make(chan struct{}),
		topics: map[string]*topicState{},
	}
	p.timer.wake = make(chan struct{}, 1)
	p.cache.init(s.heads, defaultHeadLimits(partitions))
	p.tx.init(p)
	st, err := readState(s.db, id)
	if err != nil {
		return nil, fmt.Errorf("partition %d: %w", id, err)
	}
	p.seq = st.seq
	p.now.Store(st.time)
	p.durable.Store(uint64(st.seq))
	p.group = newGroup()
	settled := newGroup()
	close(settled.done)
	p.applied.Store(settled)
	return p, nil
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// start starts the goroutines. They end when the store's stop is closed.
func (p *partition) start() {
	go p.execute()
	go p.sync()
	p.store.loops.Go(p.runTimers)
}

// waitEnd waits until the executor and the syncer have ended, or hang.
func (p *partition) waitEnd() {
	select {
	case <-p.done:
		return
	case <-p.store.halts:
	}
	if !p.store.held() {
		<-p.done
	}
}

// leftover answers a call after the executor has ended: it may have been
// finished just before, or it came too late to be seen.
func (p *partition) leftover(c *call) error {
	select {
	case <-c.done:
		return c.err
	default:
		return ErrClosed
	}
}

// execute takes one call, then whatever else is queued, and commits them as
// one group. It never waits for a group to fill: a group is what arrived
// while the previous ones were being synced.
func (p *partition) execute() {
	ended := false
	defer func() {
		if !ended {
			// A closure called runtime.Goexit (as t.FailNow does). It was
			// rolled back; only the goroutine is lost.
			go p.execute()
		}
	}()
	for {
		if len(p.group.calls) == 0 {
			select {
			case c := <-p.queue:
				p.run(c)
			case <-p.store.stop:
				p.drain()
				ended = true
				close(p.syncq)
				return
			}
		}
		p.fill()
		p.commit()
	}
}

// fill runs queued calls until the queue is empty or the group is full.
func (p *partition) fill() {
	for len(p.group.calls) < groupCalls && p.group.size() < groupBytes {
		select {
		case c := <-p.queue:
			p.run(c)
		default:
			return
		}
	}
}

func (g *group) size() int {
	if g.batch == nil {
		return 0
	}
	return g.batch.Len()
}

// drain answers what is still queued when the store closes.
func (p *partition) drain() {
	for {
		select {
		case c := <-p.queue:
			if c.state.CompareAndSwap(queued, started) {
				c.err = ErrClosed
				c.done <- struct{}{}
			}
		default:
			return
		}
	}
}

// run runs one closure on the group's batch.
func (p *partition) run(c *call) {
	if !c.state.CompareAndSwap(queued, started) {
		return
	}
	p.group.calls = append(p.group.calls, c)
	defer c.state.Store(evaluated)
	if c.err = p.store.haltErr(); c.err != nil {
		return
	}
	host := clock.Real()
	began := host.Now()
	p.running.Store(began.UnixNano())
	defer func() {
		p.running.Store(0)
		if took := host.Now().Sub(began); took > watchdogLimit {
			p.store.log.Warn("an Update closure was slow", "part", p.id, "took", took)
			p.store.health.change(func(h *Health) { h.SlowClosures++ })
		}
	}()
	c.err = p.tx.run(c)
}

// commit adds the state row, makes the group visible and hands it on.
func (p *partition) commit() {
	g := p.group
	p.group = newGroup()
	// Deferred, since the engine may end this goroutine if it cannot go on.
	defer func() { p.syncq <- g }()
	if g.batch != nil {
		g.seq = p.seq
		g.err = ErrHalted
		g.err = p.apply(g)
	}
}

func (p *partition) apply(g *group) error {
	if err := p.store.haltErr(); err != nil {
		return err
	}
	st := state{seq: p.seq, time: p.tx.now}
	if err := g.batch.Set(rowKey(p.id, stateKey), st.encode(), nil); err != nil {
		return err
	}
	// A View that sees this group must find it here, so it is announced
	// before it becomes visible.
	p.applied.Store(g)
	return p.store.db.ApplyNoSyncWait(g.batch, pebble.Sync)
}

// nextTime returns the partition time of the next closure: the clock's, but
// always later than the last.
func (p *partition) nextTime() int64 {
	for {
		last := p.now.Load()
		next := max(p.store.o.Clock.Now().UnixNano(), last+1)
		if p.now.CompareAndSwap(last, next) {
			return next
		}
	}
}

// currentTime returns the partition time that a reader sees.
func (p *partition) currentTime() time.Time {
	for {
		last := p.now.Load()
		now := p.store.o.Clock.Now().UnixNano()
		if now <= last {
			return time.Unix(0, last).UTC()
		}
		if p.now.CompareAndSwap(last, now) {
			return time.Unix(0, now).UTC()
		}
	}
}
