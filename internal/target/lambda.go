package target

import (
	"context"
	"errors"
	"fmt"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/wire"
)

// Functions takes events for Lambda's asynchronous queue. *[lambda.Service]
// implements it.
type Functions interface {
	InvokeAsync(ctx context.Context, fn arn.ARN, events []lambda.AsyncEvent) []error
}

// Lambda makes targets that are functions. As on AWS, an event is delivered
// once the function's own queue has it: from there on the queue's retries and
// dead letters apply, and no longer the rule's.
func Lambda(f Functions) Maker {
	return func(to arn.ARN, _ events.TargetParams) (delivery.Target, error) {
		if _, _, ok := to.FunctionName(); !ok {
			return nil, errors.New("it does not name a function")
		}
		return &functionQueue{functions: f, arn: to}, nil
	}
}

// functionQueue delivers to the queue of one function.
type functionQueue struct {
	functions Functions
	arn       arn.ARN
}

// Deliver hands over all events that a function can take, or none.
func (q *functionQueue) Deliver(ctx context.Context, batch []delivery.Delivery) []error {
	accepted := make([]lambda.AsyncEvent, len(batch))
	for i, d := range batch {
		accepted[i] = lambda.AsyncEvent{
			Payload: d.Payload, Trace: d.Trace, Cause: lineage.Cause{EventID: d.EventID, Delivery: d.ID},
		}
	}
	errs := q.functions.InvokeAsync(ctx, q.arn, accepted)
	for i, err := range errs {
		errs[i] = q.failure(err)
	}
	return errs
}

// failure says what became of an event that the queue did not take: a function
// that is not there, and an event that no function takes, will not get better by
// trying.
func (q *functionQueue) failure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, lambda.ErrNoFunction):
		return &delivery.Failure{
			Code: delivery.CodeNoResource, Message: fmt.Sprintf("The function %s does not exist.", q.arn), Permanent: true,
		}
	case errors.Is(err, store.ErrReadOnly):
		return &delivery.Failure{Code: delivery.CodeThrottling, Message: err.Error()}
	}
	if refused, ok := errors.AsType[*wire.Error](err); ok {
		code := delivery.CodeInvalidParameter
		if refused.Code == shape.ErrInvalidRequestContentException {
			code = delivery.CodeInvalidJSON
		}
		return &delivery.Failure{Code: code, Message: refused.Message, Permanent: true}
	}
	return fmt.Errorf("invoke %s: %w", q.arn, err)
}

// FunctionLetters sends what functions' queues gave up to SQS queues, with
// Lambda's attributes.
type FunctionLetters struct {
	queues Queues
}

// NewFunctionLetters returns what sends dead letters to queues.
func NewFunctionLetters(q Queues) *FunctionLetters { return &FunctionLetters{queues: q} }

// SendLetter puts the event, as the function was to get it, into the queue. A
// letter that is sent again arrives once.
func (f *FunctionLetters) SendLetter(ctx context.Context, l lambda.Letter) error {
	attributes := map[string]sqs.Attribute{
		"ErrorCode": {DataType: "Number", Text: l.ErrorCode},
		"RequestID": {DataType: "String", Text: l.RequestID},
	}
	if message := clean(l.ErrorMessage); message != "" {
		attributes["ErrorMessage"] = sqs.Attribute{DataType: "String", Text: message}
	}
	out := sqs.Outgoing{
		Body: escape(string(l.Event)), Attributes: attributes, Note: functionNote(l), TraceHeader: l.Trace.String(), Once: l.Once, AnySize: true,
		Cause: l.Cause,
	}
	return queueFailure(l.Queue, f.queues.Send(ctx, l.Queue, []sqs.Outgoing{out})[0])
}

var (
	_ delivery.Target    = (*functionQueue)(nil)
	_ lambda.DeadLetters = (*FunctionLetters)(nil)
)
