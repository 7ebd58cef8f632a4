package sqs

import (
	"context"
	"time"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

// ReceiveMessage takes up to ten messages, hides them from other receivers for
// a while, and waits for a message if there is none.
func (s *Service) ReceiveMessage(ctx context.Context, in *shape.ReceiveMessageInput) (*shape.ReceiveMessageOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	o, err := receiveOptions(l.config.Load(), in)
	if err != nil {
		return nil, err
	}
	o.caller = wire.From(ctx).Trace.Caller()
	got, err := s.receive(ctx, l, o)
	if err != nil {
		return nil, apiError(err)
	}
	out := &shape.ReceiveMessageOutput{}
	want := newSelection(in)
	for _, r := range got {
		out.Messages = append(out.Messages, want.show(l.config.Load(), r))
	}
	return out, nil
}

// wanted is how to receive.
type wanted struct {
	max        int
	visibility time.Duration
	wait       time.Duration
	attempt    []byte // names the call, see attempt.go; nil if it has no name
	caller     string // the span of the call; empty if it has no trace
}

func receiveOptions(q *Queue, in *shape.ReceiveMessageInput) (wanted, error) {
	o := wanted{max: 1, visibility: q.Settings.Visibility, wait: q.Settings.Wait}
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > maxReceive {
			return o, errInvalidNumber(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
		}
		o.max = int(*n)
	}
	if n := in.VisibilityTimeout; n != nil {
		if *n < 0 || *n > int64(maxVisibility/time.Second) {
			return o, errInvalidNumber(*n, attrVisibility, "Must be >= 0 and <= 43200, if provided.")
		}
		o.visibility = time.Duration(*n) * time.Second
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > int64(maxWait/time.Second) {
			return o, errInvalidNumber(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
		}
		o.wait = time.Duration(*n) * time.Second
	}
	if id := in.ReceiveRequestAttemptId; id != nil {
		if !q.Settings.Fifo {
			return o, errNotForQueueType(*id, "ReceiveRequestAttemptId")
		}
		if !validID(*id, maxAttemptID) {
			return o, errInvalidID(*id, "ReceiveRequestAttemptId")
		}
		o.attempt = hashOf(*id)
	}
	return o, nil
}

// receive takes messages, waiting for the first one if o says so.
func (s *Service) receive(ctx context.Context, l *live, o wanted) ([]received, error) {
	if o.wait <= 0 {
		got, over, err := s.take(ctx, l, o)
		if err == nil && over && !l.config.Load().Settings.Fifo {
			return nil, errOverLimit()
		}
		return got, err
	}
	deadline := s.clock.NewTimer(o.wait)
	defer deadline.Stop()
	for {
		signal := l.line.join() // before looking, see line
		if l.gone.Load() {
			l.line.leave(signal)
			return nil, ErrNoQueue
		}
		got, _, err := s.take(ctx, l, o)
		if err != nil || len(got) > 0 {
			l.line.leave(signal)
			return got, err
		}
		select {
		case <-signal:
			continue
		case <-deadline.C():
		case <-s.stopped.Done():
		case <-ctx.Done():
		}
		l.line.leave(signal)
		return nil, nil
	}
}
