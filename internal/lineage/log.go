package lineage

import (
	"context"
	"errors"
	"time"

	"stormbus/internal/store"
)

// DefaultRetention is how long records are kept unless Config says otherwise.
// It is longer than the 24 hours for which a delivery may be retried, so that
// the tree of an event that ends in a dead-letter queue still has its root.
const DefaultRetention = 26 * time.Hour

// DefaultMaxRecords is how many records are kept in all unless Config says
// otherwise.
const DefaultMaxRecords = 1 << 20

// The defaults for the size of one tree.
const (
	DefaultMaxEvents = 1000
	DefaultMaxDepth  = 64
)

// bucketsPerCap is how many full buckets the cap on records spans: trimming
// drops whole buckets, so this is how coarsely it cuts.
const bucketsPerCap = 16

// ErrUnknown says that nothing is known of an event: it was never seen here,
// or its records have been trimmed.
var ErrUnknown = errors.New("lineage: unknown event")

// Store is what a Log reads from. *[store.Store] implements it.
type Store interface {
	View(ctx context.Context, p store.Part, fn func(v store.View) error) error
	Parts() []store.Part
}

// Config configures a [Log]. Store is required; zero values of the rest mean
// the defaults.
type Config struct {
	Store      Store
	Retention  time.Duration // default DefaultRetention
	MaxRecords int           // over all partitions; default DefaultMaxRecords
	MaxEvents  int           // in one tree; default DefaultMaxEvents
	MaxDepth   int           // events below one another in one tree; default DefaultMaxDepth
}

// Log is the record of what happened. It keeps no state of its own, so it is
// safe for concurrent use.
type Log struct {
	store     Store
	retention time.Duration
	maxTotal  uint64 // records in one partition
	maxBucket uint64 // records in one bucket
	maxEvents int
	maxDepth  int
}

// New returns a Log over c.Store.
func New(c Config) *Log {
	records := orDefault(c.MaxRecords, DefaultMaxRecords)
	perPart := uint64(max(records/max(len(c.Store.Parts()), 1), 1))
	return &Log{
		store:     c.Store,
		retention: orDefault(c.Retention, DefaultRetention),
		maxTotal:  perPart,
		maxBucket: max(perPart/bucketsPerCap, 1),
		maxEvents: orDefault(c.MaxEvents, DefaultMaxEvents),
		maxDepth:  orDefault(c.MaxDepth, DefaultMaxDepth),
	}
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}
