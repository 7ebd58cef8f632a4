package bus

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/event"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// DefaultRetention is how long events are kept unless Config says otherwise. It
// is longer than the 24 hours for which a delivery may be retried.
const DefaultRetention = 26 * time.Hour

// BusID names a bus in stored rows; ids are never reused. 0 is no bus.
type BusID uint32

// Rule is a rule as publishing sees it.
type Rule struct {
	ID      uint32 // unique over all buses, never reused
	Bus     BusID
	ARN     string
	Pattern *pattern.Pattern // nil matches nothing: a rule with only a schedule
	Enabled bool
	Lanes   []delivery.LaneID // one per target
}

// Entry is one event to publish.
type Entry struct {
	Bus      BusID // 0: there is no such bus; the event is told to lineage and dropped
	BusName  string
	Event    event.Event
	Envelope []byte // Event.Envelope(): what is stored and delivered; not kept after Publish
	Trace    telemetry.Trace

	// Checked says that Event.Detail is known to be one JSON object that is not
	// nested deeper than patterns can read. Publish then reads it only if a rule
	// can match because of it, and else refuses what is not such an object.
	Checked bool

	via string // the delivery that forwards the event from another bus
}

// Store is what a Bus works on. *[store.Store] implements it.
type Store interface {
	Update(ctx context.Context, p store.Part, fn func(tx store.Tx) error) error
	View(ctx context.Context, p store.Part, fn func(v store.View) error) error
	Watch(ctx context.Context, p store.Part, topic string, from store.Seq) iter.Seq2[store.Change, error]
	Parts() []store.Part
}

// Config configures a [Bus]. All fields but Retention are required.
type Config struct {
	Store     Store
	Engine    *delivery.Engine
	Lineage   *lineage.Log
	Clock     clock.Clock // the store's
	Logger    *slog.Logger
	Retention time.Duration // default DefaultRetention
}

// Bus is the data plane of all event buses. It is safe for concurrent use.
type Bus struct {
	store     Store
	engine    *delivery.Engine
	lineage   *lineage.Log
	clock     clock.Clock
	log       *slog.Logger
	retention time.Duration
	parts     []store.Part

	// changing is held while rules change, which may take a matcher many
	// milliseconds. Events are not held up by it.
	changing sync.Mutex
	// mu guards the maps. The rules in them are immutable, and matchers have
	// readers of their own.
	mu       sync.RWMutex
	rules    map[uint32]*Rule
	matchers map[BusID]*pattern.Matcher
}

// New returns a Bus without rules.
func New(c Config) *Bus {
	b := &Bus{
		store: c.Store, engine: c.Engine, lineage: c.Lineage, clock: c.Clock, log: c.Logger,
		retention: c.Retention, parts: c.Store.Parts(),
		rules: map[uint32]*Rule{}, matchers: map[BusID]*pattern.Matcher{},
	}
	if b.retention <= 0 {
		b.retention = DefaultRetention
	}
	return b
}
