package lambda

import (
	"context"
	"fmt"

	"stormbus/internal/function"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// request is one attempt to run a function.
type request struct {
	id            string
	payload       []byte
	trace         telemetry.Trace // of what caused it
	invokedARN    string
	clientContext string

	cause    lineage.Cause // zero if no event caused it
	delivery string        // in the function's queue
	attempt  int
}

// run runs a function and returns what became of it together with the record of
// the run. The error says that it did not run.
func (s *Service) run(ctx context.Context, f *Function, r request) (function.Result, lineage.Record, error) {
	dir, err := s.codeDir(ctx, f)
	if err != nil {
		return function.Result{}, lineage.Record{}, err
	}
	trace, err := s.newTrace(r.trace)
	if err != nil {
		return function.Result{}, lineage.Record{}, err
	}
	begin := s.clock.Now()
	res, err := s.runner.Invoke(ctx, f.spec(dir, s.unreserved(f)), function.Invocation{
		RequestID: r.id, Payload: r.payload, Trace: trace, InvokedARN: r.invokedARN, ClientContext: r.clientContext,
	})
	if err != nil {
		return res, lineage.Record{}, fmt.Errorf("run %s: %w", f.Name, err)
	}
	record := lineage.Record{
		Kind: lineage.Invoked, EventID: r.cause.EventID, Delivery: r.delivery, Span: trace.Parent, Attempt: r.attempt,
		Start: begin, RequestID: r.id, Function: f.arn().String(), Duration: res.Duration, Init: res.InitDuration,
		Outcome: lineage.OK, Code: res.ErrorType, Message: res.ErrorMessage,
	}
	switch {
	case res.TimedOut:
		record.Outcome = lineage.Timeout
	case res.FunctionError != "":
		record.Outcome = lineage.Error
	}
	return res, record, nil
}

// newTrace returns the trace of a new run: that of its cause, with a span of
// its own as the parent of all that it does.
func (s *Service) newTrace(cause telemetry.Trace) (telemetry.Trace, error) {
	t, err := s.rooted(cause)
	if err != nil {
		return t, err
	}
	t.Parent, err = telemetry.NewSpan(s.random)
	return t, err
}

// rooted returns the trace of a cause with a root, and sampled or not.
func (s *Service) rooted(cause telemetry.Trace) (telemetry.Trace, error) {
	t := cause
	if t.Sampled == "" || t.Sampled == "?" {
		t.Sampled = "1"
	}
	if t.Root != "" {
		return t, nil
	}
	var err error
	t.Root, err = telemetry.NewRoot(s.random, s.clock.Now())
	return t, err
}

// unreserved is the concurrency that functions without a reservation share.
func (s *Service) unreserved(f *Function) int {
	return max(s.concurrency-s.known.reserved(f.Scope, 0), 1)
}

// maxLater is how many records wait for writeLater at most; maxTogether is how
// many of them it writes in one Update.
const (
	maxLater    = 4096
	maxTogether = 256
)

// recordLater makes a record durable soon. The caller of a synchronous
// invocation does not wait for it.
func (s *Service) recordLater(ctx context.Context, r lineage.Record) {
	r.Time = s.clock.Now()
	select {
	case s.later <- r:
	default:
		s.record(ctx, r)
	}
}

// record makes records durable.
func (s *Service) record(ctx context.Context, rs ...lineage.Record) {
	err := s.store.Update(context.WithoutCancel(ctx), s.partition(rs[0].RequestID), func(tx store.Tx) error {
		s.lineage.Write(tx, rs...)
		return nil
	})
	if err != nil {
		s.log.Warn("what is known of a function's run could not be stored",
			telemetry.KeyRequestID, rs[0].RequestID, "runs", len(rs), telemetry.KeyError, err)
	}
}

// writeLater writes the records that nobody waits for, until the service is
// closed.
func (s *Service) writeLater() {
	for {
		select {
		case r := <-s.later:
			s.record(context.Background(), s.more(r)...)
		case <-s.stop:
			for len(s.later) > 0 {
				s.record(context.Background(), s.more(<-s.later)...)
			}
			return
		}
	}
}

// more returns r and the records that wait behind it.
func (s *Service) more(r lineage.Record) []lineage.Record {
	rs := []lineage.Record{r}
	for len(rs) < maxTogether {
		select {
		case r := <-s.later:
			rs = append(rs, r)
		default:
			return rs
		}
	}
	return rs
}
