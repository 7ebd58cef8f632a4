package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/function"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// AsyncEvent is an event for a function's queue.
type AsyncEvent struct {
	RequestID string // made if empty
	Payload   []byte // JSON
	Trace     telemetry.Trace
	Cause     lineage.Cause // the delivery that leads here; zero if none does
}

// InvokeAsync accepts events for a function's queue and returns one outcome for
// each: nil when the event is durable; [ErrNoFunction] if there is no such
// function; a *wire.Error if no function can ever take this event; anything else
// may pass.
func (s *Service) InvokeAsync(ctx context.Context, fn arn.ARN, events []AsyncEvent) []error {
	errs := make([]error, len(events))
	var good []AsyncEvent
	for i, e := range events {
		if bad := checkPayload(e.Payload, maxAsyncEvent); bad != nil {
			errs[i] = bad
		} else {
			good = append(good, e)
		}
	}
	if len(good) == 0 {
		return errs
	}
	if err := s.accept(ctx, fn, good); err != nil {
		for i := range errs {
			if errs[i] == nil {
				errs[i] = err
			}
		}
	}
	return errs
}

// job is what puts the event into the queue of a function, which is named as it
// was invoked.
func (e *AsyncEvent) job(invoked arn.ARN) delivery.Job {
	return delivery.Job{
		EventID: e.RequestID, Cause: e.Cause,
		Body: delivery.Body{Event: e.Payload, Trace: e.Trace.String(), Meta: []byte(invoked.String())},
	}
}

// invoked returns the function that somebody invokes by an ARN, or [ErrNoFunction].
func (s *Service) invoked(fn arn.ARN) (*Function, error) {
	name, qualifier, ok := fn.FunctionName()
	if !ok || qualifier != "" && qualifier != Latest {
		return nil, ErrNoFunction
	}
	f, ok := s.known.get(ref{scope: fn.Of(), name: name})
	if !ok {
		return nil, ErrNoFunction
	}
	return f, nil
}

// Requeue returns the lane of a function's queue, and the job that puts an event
// into it again that the queue gave up. Its errors are those of [Service.InvokeAsync].
func (s *Service) Requeue(fn arn.ARN, e AsyncEvent) (delivery.LaneID, delivery.Job, error) {
	f, err := s.invoked(fn)
	if err != nil {
		return 0, delivery.Job{}, err
	}
	if bad := checkPayload(e.Payload, maxAsyncEvent); bad != nil {
		return 0, delivery.Job{}, bad
	}
	return f.Lane, e.job(fn), nil
}

// SendersTo returns the functions whose dead letters go to a queue, by ARN.
func (s *Service) SendersTo(queue arn.ARN) []arn.ARN {
	var out []arn.ARN
	for _, f := range s.known.all() {
		if f.Settings.DeadLetter == queue.String() {
			out = append(out, f.arn())
		}
	}
	slices.SortFunc(out, func(a, b arn.ARN) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

// accept makes all events durable, or none.
func (s *Service) accept(ctx context.Context, fn arn.ARN, events []AsyncEvent) error {
	f, err := s.invoked(fn)
	if err != nil {
		return err
	}
	ids := make([]string, len(events))
	for i, e := range events {
		if ids[i] = e.RequestID; ids[i] != "" {
			continue
		}
		id, err := uuid.NewRandomFromReader(s.random)
		if err != nil {
			return fmt.Errorf("make a request id: %w", err)
		}
		ids[i] = id.String()
	}
	refused := false
	err = s.store.Update(ctx, s.partition(ids[0]), func(tx store.Tx) error {
		refused = false
		for i, e := range events {
			e.RequestID = ids[i]
			refused = s.engine.Enqueue(tx, f.Lane, e.job(fn)) == "" || refused
		}
		if refused {
			return ErrNoFunction // it was deleted a moment ago
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrNoFunction) {
		return fmt.Errorf("accept events for %s: %w", f.Name, err)
	}
	return err
}

// The pauses after which an event is tried again.
const (
	firstRetry   = time.Minute
	secondRetry  = 2 * time.Minute
	throttlePace = time.Second
	throttleCap  = 5 * time.Minute
)

// lane is the queue of a function.
func (s *Service) lane(f *Function) delivery.Lane {
	l := delivery.Lane{
		Name: "function " + f.Name, TargetARN: f.arn().String(), Policy: f.policy(), Concurrency: s.async,
		Target: delivery.Each(func(ctx context.Context, d delivery.Delivery) error { return s.attempt(ctx, f.ID, d) }),
	}
	if f.Reserved != nil {
		// More would only be throttled. With a reservation of zero all are: they
		// wait in the queue until they are too old.
		l.Concurrency = max(1, min(l.Concurrency, *f.Reserved))
	}
	if f.Settings.DeadLetter == "" {
		return l
	}
	queue, err := arn.Parse(f.Settings.DeadLetter)
	if err != nil {
		// It was checked when it was set.
		s.log.Error("a dead-letter queue has no valid ARN", telemetry.KeyFunction, f.Name, telemetry.KeyError, err)
		return l
	}
	l.DeadLetter, l.DeadLetterARN = &deadLetter{s: s, queue: queue}, f.Settings.DeadLetter
	return l
}

// attempt runs a function for an event of its queue.
func (s *Service) attempt(ctx context.Context, id uint32, d delivery.Delivery) error {
	f, ok := s.known.id(id)
	if !ok {
		return &delivery.Failure{Code: delivery.CodeNoResource, Message: "The function was deleted.", Permanent: true}
	}
	res, record, err := s.run(ctx, f, request{
		id: d.EventID, payload: d.Payload, trace: d.Trace, invokedARN: string(d.Meta),
		cause: d.Cause, delivery: d.ID, attempt: d.Attempt,
	})
	if err != nil {
		return notRun(err, d.Attempt)
	}
	// The record is durable before the outcome is: who sees that the event was
	// delivered sees the run as well.
	s.record(ctx, record)
	if res.FunctionError == "" {
		return nil
	}
	after := firstRetry
	if d.Attempt > 1 {
		after = secondRetry
	}
	return &delivery.Failure{Code: orElse(res.ErrorType, res.FunctionError), Message: res.ErrorMessage, After: after}
}

// notRun is the outcome of an attempt that did not reach the function. It does
// not count as one: only the age of the event ends such attempts.
func notRun(err error, attempt int) error {
	f := &delivery.Failure{Code: codeServiceError, Message: err.Error(), Free: true, After: throttleCap}
	if shift := attempt - 1; shift < 9 {
		f.After = min(throttleCap, throttlePace<<max(shift, 0))
	}
	if errors.Is(err, function.ErrThrottled) {
		f.Code = delivery.CodeThrottling
	}
	return f
}

// codeServiceError is the code of attempts that failed on our side.
const codeServiceError = "ServiceException"

// deadLetter sends what a function's queue gave up.
type deadLetter struct {
	s     *Service
	queue arn.ARN
}

// Send sends the event as the function was to get it.
func (d *deadLetter) Send(ctx context.Context, l delivery.DeadLetterMessage) error {
	cause := lineage.Cause{EventID: l.Delivery.Cause.EventID, Delivery: l.Delivery.ID}
	if cause.EventID == "" {
		cause = lineage.Cause{}
	}
	return d.s.deadLetters.SendLetter(ctx, Letter{
		Queue: d.queue, Function: string(l.Delivery.Meta), Event: l.Delivery.Event, RequestID: l.Delivery.EventID, ErrorCode: status(l.Code), ErrorMessage: l.Message,
		Trace: l.Delivery.Trace, Cause: cause, Once: "function/" + l.Delivery.ID,
	})
}

// status is the HTTP status that AWS tells in a dead letter: that of the last
// invocation, which is a good one if the function ran and failed.
func status(code string) string {
	switch code {
	case delivery.CodeThrottling:
		return "429"
	case codeServiceError:
		return "500"
	}
	return "200"
}

var _ delivery.DeadLetter = (*deadLetter)(nil)
