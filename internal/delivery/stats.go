package delivery

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"stormbus/internal/clock"
)

// Stats is a picture of the engine's work since Start.
type Stats struct {
	Lanes     []LaneStats // in order of id
	Unclaimed []Unclaimed // in order of id
}

// LaneStats counts what a lane did since Start.
type LaneStats struct {
	ID            LaneID
	Name          string
	InFlight      int
	Delivered     uint64
	Failed        uint64 // attempts
	DeadLettered  uint64
	LettersFailed uint64 // attempts to send a dead letter
	Dropped       uint64
	LastError     string // of the last failed attempt
	LastErrorAt   time.Time
}

// Unclaimed is a lane that had rows at Start and is not defined. A crash leaves
// one behind when it comes between removing a target and [Engine.Forget]; then
// Forget ends it.
type Unclaimed struct {
	ID   LaneID
	Rows int // counted up to 1,000 in each partition
}

// Stats returns what the engine has done since Start.
func (e *Engine) Stats() Stats {
	var s Stats
	e.mu.RLock()
	lanes := slices.Collect(maps.Values(e.lanes))
	for id, rows := range e.unclaimed {
		s.Unclaimed = append(s.Unclaimed, Unclaimed{ID: id, Rows: rows})
	}
	e.mu.RUnlock()
	for _, l := range lanes {
		s.Lanes = append(s.Lanes, l.stats())
	}
	slices.SortFunc(s.Lanes, func(a, b LaneStats) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Unclaimed, func(a, b Unclaimed) int { return cmp.Compare(a.ID, b.ID) })
	return s
}

func (l *lane) stats() LaneStats {
	c := &l.counts
	s := LaneStats{
		ID: l.id, Name: l.def.Load().Name,
		Delivered: c.delivered.Load(), Failed: c.failed.Load(), DeadLettered: c.deadLettered.Load(),
		LettersFailed: c.lettersFailed.Load(), Dropped: c.dropped.Load(),
	}
	for _, st := range l.stations {
		s.InFlight += st.flying()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.LastError, s.LastErrorAt = c.lastError, c.lastErrorAt
	return s
}

// counts counts the outcomes of a lane.
type counts struct {
	delivered, failed, deadLettered, lettersFailed, dropped atomic.Uint64

	// mu guards lastError and lastErrorAt.
	mu          sync.Mutex
	lastError   string
	lastErrorAt time.Time
}

func (c *counts) add(o *outcome, clk clock.Clock) {
	switch o.end {
	case delivered:
		c.delivered.Add(1)
	case failedAttempt:
		c.failed.Add(1)
		c.failure(o.next, clk)
	case failedLetter:
		c.lettersFailed.Add(1)
	case deadLettered:
		c.deadLettered.Add(1)
	case dropped:
		c.dropped.Add(1)
		c.failure(&o.job.row, clk)
	}
}

func (c *counts) failure(r *row, clk clock.Clock) {
	if r.code == "" && r.message == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastError, c.lastErrorAt = (&Failure{Code: r.code, Message: r.message}).Error(), clk.Now()
}
