package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/console"
	"stormbus/internal/telemetry"
	"stormbus/internal/tlsport"
	"stormbus/internal/wire"
)

// The limits of one HTTP connection. Bodies and answers have none: a synchronous
// invocation may take 15 minutes.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
)

// How much of Stop's time open requests may take, and then the deliveries that
// are under way.
const (
	requestTime  = 4 * time.Second
	deliveryTime = 2 * time.Second
)

// ErrStoreHalted says that a write could not be made durable. Nothing was
// acknowledged since; the process must be started again.
var ErrStoreHalted = errors.New("the store has halted")

// App is one server. Its methods may be called in the order New, Start, Stop,
// each once.
type App struct {
	cfg      Config
	url      string
	services []wire.Service
	python   *search
	keys     *keyring // nil if signatures are not verified
	tls      *tlsport.Authority
	ready    atomic.Bool
	failed   chan error    // buffered: the first failure
	done     chan struct{} // closed when Stop begins
	cleanups cleanups
	// beforeDrain ends the requests that only wait, such as long polls.
	beforeDrain func(context.Context) error
}

// New returns a server that does nothing yet.
func New(c Config) *App {
	return &App{cfg: c.withDefaults(), failed: make(chan error, 1), done: make(chan struct{})}
}

// Start opens the store, starts every part and listens. When it returns nil
// the server is ready; after an error nothing of it is left.
func (a *App) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, a.cleanups.run(context.WithoutCancel(ctx)))
		}
	}()
	if err := a.readKeys(); err != nil {
		return err
	}
	listener, err := a.listen(ctx)
	if err != nil {
		return err
	}
	// Whoever connects from here on waits until the parts have started.
	a.cleanups.add("close the listener", func(context.Context) error { return ignoreClosed(listener.Close()) })
	handler, err := a.assemble(ctx)
	if err != nil {
		return err
	}
	if a.tls, err = tlsport.Open(filepath.Join(a.cfg.DataDir, tlsDir), clock.Real()); err != nil {
		return err
	}
	a.serve(tlsport.Listen(listener, a.tls.Config(handler.ServesHost), headerTime), handler)
	a.cleanups.add("end waiting requests", a.beforeDrain)
	a.ready.Store(true)
	return nil
}

func (a *App) listen(ctx context.Context) (net.Listener, error) {
	address := net.JoinHostPort(a.cfg.Host, strconv.Itoa(a.cfg.Port))
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program (take another port with --port, or a free one with --port 0)", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", address, err), l.Close())
	}
	a.url = "http://" + net.JoinHostPort(reachable(a.cfg.Host), port)
	return l, nil
}

// reachable returns the host at which programs on this machine reach a server
// that listens on host.
func reachable(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

func (a *App) serve(l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, ConnContext: wire.ConnContext,
		ErrorLog: slog.NewLogLogger(a.cfg.Logger.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.fail(fmt.Errorf("serve: %w", err))
		}
	}()
	a.cleanups.add("end open requests", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			a.cfg.Logger.Warn("requests were cut off", telemetry.KeyError, err)
			return server.Close()
		}
		return nil
	})
}

// fail reports a failure that the server cannot go on after. Only the first
// one is kept.
func (a *App) fail(err error) {
	select {
	case a.failed <- err:
	default:
	}
}

func (a *App) halted(err error) { a.fail(fmt.Errorf("%w: %w", ErrStoreHalted, err)) }

// Failed receives the error after which the server cannot go on, if there ever
// is one. Stop it then.
func (a *App) Failed() <-chan error { return a.failed }

// URL returns where programs on this machine reach the server.
func (a *App) URL() string { return a.url }

// CAFile returns the certificate that clients must trust (AWS_CA_BUNDLE) to
// reach the server by HTTPS, at the same port.
func (a *App) CAFile() string { return a.tls.File() }

// Services returns the names of the AWS services that the server has.
func (a *App) Services() []string {
	names := make([]string, 0, len(a.services))
	for _, s := range a.services {
		names = append(names, s.Model.Name)
	}
	return names
}

// Stop takes no more requests, ends what has begun, and closes the store. What
// has not ended when ctx does is cut off; it is delivered again after the next
// start.
func (a *App) Stop(ctx context.Context) error {
	a.ready.Store(false)
	close(a.done)
	return a.cleanups.run(ctx)
}

func (a *App) health() console.Health {
	h := console.Health{Ready: a.ready.Load(), Status: "ok", Version: a.cfg.Version, Services: map[string]string{}}
	state := "running"
	if !h.Ready {
		h.Status, state = "stopping", "stopping"
	}
	for _, name := range a.Services() {
		h.Services[name] = state
	}
	return h
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
