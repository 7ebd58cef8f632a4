package target

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/wire"
)

// Queues takes messages for queues, a batch in one transaction. *[sqs.Service]
// implements it.
type Queues interface {
	Send(ctx context.Context, queue arn.ARN, msgs []sqs.Outgoing) []error
}

// SQS makes targets that are queues.
func SQS(q Queues) Maker {
	return func(to arn.ARN, p events.TargetParams) (delivery.Target, error) {
		if err := checkQueue(to); err != nil {
			return nil, err
		}
		return &queue{queues: q, arn: to, group: p.GroupID}, nil
	}
}

func checkQueue(a arn.ARN) error {
	name, ok := a.QueueName()
	switch {
	case !ok:
		return errors.New("it does not name a queue")
	case strings.HasSuffix(name, ".fifo"):
		return errors.New("FIFO queues are not supported yet")
	}
	return nil
}

// queue delivers to one queue.
type queue struct {
	queues Queues
	arn    arn.ARN
	group  string // MessageGroupId; may be empty
}

// Deliver sends each payload as a message. The trace goes along as the system
// attribute AWSTraceHeader.
func (q *queue) Deliver(ctx context.Context, batch []delivery.Delivery) []error {
	msgs := make([]sqs.Outgoing, len(batch))
	for i, d := range batch {
		msgs[i] = sqs.Outgoing{Body: string(d.Payload), TraceHeader: d.Trace.String(), GroupID: q.group}
	}
	errs := q.queues.Send(ctx, q.arn, msgs)
	for i, err := range errs {
		errs[i] = queueFailure(q.arn, err)
	}
	return errs
}

// queueFailure says what became of a message that a queue did not take: a queue
// that is not there, and a message that no queue takes, will not get better.
func queueFailure(queue arn.ARN, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqs.ErrNoQueue):
		return &delivery.Failure{
			Code: delivery.CodeNoResource, Message: fmt.Sprintf("The queue %s does not exist.", queue), Permanent: true,
		}
	case errors.Is(err, store.ErrReadOnly):
		return &delivery.Failure{Code: delivery.CodeThrottling, Message: err.Error()}
	}
	if refused, ok := errors.AsType[*wire.Error](err); ok {
		return &delivery.Failure{Code: delivery.CodeInvalidParameter, Message: refused.Message, Permanent: true}
	}
	return fmt.Errorf("send to %s: %w", queue, err)
}

var _ delivery.Target = (*queue)(nil)
