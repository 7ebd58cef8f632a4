package target

import (
	"context"
	"iter"
	"slices"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/svc/sqs"
)

// Letters finds the messages of queues. *[sqs.Service] implements it.
type Letters interface {
	Letters(ctx context.Context, queue arn.ARN) (*sqs.Letters, error)
}

// Rules knows the targets of rules. *[events.Service] implements it.
type Rules interface {
	FindLane(ctx context.Context, rule arn.ARN, target string, was delivery.LaneID) (lane delivery.LaneID, why string, err error)
}

// FunctionQueues knows the queues of functions. *[lambda.Service] implements it.
type FunctionQueues interface {
	Requeue(fn arn.ARN, e lambda.AsyncEvent) (delivery.LaneID, delivery.Job, error)
	SendersTo(queue arn.ARN) []arn.ARN
}

// Lanes takes jobs. *[delivery.Engine] implements it.
type Lanes interface {
	Enqueue(tx store.Tx, id delivery.LaneID, job delivery.Job) string
}

// Redriver delivers dead letters of rules and of functions again: into the lane
// that they were given up in, with its retries and its dead-letter queue as they
// are now. All fields are required.
//
// A letter leaves its queue in the transaction that makes the new delivery durable:
// a crash leaves it in the queue, or has it delivered, never both and never neither.
type Redriver struct {
	Queues    Letters
	Rules     Rules
	Functions FunctionQueues
	Lanes     Lanes
	Clock     clock.Clock // the store's
}

// Redrive delivers the dead letters that a queue holds now, oldest first, and tells
// of each message what became of it, when that is durable. It ends with the first
// error; [sqs.ErrNoQueue] says that there is no such queue. If the caller stops, or
// ctx ends, what was not told of may have been delivered too.
func (r *Redriver) Redrive(ctx context.Context, queue arn.ARN, o delivery.RedriveOptions) iter.Seq2[delivery.Redriven, error] {
	return func(yield func(delivery.Redriven, error) bool) {
		walk, err := r.Queues.Letters(ctx, queue)
		for left := o.Limit; err == nil; {
			var letters []sqs.Letter
			if letters, err = walk.Next(ctx); err != nil || len(letters) == 0 {
				break
			}
			var plans []planned
			if plans, err = r.plan(ctx, queue, letters); err != nil {
				break
			}
			for len(plans) > 0 {
				some := plans[:within(plans, left)]
				plans = plans[len(some):]
				if !o.DryRun {
					if err = r.deliver(ctx, walk, some); err != nil {
						break
					}
				}
				for i := range some {
					if !yield(some[i].Redriven, nil) {
						return
					}
					if some[i].Stays != "" || o.Limit == 0 {
						continue
					}
					if left--; left == 0 {
						return
					}
				}
			}
		}
		if err != nil {
			yield(delivery.Redriven{}, err)
		}
	}
}

// within returns how many plans there are up to the one that reaches a limit of
// letters; 0 is no limit.
func within(plans []planned, limit int) int {
	n := 0
	for i := range plans {
		if plans[i].Stays == "" {
			n++
		}
		if n == limit && n > 0 {
			return i + 1
		}
	}
	return len(plans)
}

// planned is a message and where it is to go, unless it stays.
type planned struct {
	delivery.Redriven
	letter sqs.Letter
	lane   delivery.LaneID
	job    delivery.Job
}

// deliver makes new deliveries durable, and removes their letters, in one
// transaction.
func (r *Redriver) deliver(ctx context.Context, walk *sqs.Letters, plans []planned) error {
	var letters []sqs.Letter
	var going []*planned
	for i := range plans {
		if p := &plans[i]; p.Stays == "" {
			letters, going = append(letters, p.letter), append(going, p)
		}
	}
	if len(letters) == 0 {
		return nil
	}
	ids := make([]string, len(letters))
	refused := make([]bool, len(letters))
	taken, err := walk.TakeOut(ctx, letters, func(tx store.Tx, i int) bool {
		ids[i] = r.Lanes.Enqueue(tx, going[i].lane, going[i].job)
		refused[i] = ids[i] == ""
		return !refused[i]
	})
	if err != nil {
		return err
	}
	for i, p := range going {
		switch {
		case taken[i]:
			p.Delivery = ids[i]
		case refused[i]:
			p.Stays = "its target was removed a moment ago"
		default:
			p.Stays = "somebody else received it, or deleted it, a moment ago"
		}
	}
	return nil
}

// plan says of each letter where it goes, or why it stays.
func (r *Redriver) plan(ctx context.Context, queue arn.ARN, letters []sqs.Letter) ([]planned, error) {
	plans := make([]planned, len(letters))
	now := r.Clock.Now()
	for i := range letters {
		p := &plans[i]
		p.letter, p.MessageID, p.Sent = letters[i], letters[i].ID, letters[i].Sent
		if err := r.planOne(ctx, queue, p); err != nil {
			return nil, err
		}
		if at := p.letter.Visible; p.Stays == "" && at.After(now) {
			p.Stays = "it is in flight or delayed until " + at.UTC().Format("2006-01-02 15:04:05") + " UTC: redrive again then"
		}
		p.job.Letter = &delivery.Letter{MessageID: p.MessageID, Queue: queue.String(), Sent: p.Sent, Of: p.letter.Cause}
	}
	return plans, nil
}

func (r *Redriver) planOne(ctx context.Context, queue arn.ARN, p *planned) error {
	has := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return p.letter.Attributes[name].Text == "" })
	}
	_, noted := parseFunctionNote(p.letter.Note)
	switch {
	case has("RULE_ARN", "TARGET_ARN"):
		return r.planRule(ctx, queue, p)
	case noted, has("RequestID", "ErrorCode"):
		r.planFunction(queue, p)
	case p.letter.Source != "":
		p.Stays = "it is a dead letter of the queue " + p.letter.Source + ": a move task (StartMessageMoveTask) brings it back"
	default:
		p.Stays = unknownLetter(p.letter, has)
	}
	return nil
}

// unknownLetter says of a message that comes neither from a rule nor from a
// function what it is.
func unknownLetter(l sqs.Letter, has func(...string) bool) string {
	const unsupported = " are not supported yet: nothing here writes them"
	switch {
	case has("SCHEDULE_ARN", "ERROR_CODE"):
		return "dead letters of schedules" + unsupported
	case has("SUBSCRIBER_ARN", "ERROR_CODE"):
		return "dead letters of subscribers of event buses (SUBSCRIBER_ARN)" + unsupported
	case isDestinationRecord(l.Body):
		return "records of on-failure destinations of functions" + unsupported
	}
	return "it is no dead letter: it has neither the attributes of a rule's (RULE_ARN, TARGET_ARN) nor those of a function's (RequestID, ErrorCode)"
}
