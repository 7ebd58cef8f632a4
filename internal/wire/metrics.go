package wire

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The values of labels that callers could make many of.
const (
	unknownName = "unknown" // of services and operations that are not in a model
	codeOK      = "OK"
	codeOther   = "other" // of all error codes after the first maxCodes of an operation
)

// maxCodes bounds how many error codes of one operation are told apart.
const maxCodes = 64

// metrics are what is counted of all requests.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	received *prometheus.CounterVec
	sent     *prometheus.CounterVec
	inFlight prometheus.Gauge

	mu     sync.Mutex            // guards others
	others map[string]*opMetrics // of requests without an operation, by service
}

// opMetrics are the metrics of one operation, looked up once.
type opMetrics struct {
	ok             prometheus.Counter
	seconds        prometheus.Observer
	received, sent prometheus.Counter

	all                *metrics
	service, operation string
	mu                 sync.RWMutex // guards codes
	codes              map[string]prometheus.Counter
}

// newMetrics registers the metrics, or returns nil if there is no registry.
func newMetrics(r prometheus.Registerer) *metrics {
	if r == nil {
		return nil
	}
	labels := []string{"service", "operation"}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormbus_wire_requests_total", Help: "Requests that were answered, by the code of their error (OK if there was none).",
		}, append(labels, "code")),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "stormbus_wire_request_duration_seconds", Help: "Time from the head of a request to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, labels),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormbus_wire_received_bytes_total", Help: "Bytes of the bodies of requests.",
		}, labels),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stormbus_wire_sent_bytes_total", Help: "Bytes of the bodies of answers.",
		}, labels),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "stormbus_wire_requests_in_flight", Help: "Requests that are being answered.",
		}),
		others: map[string]*opMetrics{},
	}
	r.MustRegister(m.requests, m.seconds, m.received, m.sent, m.inFlight)
	return m
}

// forOperation returns the metrics of an operation of a model. Those that
// nobody calls have none.
func (m *metrics) forOperation(slot *atomic.Pointer[opMetrics], service, operation string) *opMetrics {
	if o := slot.Load(); o != nil {
		return o
	}
	slot.CompareAndSwap(nil, m.make(service, operation))
	return slot.Load()
}

// forService returns the metrics of requests to a service, or to what it is
// instead, that are for no operation. The names must come from the program.
func (m *metrics) forService(service string) *opMetrics {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.others[service] == nil {
		m.others[service] = m.make(service, unknownName)
	}
	return m.others[service]
}

func (m *metrics) make(service, operation string) *opMetrics {
	return &opMetrics{
		ok: m.requests.WithLabelValues(service, operation, codeOK), seconds: m.seconds.WithLabelValues(service, operation),
		received: m.received.WithLabelValues(service, operation), sent: m.sent.WithLabelValues(service, operation),
		all: m, service: service, operation: operation, codes: map[string]prometheus.Counter{},
	}
}

// count counts one request.
func (o *opMetrics) count(code string, took time.Duration, received, sent int64) {
	if code == "" {
		o.ok.Inc()
	} else {
		o.failures(code).Inc()
	}
	o.seconds.Observe(took.Seconds())
	o.received.Add(float64(received))
	o.sent.Add(float64(sent))
}

// failures returns the counter of an error code.
func (o *opMetrics) failures(code string) prometheus.Counter {
	o.mu.RLock()
	c := o.codes[code]
	o.mu.RUnlock()
	if c != nil {
		return c
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.codes) >= maxCodes && o.codes[code] == nil {
		code = codeOther
	}
	if o.codes[code] == nil {
		o.codes[code] = o.all.requests.WithLabelValues(o.service, o.operation, code)
	}
	return o.codes[code]
}

// observe counts the request of c, which has ended after took.
func (c *call) observe(took time.Duration) {
	m := c.server.metrics
	var o *opMetrics
	switch {
	case c.op != nil:
		o = m.forOperation(&c.op.metrics, c.op.service.model.Name, c.op.model.Name)
	case c.service != nil:
		o = m.forService(c.service.model.Name)
	case c.handedOn:
		o = m.forService(c.req.Service)
	default: // c.req.Service may be what the caller has written
		o = m.forService(unknownName)
	}
	code := c.code
	if code == "" && c.status >= 400 { // another handler's answer
		code = "HTTP" + strconv.Itoa(c.status)
	}
	o.count(code, took, c.received, int64(c.size))
}
