package events

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/pattern"
	"stormbus/internal/store"
)

// Store is what a Service works on. *[store.Store] implements it.
type Store interface {
	Update(ctx context.Context, p store.Part, fn func(tx store.Tx) error) error
	View(ctx context.Context, p store.Part, fn func(v store.View) error) error
}

// TargetParams is what a rule's target says beside its ARN.
type TargetParams struct {
	GroupID string // SqsParameters.MessageGroupId
}

// Targets knows how to reach what rules may have as targets.
type Targets interface {
	// Resolve returns the target that an ARN leads to. What the ARN names need
	// not exist: that shows when something is delivered. An error says why
	// nothing of that kind can be reached; the caller of PutTargets is told its
	// text.
	Resolve(target arn.ARN, p TargetParams) (delivery.Target, error)
}

// DeadLetters knows how to reach dead-letter queues.
type DeadLetters interface {
	// For returns what sends dead letters to a standard SQS queue. The queue
	// need not exist.
	For(queue arn.ARN) (delivery.DeadLetter, error)
}

// Config configures a [Service]. All fields but NoQuotas are required.
type Config struct {
	Store       Store
	Bus         *bus.Bus
	Engine      *delivery.Engine
	Targets     Targets
	DeadLetters DeadLetters
	Clock       clock.Clock // the store's
	Random      io.Reader   // for event ids; must be safe for concurrent use
	Logger      *slog.Logger
	NoQuotas    bool // lifts AWS's quotas on buses, rules, targets and patterns
}

// Service is EventBridge. It is safe for concurrent use.
type Service struct {
	store       Store
	bus         *bus.Bus
	engine      *delivery.Engine
	targets     Targets
	deadLetters DeadLetters
	clock       clock.Clock
	random      io.Reader
	log         *slog.Logger
	quotas      bool
	limits      pattern.Limits
	known       registry
	batches     sync.Pool // *batch
}

// New returns a service that knows nothing until [Service.Start].
func New(c Config) *Service {
	s := &Service{
		store: c.Store, bus: c.Bus, engine: c.Engine, targets: c.Targets, deadLetters: c.DeadLetters,
		clock: c.Clock, random: c.Random, log: c.Logger, quotas: !c.NoQuotas,
		known:   newRegistry(),
		batches: sync.Pool{New: func() any { return new(batch) }},
	}
	if s.quotas {
		s.limits = pattern.StrictAWS(pattern.Classic)
	}
	return s
}

// Start defines the lanes and the rules that are stored, and finishes what a
// crash left half done. It must return before the engine is started.
func (s *Service) Start(ctx context.Context) error {
	var buses []*eventBus
	var rules []*rule
	targets := map[uint32][]*target{}
	err := s.store.View(ctx, store.Meta, func(v store.View) (err error) {
		if buses, err = all[eventBus](v, []byte(busPrefix)); err != nil {
			return err
		}
		if rules, err = all[rule](v, []byte(rulePrefix)); err != nil {
			return err
		}
		for _, r := range rules {
			if targets[r.ID], err = all[target](v, targetsPrefix(r.ID)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load event buses: %w", err)
	}
	for _, b := range buses {
		s.known.putBus(b)
	}
	for _, r := range rules {
		if err := s.load(r, targets[r.ID]); err != nil {
			return fmt.Errorf("load rule %s: %w", r.arn(), err)
		}
	}
	return s.finishGone(ctx)
}

// load makes the data plane know a stored rule and its targets.
func (s *Service) load(r *rule, targets []*target) error {
	compiled, err := pattern.Compile([]byte(r.Pattern), pattern.Classic, pattern.Limits{})
	if err != nil {
		return fmt.Errorf("compile its pattern: %w", err)
	}
	for _, t := range targets {
		lane, err := s.lane(r.Scope.Rule(r.BusName, r.Name), t)
		if err != nil {
			return fmt.Errorf("target %s: %w", t.ID, err)
		}
		s.engine.Define(t.Lane, lane)
	}
	s.setRule(r.published(compiled, lanesOf(targets)))
	return nil
}

// published returns a rule as the data plane sees it.
func (r *rule) published(compiled *pattern.Pattern, lanes []delivery.LaneID) bus.Rule {
	return bus.Rule{ID: r.ID, Bus: r.Bus, ARN: r.arn(), Pattern: compiled, Enabled: r.enabled(), Lanes: lanes}
}

// FindBus returns the id of an event bus, for targets that are buses, or
// [ErrNoBus]. The default bus of an account always exists.
func (s *Service) FindBus(ctx context.Context, a arn.ARN) (bus.BusID, error) {
	name, ok := a.BusName()
	if !ok {
		return 0, ErrNoBus
	}
	id, err := s.lookup(ctx, busRef{scope: a.Of(), name: name})
	if err == nil && id == 0 {
		err = ErrNoBus
	}
	return id, err
}
