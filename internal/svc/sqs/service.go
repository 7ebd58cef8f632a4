package sqs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// Config configures a [Service]. All fields but Strict are required.
type Config struct {
	Store   *store.Store
	Lineage *lineage.Log
	Clock   clock.Clock
	Random  io.Reader // for message ids; must be safe for concurrent use
	Logger  *slog.Logger
	// Strict refuses what AWS refuses and what is only in the way of
	// development: the name of a deleted queue cannot be used for 60 seconds.
	Strict bool
}

// Service is SQS. It is safe for concurrent use.
type Service struct {
	store   *store.Store
	lineage *lineage.Log
	clock   clock.Clock
	random  io.Reader
	log     *slog.Logger
	queues  registry
	alarms  *alarms

	looks    atomic.Int64 // how often receivers looked for messages
	inFlight int          // messages of a queue that may be in flight
	strict   bool         // see Config

	stop       context.CancelFunc // ends background work and waiting receivers
	stopped    context.Context
	background sync.WaitGroup
}

// New returns a service that knows no queues until [Service.Start].
func New(c Config) *Service {
	s := &Service{
		store: c.Store, lineage: c.Lineage, clock: c.Clock, random: c.Random, log: c.Logger, alarms: newAlarms(c.Clock),
		inFlight: inFlightAllowed, strict: c.Strict,
	}
	s.stopped, s.stop = context.WithCancel(context.Background())
	return s
}

// Start reads the queues, finishes what a crash left half done, and begins to
// serve.
func (s *Service) Start(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return fmt.Errorf("load queues: %w", err)
	}
	// Not before the queues are known: a timer of a queue that nobody knows is
	// taken for one of a deleted queue.
	s.store.OnTimer(retentionTimer, s.onRetention)
	s.store.OnTimer(forgetTimer, s.onForget)
	s.store.OnTimer(waitingTimer, onWaited)
	if err := s.finishDeletes(ctx); err != nil {
		return fmt.Errorf("finish deleting queues: %w", err)
	}
	s.background.Go(func() { s.alarms.run(s.stopped) })
	if err := s.resumeRedrives(ctx); err != nil {
		return err
	}
	return s.resumeTasks(ctx)
}

// Close ends receives that wait and background work, and returns when the
// latter is done.
func (s *Service) Close() {
	s.stop()
	s.background.Wait()
}
