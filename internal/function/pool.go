package function

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/function/python"
	"stormbus/internal/telemetry"
)

// The defaults of a [Config].
const (
	DefaultConcurrency = 1000
	DefaultIdleTimeout = 10 * time.Minute
	DefaultInitTimeout = 10 * time.Second
)

// Config configures a [Pool]. Dir, Interpreters, Clock, Random and Log are
// required.
type Config struct {
	// Dir is where the pool keeps its runtime and the environments' files.
	// Nothing else may use it.
	Dir string
	// Interpreters returns the Python interpreters that functions may run on.
	// It is called whenever an environment for Python is made, and may take its
	// time: only what needs an interpreter waits. Its error is ctx's.
	Interpreters func(ctx context.Context) ([]python.Interpreter, error)
	// EndpointURL is where functions reach us; it becomes AWS_ENDPOINT_URL.
	EndpointURL string
	// Path is the host's search path for executables.
	Path string
	// Credentials returns what a function signs its calls with. If nil, that is
	// what a server takes that verifies nothing: the function's account as the
	// access key id, with any secret.
	Credentials func(function arn.ARN) (Credentials, error)

	Concurrency int           // invocations at once per account and region
	IdleTimeout time.Duration // after which an idle environment is given up
	InitTimeout time.Duration // for an initialization outside of an invocation
	// NoFreeze lets idle environments run on.
	NoFreeze bool

	Clock  clock.Clock
	Random io.Reader
	Log    *slog.Logger
	// Output, if set, is told every record of every function's log, in order
	// within one environment. It must not block.
	Output func(Entry)
}

// Pool runs functions. It is safe for concurrent use.
type Pool struct {
	cfg        Config
	log        *slog.Logger
	host       clock.Clock
	runtimeDir string
	launcher   *launcher
	starting   chan struct{} // holds a token for every environment being started
	warnings   warnings
	admission  admission

	wake    chan struct{}   // tells the janitor that an environment became idle
	closing context.Context // ends when Close begins
	stop    context.CancelFunc
	stopped sync.WaitGroup
	calls   sync.WaitGroup // invocations under way

	// mu guards what follows. No other lock is taken under it but an
	// environment's.
	mu     sync.Mutex
	closed bool
	used   bool // there was an environment
	all    map[*environment]struct{}
	idle   map[key][]*environment // the one that was used last is at the end
	epochs map[arn.ARN]int        // grows when a function's environments are given up
}

// key says which environments can serve a Spec.
type key struct {
	function          arn.ARN
	version, revision string
}

// New returns a pool. It removes what an earlier process left in cfg.Dir.
func New(cfg Config) (*Pool, error) {
	cfg.Concurrency = orDefault(cfg.Concurrency, DefaultConcurrency)
	cfg.IdleTimeout = orDefault(cfg.IdleTimeout, DefaultIdleTimeout)
	cfg.InitTimeout = orDefault(cfg.InitTimeout, DefaultInitTimeout)
	if cfg.Credentials == nil {
		cfg.Credentials = anyCredentials
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the function pool: %w", err)
	}
	cfg.Dir = dir
	if err := cleanUp(dir, cfg.Log); err != nil {
		return nil, fmt.Errorf("open the function pool: %w", err)
	}
	runtimeDir, err := python.Install(filepath.Join(dir, runtimes))
	if err != nil {
		return nil, fmt.Errorf("open the function pool: %w", err)
	}
	cfg.Random = &lockedReader{r: cfg.Random}
	p := &Pool{
		cfg: cfg, log: cfg.Log, host: clock.Real(), runtimeDir: runtimeDir, launcher: newLauncher(cfg.Log),
		// More starts at once than this only make all of them slower.
		starting: make(chan struct{}, max(4, 2*runtime.NumCPU())),
		wake:     make(chan struct{}, 1),
		all:      map[*environment]struct{}{}, idle: map[key][]*environment{}, epochs: map[arn.ARN]int{},
	}
	p.closing, p.stop = context.WithCancel(context.Background())
	p.stopped.Go(p.janitor)
	return p, nil
}

// The directories for environments' files and for the embedded runtime.
const (
	environments = "env"
	runtimes     = "runtime"
)

// cleanUp removes what a process that was killed left of its environments.
func cleanUp(dir string, log *slog.Logger) error {
	left := filepath.Join(dir, environments)
	if entries, err := os.ReadDir(left); err == nil && len(entries) > 0 {
		if err := killStrays(dir); err != nil {
			log.Warn("processes of functions were left behind", telemetry.KeyError, err)
		}
	}
	return os.RemoveAll(left)
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}

// Invoke runs a function once and tells what became of it. A function that
// fails, crashes or takes too long is a result, not an error. The error is
// [ErrThrottled], [ErrClosed], an *[UnavailableError], ctx's, or one of this
// machine. Once the function has begun, Invoke waits for its end whatever ctx
// says: a caller that goes away does not stop it on AWS either.
func (p *Pool) Invoke(ctx context.Context, s Spec, inv Invocation) (Result, error) {
	if err := p.enter(); err != nil {
		return Result{}, err
	}
	defer p.calls.Done()
	release, err := p.admission.admit(s, p.cfg.Concurrency)
	if err != nil {
		return Result{}, err
	}
	defer release()
	e, err := p.take(ctx, s)
	if err != nil {
		return Result{}, err
	}
	res, err := e.invoke(inv)
	p.give(e)
	if p.isClosed() {
		return Result{}, ErrClosed
	}
	return res, err
}

func (p *Pool) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.calls.Add(1)
	return nil
}

func (p *Pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// take returns an idle environment, or a new one in which nothing runs yet.
func (p *Pool) take(ctx context.Context, s Spec) (*environment, error) {
	if e := p.takeIdle(s); e != nil {
		e.leaveRest()
		return e, nil
	}
	c, err := p.command(ctx, s)
	if err != nil {
		return nil, err
	}
	select {
	case p.starting <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closing.Done():
		return nil, ErrClosed
	}
	e, err := p.newEnvironment(s, c)
	if err != nil {
		<-p.starting
		return nil, err
	}
	return e, nil
}

func (p *Pool) takeIdle(s Spec) *environment {
	k := key{s.ARN, s.Version, s.Revision}
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[k]
	if len(list) == 0 {
		return nil
	}
	e := list[len(list)-1]
	p.setIdle(k, list[:len(list)-1])
	return e
}

// setIdle changes the list of idle environments. p.mu must be held.
func (p *Pool) setIdle(k key, list []*environment) {
	if len(list) == 0 {
		delete(p.idle, k)
		return
	}
	p.idle[k] = list
}

func (p *Pool) newEnvironment(s Spec, c command) (*environment, error) {
	var id [16]byte
	if _, err := io.ReadFull(p.cfg.Random, id[:]); err != nil {
		return nil, fmt.Errorf("name an environment: %w", err)
	}
	name := hex.EncodeToString(id[:])
	credentials, err := p.cfg.Credentials(s.ARN)
	if err != nil {
		return nil, fmt.Errorf("make an environment: %w", err)
	}
	e := &environment{
		pool: p, spec: s, command: c, credentials: credentials,
		dir:    filepath.Join(p.cfg.Dir, environments, name),
		stream: fmt.Sprintf("%s/[%s]%s", p.cfg.Clock.Now().UTC().Format("2006/01/02"), s.Version, name),
	}
	e.tmp = filepath.Join(e.dir, "tmp")
	e.journal = newJournal(e, p.cfg.Output)
	if err := os.MkdirAll(e.tmp, 0o700); err != nil {
		return nil, fmt.Errorf("make an environment: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.Join(ErrClosed, os.RemoveAll(e.dir))
	}
	e.epoch = p.epochs[s.ARN]
	p.all[e], p.used = struct{}{}, true
	return e, nil
}

// give takes an environment back. It is kept if it can serve again.
func (p *Pool) give(e *environment) {
	if e.enterRest() && p.keep(e) {
		select {
		case p.wake <- struct{}{}:
		default:
		}
		return
	}
	p.destroy(e)
}

func (p *Pool) keep(e *environment) bool {
	k := key{e.spec.ARN, e.spec.Version, e.spec.Revision}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || e.epoch != p.epochs[e.spec.ARN] {
		return false
	}
	e.idleSince = p.cfg.Clock.Now()
	p.idle[k] = append(p.idle[k], e)
	return true
}

// destroy ends an environment that nobody else has.
func (p *Pool) destroy(list ...*environment) {
	for _, e := range list {
		if err := e.destroy(); err != nil {
			p.log.Warn("an environment left something behind", "function", e.spec.Name, "error", err)
		}
		p.mu.Lock()
		delete(p.all, e)
		p.mu.Unlock()
	}
}

// Retire gives up all environments of a function: idle ones now, others when
// their invocation is over. It is for functions that were changed or deleted.
func (p *Pool) Retire(function arn.ARN) {
	p.mu.Lock()
	p.epochs[function]++
	var gone []*environment
	for k, list := range p.idle {
		if k.function == function {
			gone = append(gone, list...)
			delete(p.idle, k)
		}
	}
	p.mu.Unlock()
	p.destroy(gone...)
}

// Stats tells how many environments there are.
type Stats struct{ Idle, Busy int }

// Stats counts the environments.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := 0
	for _, list := range p.idle {
		idle += len(list)
	}
	return Stats{Idle: idle, Busy: len(p.all) - idle}
}

// Close kills all environments, waits until they are gone, and makes running
// invocations return [ErrClosed]. On Linux it also ends what functions started
// in sessions of their own.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.calls.Wait()
		return nil
	}
	p.closed = true
	p.stop()
	var idle []*environment
	for _, list := range p.idle {
		idle = append(idle, list...)
	}
	p.idle = map[key][]*environment{}
	for e := range p.all {
		e.doom()
	}
	p.mu.Unlock()
	p.destroy(idle...)
	p.calls.Wait()
	p.stopped.Wait()
	p.launcher.close()
	if !p.used {
		return nil
	}
	return killStrays(p.cfg.Dir)
}

// lockedReader lets several goroutines read from one source.
type lockedReader struct {
	mu sync.Mutex // guards r
	r  io.Reader
}

func (l *lockedReader) Read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(b)
}
