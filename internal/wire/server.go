package wire

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"stormbus/internal/clock"
	"stormbus/internal/shape"
	"stormbus/internal/sigv4"
)

// InternalPrefix is where the server's own paths begin: the console, health,
// helpers. They are not AWS's and go to Config.Internal.
const InternalPrefix = "/_stormbus/"

// DefaultMaxBody is the largest body that is read: what AWS allows for Lambda's
// CreateFunction, the largest of all.
const DefaultMaxBody = 70167211

// Config is what a server needs. Only Services must be given.
type Config struct {
	Services []Service
	// Internal gets the requests below InternalPrefix. They have passed the
	// check of Host and Origin and nothing else.
	Internal http.Handler
	// Hosts get the requests for the hosts of APIs and of function URLs, by the
	// kind of the host (HostAPI, HostFunction); Request.Host tells which. They
	// have passed the same check as those of Internal.
	Hosts map[string]http.Handler

	// Account and Region are those of requests that are not signed. They are
	// 000000000000 and us-east-1 if empty.
	Account, Region string
	// AccountOf tells the account of an access key. Keys that it does not
	// know, and all keys if it is nil, are treated as AWS's emulators do: 12
	// digits are the account itself, others belong to Account.
	AccountOf func(accessKeyID string) (account string, ok bool)
	// Auth verifies the signature of every request for an operation that AWS
	// wants signed, and of those of Internal but for health and metrics; the
	// account is that of the key. If nil, any signature is taken for what it
	// says, and none is needed.
	Auth *sigv4.Verifier
	// AllowedHosts are host names, without port, at which the server may be
	// reached beside those of this machine.
	AllowedHosts []string
	// CrossSite reports whether a request that comes from a page of another
	// site may pass, because the service that gets it answers by CORS itself:
	// function URLs, APIs, buckets. If nil, none may.
	CrossSite func(r *http.Request) bool
	// MaxBody is the size of the largest body in bytes that is held in memory,
	// DefaultMaxBody if 0. Most services and operations allow less.
	MaxBody int64
	// Logger gets one line for every request (Debug), one for every error with
	// a status of 500 and more (Error), and one for every operation that is
	// not implemented (Warn). If nil, nothing is logged.
	Logger *slog.Logger
	// Metrics counts requests, if it is not nil.
	Metrics prometheus.Registerer
	// Random is where request ids come from, crypto/rand if nil.
	Random io.Reader
}

// Server is an http.Handler that answers for all services. It is safe for
// concurrent use, and has nothing to close.
type Server struct {
	services []*service
	internal http.Handler
	hosts    map[string]http.Handler

	account, region string
	accountOf       func(string) (string, bool)
	auth            *sigv4.Verifier // nil: off
	allowedHosts    map[string]bool
	crossSite       func(*http.Request) bool
	maxBody         int64
	log             *slog.Logger
	metrics         *metrics // nil: nothing is counted
	clock           clock.Clock
	ids             *idSource
	buffers         sync.Pool // *[]byte, for answers
}

// service is a Service, prepared.
type service struct {
	model        *shape.Service
	codecs       map[shape.Protocol]codec // of the protocols that it speaks
	ops          map[string]*operation
	paths        *routes         // of a REST service, else nil
	hostPrefixes map[string]bool // that clients put before the host name
}

func (s *service) speaks(p shape.Protocol) bool { return s.codecs[p] != nil }

// greedy services take every path: S3.
func (s *service) greedy() bool { return s.model.Protocol == shape.RestXML }

// operation is one operation of a model, and its implementation if there is
// one.
type operation struct {
	service *service
	model   *shape.Operation
	impl    *Operation // nil: answers NotImplemented
	in, out *plan
	metrics atomic.Pointer[opMetrics]
}

// status is the HTTP status of a good answer.
func (o *operation) status() int {
	if o.model.Status != 0 {
		return o.model.Status
	}
	return http.StatusOK
}

// streams reports whether the operation reads the body itself.
func (o *operation) streams() bool {
	return o.in.payload != nil && o.in.payload.plan.kind == reader
}

// NewServer makes a server. It panics if an operation does not fit its model:
// that cannot depend on anything but the program.
func NewServer(c Config) *Server {
	s := &Server{
		internal: c.Internal, hosts: c.Hosts, account: nameOr(c.Account, "000000000000"), region: nameOr(c.Region, "us-east-1"),
		accountOf: c.AccountOf, auth: c.Auth, allowedHosts: map[string]bool{}, crossSite: c.CrossSite, maxBody: c.MaxBody, log: c.Logger, metrics: newMetrics(c.Metrics), clock: clock.Real(),
		ids: &idSource{random: c.Random}, buffers: sync.Pool{New: func() any { return new([]byte) }},
	}
	if s.maxBody == 0 {
		s.maxBody = DefaultMaxBody
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.ids.random == nil {
		s.ids.random = rand.Reader
	}
	for _, host := range c.AllowedHosts {
		s.allowedHosts[strings.ToLower(host)] = true
	}
	for _, in := range c.Services {
		made, err := prepare(in)
		if err != nil {
			panic(fmt.Sprintf("wire: service %s: %v", in.Model.Name, err))
		}
		s.services = append(s.services, made)
	}
	return s
}

// prepare plans all operations of a service.
func prepare(in Service) (*service, error) {
	s := &service{
		model: in.Model, codecs: map[shape.Protocol]codec{}, ops: map[string]*operation{}, hostPrefixes: map[string]bool{},
	}
	for _, protocol := range append([]shape.Protocol{in.Model.Protocol}, in.Model.Also...) {
		if s.codecs[protocol] = codecFor(protocol); s.codecs[protocol] == nil {
			return nil, fmt.Errorf("there is no codec for protocol %s", protocol)
		}
	}
	if s.speaks(shape.RestJSON) || s.speaks(shape.RestXML) {
		s.paths = &routes{}
	}
	for i := range in.Model.Operations {
		op := &operation{service: s, model: &in.Model.Operations[i]}
		s.ops[op.model.Name] = op
		s.hostPrefixes[op.model.HostPrefix] = op.model.HostPrefix != ""
		if s.paths != nil {
			if err := s.paths.add(op); err != nil {
				return nil, err
			}
		}
	}
	planner := newPlanner(in.Model)
	for i := range in.Operations {
		impl := &in.Operations[i]
		op := s.ops[impl.name]
		switch {
		case op == nil:
			return nil, fmt.Errorf("operation %s is not in the model", impl.name)
		case op.impl != nil:
			return nil, fmt.Errorf("operation %s is given twice", impl.name)
		case !op.model.Listed:
			return nil, fmt.Errorf("operation %s has no generated types", impl.name)
		}
		var err error
		if op.in, err = planner.plan(op.model.Input, impl.in); err != nil {
			return nil, fmt.Errorf("input of %s: %w", impl.name, err)
		}
		if op.out, err = planner.plan(op.model.Output, impl.out); err != nil {
			return nil, fmt.Errorf("output of %s: %w", impl.name, err)
		}
		op.impl = impl
	}
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, w: w, r: r, started: s.clock.Now(), buffer: s.buffers.Get().(*[]byte)}
	c.buf = (*c.buffer)[:0]
	if s.metrics != nil {
		s.metrics.inFlight.Inc()
	}
	defer c.finish()
	if !c.identify() {
		return
	}
	if e := s.guard(r); e != nil {
		c.failWith(e)
		return
	}
	// A bucket or a function may have such a path as well, at its own host. A
	// page from there must not get at what is the server's.
	if s.internal != nil && strings.HasPrefix(r.URL.Path, InternalPrefix) && virtualHost(r.Host).Kind == "" {
		if err := c.toInternal(); err != nil {
			c.failWith(err)
		}
		return
	}
	if err := c.safely(); err != nil {
		c.failWith(err)
	}
}

var _ http.Handler = (*Server)(nil)
