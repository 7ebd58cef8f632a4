package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
)

// ErrBusy says that the runtime still has an invocation: an environment
// handles one at a time.
var ErrBusy = errors.New("the runtime already has an invocation")

// Config is what a [Server] needs.
type Config struct {
	// Idle, if set, is called when the runtime has answered an invocation and
	// asks for the next one: it has nothing left to do. It must not block.
	Idle func()
	// Log receives what the HTTP server complains about; nil discards it.
	Log *slog.Logger
}

// Server is the Runtime API of one process. Its methods are safe for
// concurrent use.
type Server struct {
	addr string
	idle func()
	http *http.Server
	init chan Outcome // buffered; receives one value
	work chan *Call   // buffered; holds an invocation that was not fetched yet
	stop chan struct{}
	once sync.Once // closes stop
	done chan struct{}

	// mu guards state, waiting and current.
	mu      sync.Mutex
	state   state
	waiting bool  // a request for the next invocation is blocked
	current *Call // what the runtime was given last; nil once answered
}

// Call is an invocation on its way through the runtime.
type Call struct {
	inv  Invocation
	done chan Outcome // buffered; receives one value
}

// Done returns the channel on which the outcome arrives, once.
func (c *Call) Done() <-chan Outcome { return c.done }

// Listen starts the Runtime API on a free loopback port. Close stops it.
func Listen(cfg Config) (*Server, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the runtime API: %w", err)
	}
	s := &Server{
		addr:  l.Addr().String(),
		idle:  cfg.Idle,
		init:  make(chan Outcome, 1),
		work:  make(chan *Call, 1),
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
		state: started,
	}
	s.http = &http.Server{
		Handler:        s.routes(),
		ErrorLog:       errorLog(cfg.Log),
		MaxHeaderBytes: 2 * maxCause, // an error's cause comes as a header
	}
	go func() {
		defer close(s.done)
		// Serve always returns an error; after Close it says so.
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) && cfg.Log != nil {
			cfg.Log.Error("runtime API stopped", "error", err)
		}
	}()
	return s, nil
}

func errorLog(l *slog.Logger) *log.Logger {
	if l == nil {
		return log.New(io.Discard, "", 0)
	}
	return slog.NewLogLogger(l.Handler(), slog.LevelDebug)
}

// Addr returns host:port, the value of AWS_LAMBDA_RUNTIME_API.
func (s *Server) Addr() string { return s.addr }

// Initialized returns the channel on which the end of initialization arrives,
// once: an empty outcome when the runtime asks for its first invocation, or
// the error that it reported.
func (s *Server) Initialized() <-chan Outcome { return s.init }

// Send hands an invocation to the runtime, which need not be asking for one
// yet. It fails with [ErrBusy] if an earlier one was not answered.
func (s *Server) Send(inv Invocation) (*Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return nil, ErrBusy
	}
	c := &Call{inv: inv, done: make(chan Outcome, 1)}
	select {
	case s.work <- c:
		return c, nil
	default:
		return nil, ErrBusy
	}
}

// Withdraw takes c back and reports whether it could: once the process has
// ended, an invocation that it was never given may go to another process.
func (s *Server) Withdraw(*Call) bool {
	select {
	case <-s.work: // it is c: Send puts nothing behind an unanswered call
		return true
	default:
		return false
	}
}

// Close ends all connections and waits until the listener is gone.
func (s *Server) Close() error {
	s.once.Do(func() { close(s.stop) })
	err := s.http.Close()
	<-s.done
	if err != nil {
		return fmt.Errorf("close the runtime API: %w", err)
	}
	return nil
}

// next waits for an invocation. It returns nil if the client went away or the
// server is closing.
func (s *Server) next(ctx context.Context) *Call {
	select {
	case c := <-s.work:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.state, s.current, s.waiting = running, c, false
		return c
	case <-ctx.Done():
	case <-s.stop:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	return nil
}
