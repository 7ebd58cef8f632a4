package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// retryStore is how long a station waits after the store refused to read.
const retryStore = time.Second

// station takes the jobs of one lane in one partition from their rows to the
// lane's target. It is asleep, or awake in one goroutine that claims and
// starts batches until nothing is due.
type station struct {
	lane   *lane
	part   store.Part
	prefix []byte // of the lane's rows

	// mu guards awake, again, inFlight and fresh.
	mu       sync.Mutex
	awake    bool
	again    bool // woken while awake: look once more before going to sleep
	inFlight map[uint64]struct{}
	fresh    map[uint64]Body // bodies of jobs that are not claimed yet

	waits bool // in lane.waiting; owned by the lane

	// Owned by the schedule.
	due   time.Time
	place int
}

func newStation(l *lane, p store.Part) *station {
	return &station{lane: l, part: p, prefix: lanePrefix(l.id), place: -1}
}

// wake makes the station look for due jobs. It never blocks.
func (st *station) wake() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.awake {
		st.again = true
		return
	}
	st.awake = st.lane.engine.spawn(st.run)
}

// sleep reports whether the station may end its goroutine.
func (st *station) sleep() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.again && !st.lane.engine.stopping() {
		st.again = false
		return false
	}
	st.awake, st.again = false, false
	return true
}

// run claims batches and starts them, as many as the lane allows at once.
func (st *station) run() {
	e := st.lane.engine
	for {
		if e.stopping() || st.lane.gone.Load() || !st.lane.acquire(st) {
			if st.sleep() {
				return
			}
			continue
		}
		batch, next, err := st.claim()
		if err == nil && len(batch) > 0 {
			e.running.Go(func() {
				defer st.lane.release()
				st.attempt(batch)
			})
			continue
		}
		st.lane.release()
		switch {
		case err == nil:
			if !next.IsZero() {
				e.due.at(st, next)
			}
		case !closed(err):
			e.log.Error("deliveries cannot be read; trying again", "lane", st.lane.def.Load().Name, "part", st.part, telemetry.KeyError, err)
			e.due.at(st, e.clock.Now().Add(retryStore))
		}
		if st.sleep() {
			return
		}
	}
}

// closed reports whether an error means that the store is gone for good.
func closed(err error) bool {
	return errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrHalted) || errors.Is(err, context.Canceled)
}

// job is a row that has been claimed.
type job struct {
	row
	due, seq uint64
	body     Body
	lost     bool // the body is gone
}

func (j *job) id() string { return deliveryID(j.seq) }

// subject is the event that lineage tells the job's fate under.
func (j *job) subject() string {
	if j.cause.EventID != "" {
		return j.cause.EventID
	}
	return j.eventID
}

// claim takes up to a batch of due jobs that are not in flight, and marks them
// so. If there are none, next is when the first one will be due; zero if none
// is waiting.
func (st *station) claim() (batch []*job, next time.Time, err error) {
	e, most := st.lane.engine, st.lane.def.Load().Batch
	var jobs []*job
	err = e.store.Update(e.work, st.part, func(tx store.Tx) error {
		st.mu.Lock()
		defer st.mu.Unlock()
		jobs, next = nil, time.Time{}
		now := uint64(tx.Now().UnixMilli())
		for k, v := range tx.Head(st.prefix) {
			due, seq, ok := parseRowKey(k)
			if !ok {
				return errRow
			}
			if due > now {
				next = time.UnixMilli(int64(due))
				break
			}
			if _, taken := st.inFlight[seq]; taken {
				continue
			}
			r, err := parseRow(v)
			if err != nil {
				return err
			}
			jobs = append(jobs, &job{row: r, due: due, seq: seq})
			if len(jobs) == most {
				break
			}
		}
		return nil
	})
	if err != nil || len(jobs) == 0 {
		return nil, next, err
	}
	if bare := st.mark(jobs); len(bare) > 0 {
		err = st.readBodies(bare)
	}
	if err != nil {
		st.unmark(jobs)
		return nil, time.Time{}, err
	}
	return jobs, time.Time{}, nil
}

// mark marks jobs as in flight and returns those whose bodies are not at hand.
func (st *station) mark(jobs []*job) (bare []*job) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.inFlight == nil {
		st.inFlight = map[uint64]struct{}{}
	}
	for _, j := range jobs {
		st.inFlight[j.seq] = struct{}{}
		if !st.take(j) {
			bare = append(bare, j)
		}
	}
	return bare
}

func (st *station) unmark(jobs []*job) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, j := range jobs {
		delete(st.inFlight, j.seq)
	}
}

func (st *station) flying() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.inFlight)
}
