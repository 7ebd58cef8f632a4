package lambda

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/function"
	"stormbus/internal/function/code"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// Runner runs functions. *[function.Pool] implements it.
type Runner interface {
	Invoke(ctx context.Context, s function.Spec, inv function.Invocation) (function.Result, error)
	Retire(fn arn.ARN)
}

// Letter is an asynchronous invocation that was given up.
type Letter struct {
	Queue        arn.ARN
	Function     string // ARN, as it was invoked
	Event        []byte // as the function was to get it
	RequestID    string
	ErrorCode    string // an HTTP status
	ErrorMessage string
	Trace        telemetry.Trace
	Cause        lineage.Cause // the event behind it and the delivery that is given up; zero if there is no event
	Once         string        // the same for every attempt to send this letter
}

// DeadLetters sends letters to SQS queues. Its errors are those of
// [delivery.DeadLetter].
type DeadLetters interface {
	SendLetter(ctx context.Context, l Letter) error
}

// DefaultAsyncConcurrency is how many asynchronous invocations of one function
// run at once unless Config says otherwise.
const DefaultAsyncConcurrency = 10

// Config configures a [Service]. All fields but the numbers are required.
type Config struct {
	Store       *store.Store
	Engine      *delivery.Engine
	Lineage     *lineage.Log
	Runner      Runner
	Code        *code.Cache
	DeadLetters DeadLetters
	Clock       clock.Clock // the store's
	Random      io.Reader   // for ids; must be safe for concurrent use
	Logger      *slog.Logger

	Concurrency      int // of all functions of an account in a region; default function.DefaultConcurrency
	AsyncConcurrency int // of the queue of one function; default DefaultAsyncConcurrency
}

// Service is Lambda. It is safe for concurrent use.
type Service struct {
	store       *store.Store
	engine      *delivery.Engine
	lineage     *lineage.Log
	runner      Runner
	code        *code.Cache
	deadLetters DeadLetters
	clock       clock.Clock
	random      io.Reader
	log         *slog.Logger
	concurrency int
	async       int
	known       registry

	// blobs is held for reading while a blob is put and not referred to yet,
	// and for writing while one is deleted.
	blobs sync.RWMutex
	// unpacking lets one goroutine at a time unpack code that is missing.
	unpacking sync.Mutex

	later      chan lineage.Record // records that nobody waits for
	stop       chan struct{}
	background sync.WaitGroup
}

// New returns a service that knows no functions until [Service.Start].
func New(c Config) *Service {
	s := &Service{
		store: c.Store, engine: c.Engine, lineage: c.Lineage, runner: c.Runner, code: c.Code, deadLetters: c.DeadLetters,
		clock: c.Clock, random: c.Random, log: c.Logger, concurrency: c.Concurrency, async: c.AsyncConcurrency,
		known: newRegistry(), later: make(chan lineage.Record, maxLater), stop: make(chan struct{}),
	}
	if s.concurrency <= 0 {
		s.concurrency = function.DefaultConcurrency
	}
	if s.async <= 0 {
		s.async = DefaultAsyncConcurrency
	}
	return s
}

// Start reads the functions, defines their lanes, and finishes what a crash
// left half done. It must return before the engine is started.
func (s *Service) Start(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return fmt.Errorf("load functions: %w", err)
	}
	if err := s.finishGone(ctx); err != nil {
		return fmt.Errorf("finish deleting functions: %w", err)
	}
	if err := s.code.Keep(s.known.uses); err != nil {
		return err
	}
	for _, f := range s.known.all() {
		s.engine.Define(f.Lane, s.lane(f))
	}
	s.background.Go(s.writeLater)
	return nil
}

// Close ends background work. No function may be running any more.
func (s *Service) Close() {
	close(s.stop)
	s.background.Wait()
}
