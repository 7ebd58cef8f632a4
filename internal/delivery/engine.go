package delivery

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// Store is what an Engine works on. *[store.Store] implements it.
type Store interface {
	Update(ctx context.Context, p store.Part, fn func(tx store.Tx) error) error
	View(ctx context.Context, p store.Part, fn func(v store.View) error) error
	Parts() []store.Part
}

// Config configures an [Engine]. All fields are required.
type Config struct {
	Store   Store // opened with [Heads] among its head templates
	Lineage *lineage.Log
	Clock   clock.Clock // the store's
	Logger  *slog.Logger
	Rand    *rand.Rand // for backoff; nobody else may use it
}

// Engine carries jobs along lanes. It is safe for concurrent use.
type Engine struct {
	store   Store
	lineage *lineage.Log
	clock   clock.Clock
	log     *slog.Logger
	due     *schedule
	held    atomic.Int64 // bytes of bodies at hand

	// work is what running attempts use: it ends when Close stops waiting.
	work   context.Context
	cancel context.CancelFunc
	// loops ends when Close begins.
	loops     context.Context
	stopLoops context.CancelFunc

	// mu guards lanes and unclaimed. No other lock is taken under it.
	mu        sync.RWMutex
	lanes     map[LaneID]*lane
	unclaimed map[LaneID]int // rows of lanes that are not defined

	// life guards started, closed, and adding to running. It may be taken
	// under any other lock.
	life    sync.Mutex
	started bool
	closed  bool
	running sync.WaitGroup // stations and batches
	loop    sync.WaitGroup // the schedule

	// rndMu guards rnd.
	rndMu sync.Mutex
	rnd   *rand.Rand
}

// New returns an Engine that delivers nothing until it is started.
func New(c Config) *Engine {
	e := &Engine{
		store: c.Store, lineage: c.Lineage, clock: c.Clock, log: c.Logger, rnd: c.Rand,
		due: newSchedule(c.Clock), lanes: map[LaneID]*lane{}, unclaimed: map[LaneID]int{},
	}
	e.work, e.cancel = context.WithCancel(context.Background())
	e.loops, e.stopLoops = context.WithCancel(context.Background())
	return e
}

// Define makes a lane, or changes one. It must not be called with an id that
// was forgotten.
func (e *Engine) Define(id LaneID, l Lane) {
	made := newLane(e, id)
	e.mu.Lock()
	old, known := e.lanes[id]
	_, waiting := e.unclaimed[id]
	if !known {
		made.def.Store(l.withDefaults())
		e.lanes[id] = made
		delete(e.unclaimed, id)
	}
	e.mu.Unlock()
	if known {
		old.redefine(l)
	}
	if waiting {
		e.wakeAt(made, e.clock.Now())
	}
}

// wakeAt wakes all stations of a lane at a time.
func (e *Engine) wakeAt(l *lane, at time.Time) {
	for _, st := range l.stations {
		e.due.at(st, at)
	}
}

// Enqueue adds a job to a lane, inside an Update of a data partition, and
// returns the id of the delivery. The lane's workers are woken once the Update
// is durable. A lane that is not defined, because it was removed a moment ago,
// takes nothing: then the id is empty. The engine must have been started.
func (e *Engine) Enqueue(tx store.Tx, id LaneID, job Job) string {
	l := e.lane(id)
	if l == nil {
		return ""
	}
	seq := nextSeq(tx)
	st := l.station(store.Part(seq >> partShift))
	r := row{bodyKey: job.BodyKey, eventID: job.EventID, cause: job.Cause}
	var key [laneKeySize + 16]byte
	tx.Set(appendRowKey(append(key[:0], st.prefix...), uint64(tx.Now().UnixMilli()), seq), r.append(nil))
	if job.BodyKey == nil {
		if job.Body.Accepted.IsZero() {
			job.Body.Accepted = tx.Now()
		}
		tx.Set(ownBodyKey(id, seq), AppendBody(nil, job.Body))
	}
	delivery := deliveryID(seq)
	if r, ok := accepted(&job, delivery, l.def.Load()); ok {
		e.lineage.Write(tx, r)
	}
	tx.OnDurable(func() {
		if !job.Body.Accepted.IsZero() {
			st.hold(seq, job.Body)
		}
		st.wake()
	})
	return delivery
}

// accepted is what lineage is told of a new job, beside what the record of its
// event says: what led to it.
func accepted(job *Job, delivery string, def *Lane) (r lineage.Record, ok bool) {
	r = lineage.Record{
		Kind: lineage.Accepted, EventID: job.Cause.EventID, Delivery: delivery,
		Via: job.Cause.Delivery, Rule: def.Rule, Target: def.TargetARN,
	}
	letter := job.Letter
	if letter == nil {
		return r, r.EventID != ""
	}
	r.Kind, r.Via = lineage.Redriven, letter.Of.Delivery
	r.MessageID, r.Queue, r.Start = letter.MessageID, letter.Queue, letter.Sent
	if r.EventID == "" {
		r.EventID = job.EventID
		if def.Rule == "" {
			r.RequestID = job.EventID // of a function: no event caused the invocation
		}
	}
	return r, true
}

// Start wakes every lane that has jobs from an earlier life, and begins to
// deliver. Lanes should be defined by now: jobs of a lane that is not are
// kept, logged and shown in Stats until somebody defines or forgets it.
func (e *Engine) Start(ctx context.Context) error {
	found := map[LaneID]int{}
	for _, p := range e.store.Parts() {
		err := e.store.Update(ctx, p, func(tx store.Tx) error {
			initSeq(tx, p)
			return nil
		})
		if err == nil {
			err = e.store.View(ctx, p, func(v store.View) error { return findLanes(v, found) })
		}
		if err != nil {
			return fmt.Errorf("start delivery in partition %d: %w", p, err)
		}
	}
	if !e.begin() {
		return errors.New("start delivery: it was started or closed before")
	}
	for id, rows := range found {
		if l := e.claimLane(id, rows); l != nil {
			e.wakeAt(l, e.clock.Now())
			continue
		}
		e.log.Warn("deliveries wait for a target that does not exist; they are kept", "lane", id, "rows", rows)
	}
	return nil
}

// begin makes the engine take work, once.
func (e *Engine) begin() bool {
	e.life.Lock()
	defer e.life.Unlock()
	if e.started || e.closed {
		return false
	}
	e.started = true
	e.loop.Go(func() { e.due.run(e.loops) })
	return true
}

// claimLane returns a lane that has rows; if it is not defined, it remembers
// that and returns nil.
func (e *Engine) claimLane(id LaneID, rows int) *lane {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.lanes[id]
	if l == nil {
		e.unclaimed[id] = rows
	}
	return l
}

// maxUnclaimed is how far the rows of a lane are counted in each partition.
const maxUnclaimed = 1000

// findLanes counts the rows of each lane that has any, up to maxUnclaimed.
func findLanes(v store.View, found map[LaneID]int) error {
	lo, end := []byte(rowPrefix), store.PrefixEnd([]byte(rowPrefix))
	for lo != nil {
		var id LaneID
		n := 0
		for k := range v.Scan(lo, end) {
			if len(k) != laneKeySize+16 {
				return errRow
			}
			here := LaneID(binary.BigEndian.Uint32(k[len(rowPrefix):]))
			if n > 0 && here != id {
				break
			}
			id = here
			if n++; n == maxUnclaimed {
				break
			}
		}
		if n == 0 {
			return nil
		}
		found[id] += n
		lo = store.PrefixEnd(lanePrefix(id))
	}
	return nil
}

// Close stops taking jobs and waits for running attempts. When ctx ends it
// cancels them and returns ctx's error; what they did not finish is delivered
// again after the next Start. Another call waits for those that have not noticed.
func (e *Engine) Close(ctx context.Context) error {
	e.life.Lock()
	e.closed = true
	e.life.Unlock()
	e.stopLoops()
	e.loop.Wait()
	defer e.cancel()
	done := make(chan struct{})
	go func() {
		e.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close delivery with attempts running: %w", ctx.Err())
	}
}

// lane returns a lane, nil if it is not defined.
func (e *Engine) lane(id LaneID) *lane {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.lanes[id]
}

// TargetARN returns where a lane leads, "" if it is not defined.
func (e *Engine) TargetARN(id LaneID) string {
	if l := e.lane(id); l != nil {
		return l.def.Load().TargetARN
	}
	return ""
}

// MaxKept is the longest Policy.MaxAge for which [Engine.Needs] speaks.
const MaxKept = 24 * time.Hour

// Needs returns a time such that no job of this partition, in a lane whose
// policy has a MaxAge of at most MaxKept, needs a body that was accepted
// earlier and that is not its own. Whoever stores such bodies must keep them
// until then. The rows of lanes that are not defined are not asked.
//
// A job is due at the latest when its age is reached, so a job that needs an
// old body is overdue and at the front of its lane.
func (e *Engine) Needs(tx store.Tx) time.Time {
	e.mu.RLock()
	lanes := slices.Collect(maps.Keys(e.lanes))
	e.mu.RUnlock()
	first := tx.Now()
	for _, id := range lanes {
		for k := range tx.Head(lanePrefix(id)) {
			if due, _, ok := parseRowKey(k); ok {
				first = earlier(first, time.UnixMilli(int64(due)))
			}
			break
		}
	}
	return first.Add(-MaxKept)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// spawn runs fn in a goroutine that Close waits for, and reports whether the
// engine still takes work.
func (e *Engine) spawn(fn func()) bool {
	e.life.Lock()
	defer e.life.Unlock()
	if e.closed || !e.started {
		return false
	}
	e.running.Go(fn)
	return true
}

// stopping reports whether Close was called.
func (e *Engine) stopping() bool { return e.loops.Err() != nil }

// backoff asks a policy how long to wait before a retry.
func (e *Engine) backoff(p Policy, retry int) time.Duration {
	backoff := p.Backoff
	if backoff == nil {
		backoff = FullJitter(BackoffBase, BackoffCap)
	}
	e.rndMu.Lock()
	defer e.rndMu.Unlock()
	return max(backoff(retry, e.rnd), 0)
}
