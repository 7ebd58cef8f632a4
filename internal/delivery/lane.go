package delivery

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// LaneID names a lane in stored rows. Ids are never reused.
type LaneID uint32

// Input makes a target's payload from an event. It must not modify or keep the
// event. An error is a permanent failure, and a *[Failure] says which;
// [ErrNothing] means that there is nothing to deliver.
type Input func(event []byte, accepted time.Time) ([]byte, error)

// ErrNothing is returned by an [Input] that yields nothing to deliver: the job
// is dropped, with the error's text as the reason, and no dead letter is sent.
var ErrNothing = errors.New("the input yields nothing to deliver")

// The defaults of a [Lane].
const (
	DefaultConcurrency = 4
	DefaultBatch       = 1
)

// Lane is a destination and how to get there. An attempt uses what is defined
// when it begins.
type Lane struct {
	Name          string // for logs and Stats
	Rule          string // ARN; empty where no rule is involved
	TargetARN     string
	Target        Target
	Input         Input // nil: the event as it is
	Policy        Policy
	DeadLetter    DeadLetter // nil: what is given up is dropped
	DeadLetterARN string
	Concurrency   int // batches at once, over all partitions; default DefaultConcurrency
	Batch         int // deliveries per call of Target; default DefaultBatch
}

// Job is one thing to carry along a lane.
type Job struct {
	EventID string // or whatever names the job, such as a request id
	// BodyKey is the key, in the partition of the Update, of a row that
	// [AppendBody] made and that outlives the job. If it is nil, Body is stored
	// with the job and removed with it.
	BodyKey []byte
	// Body is what the job carries; it must not be modified any more. With a
	// BodyKey it may be left out: then it is read when it is needed. Without,
	// an Accepted that is zero means now.
	Body Body
	// Cause is set when another delivery led to this job: its target is the
	// queue that this job goes into. Lineage then tells both as one.
	Cause lineage.Cause
	// Letter is set when a dead letter led to this job. Lineage then tells the job
	// below the letter.
	Letter *Letter
}

// Letter is a dead letter that left its queue to be delivered again.
type Letter struct {
	MessageID string
	Queue     string        // ARN
	Sent      time.Time     // when it was put into the queue
	Of        lineage.Cause // the delivery that was given up, and its event; zero if not known
}

// lane is a defined Lane at work.
type lane struct {
	id       LaneID
	engine   *Engine
	def      atomic.Pointer[Lane]
	gone     atomic.Bool // forgotten
	stations []*station  // by partition, from 1
	counts   counts

	// mu guards busy, waiting and each station's waits.
	mu      sync.Mutex
	busy    int        // batches running or being claimed
	waiting []*station // asleep until a batch ends
}

// newLane returns a lane whose definition is still missing.
func newLane(e *Engine, id LaneID) *lane {
	l := &lane{id: id, engine: e}
	for _, p := range e.store.Parts() {
		l.stations = append(l.stations, newStation(l, p))
	}
	return l
}

func (l Lane) withDefaults() *Lane {
	if l.Concurrency <= 0 {
		l.Concurrency = DefaultConcurrency
	}
	if l.Batch <= 0 {
		l.Batch = DefaultBatch
	}
	return &l
}

// redefine changes the definition. There may be room for more batches now.
func (l *lane) redefine(def Lane) {
	next := def.withDefaults()
	l.def.Store(next)
	for range next.Concurrency {
		l.wakeWaiting()
	}
}

// station returns the lane's station in a partition.
func (l *lane) station(p store.Part) *station {
	return l.stations[int(p)-int(l.stations[0].part)]
}

// acquire takes room for one batch. If there is none, it reports false, and st
// is woken when there is.
func (l *lane) acquire(st *station) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy < l.def.Load().Concurrency {
		l.busy++
		return true
	}
	if !st.waits {
		st.waits = true
		l.waiting = append(l.waiting, st)
	}
	return false
}

// release gives the room of one batch back.
func (l *lane) release() {
	l.mu.Lock()
	l.busy--
	l.mu.Unlock()
	l.wakeWaiting()
}

// wakeWaiting wakes the station that has waited longest.
func (l *lane) wakeWaiting() {
	l.mu.Lock()
	var st *station
	if len(l.waiting) > 0 {
		st = l.waiting[0]
		l.waiting = l.waiting[1:]
		st.waits = false
	}
	l.mu.Unlock()
	if st != nil {
		st.wake()
	}
}
