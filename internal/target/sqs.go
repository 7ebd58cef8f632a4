package target

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
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
		name, ok := to.QueueName()
		switch {
		case !ok:
			return nil, errNotQueue
		case strings.HasSuffix(name, fifoSuffix) && p.GroupID == "":
			return nil, errors.New("a FIFO queue needs the MessageGroupId of SqsParameters")
		}
		return &queue{queues: q, arn: to, group: p.GroupID}, nil
	}
}

// fifoSuffix is how the names of FIFO queues end.
const fifoSuffix = ".fifo"

var errNotQueue = errors.New("it does not name a queue")

// checkDeadLetterQueue refuses what cannot be the dead-letter queue of a rule's
// target, as AWS does.
func checkDeadLetterQueue(a arn.ARN) error {
	name, ok := a.QueueName()
	switch {
	case !ok:
		return errNotQueue
	case strings.HasSuffix(name, fifoSuffix):
		return errors.New("a dead-letter queue must not be a FIFO queue")
	}
	return nil
}

// queue delivers to one queue.
type queue struct {
	queues Queues
	arn    arn.ARN
	group  string // MessageGroupId; may be empty
}

// Deliver sends each payload as a message. The root of the trace goes along in the
// system attribute AWSTraceHeader. A FIFO queue must deduplicate by content, as with
// AWS: nobody can give an event a deduplication id.
func (q *queue) Deliver(ctx context.Context, batch []delivery.Delivery) []error {
	msgs := make([]sqs.Outgoing, len(batch))
	for i, d := range batch {
		msgs[i] = sqs.Outgoing{
			Body: string(d.Payload), TraceHeader: d.Trace.String(), GroupID: q.group,
			Cause: lineage.Cause{EventID: d.EventID, Delivery: d.ID},
		}
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
