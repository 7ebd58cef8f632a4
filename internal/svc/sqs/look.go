package sqs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/store"
)

// Summary is a queue at a glance.
type Summary struct {
	Name     string `json:"name"`
	ARN      string `json:"arn"`
	Region   string `json:"region"`
	Account  string `json:"account"`
	Fifo     bool   `json:"fifo"`
	Visible  uint64 `json:"visible"`
	Delayed  uint64 `json:"delayed"`
	InFlight uint64 `json:"inFlight"`
	// DeadLetters is the ARN of the dead-letter queue; empty if there is none.
	DeadLetters string `json:"deadLetters,omitempty"`
}

// Summaries describes all queues of all accounts and regions, by ARN.
func (s *Service) Summaries(ctx context.Context) ([]Summary, error) {
	out := []Summary{}
	for _, l := range s.queues.all() {
		q := l.config.Load()
		c, err := s.count(ctx, q)
		if err != nil {
			if ignoreGone(err) == nil {
				continue // deleted meanwhile
			}
			return nil, err
		}
		sum := Summary{
			Name: q.Name, ARN: q.ARN().String(), Region: q.Scope.Region, Account: q.Scope.Account, Fifo: q.Settings.Fifo,
			Visible: c.visible, Delayed: c.delayed, InFlight: c.inFlight,
		}
		if q.Settings.Redrive != nil {
			sum.DeadLetters = q.Settings.Redrive.Target.String()
		}
		out = append(out, sum)
	}
	slices.SortFunc(out, func(a, b Summary) int { return cmp.Compare(a.ARN, b.ARN) })
	return out, nil
}

// Peeked is a message that somebody looked at without receiving it.
type Peeked struct {
	ID       string    `json:"id"`
	Body     string    `json:"body"`
	Sent     time.Time `json:"sent"`
	Visible  time.Time `json:"visibleFrom"`
	Receives uint32    `json:"receives"`
	Group    string    `json:"group,omitempty"`
	Trace    string    `json:"trace,omitempty"`
	Source   string    `json:"source,omitempty"` // ARN of the queue whose dead letter it is
}

// Peek shows the oldest messages of a queue, whatever their state, and changes
// nothing: no message is hidden or counted as received. It fails with
// [ErrNoQueue] if there is no such queue.
func (s *Service) Peek(ctx context.Context, queue arn.ARN, most int) ([]Peeked, error) {
	l, ok := s.queueByARN(queue)
	if !ok {
		return nil, ErrNoQueue
	}
	q := l.config.Load()
	var out []Peeked
	err := s.store.View(ctx, q.Part, func(v store.View) error {
		out = []Peeked{}
		st, err := readStats(v, q)
		if err != nil {
			return err
		}
		for k, row := range v.Scan(q.messageKey(st.oldest), store.PrefixEnd(q.table(tableMessage))) {
			if len(out) == most {
				return nil
			}
			seq, ok := q.splitSeq(tableMessage, k)
			if !ok {
				return fmt.Errorf("message key %x: %w", k, store.ErrDamaged)
			}
			p, err := peek(v, q, seq, row)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

func peek(v store.View, q *Queue, seq uint64, row []byte) (Peeked, error) {
	m, err := decodeMessage(row)
	if err != nil {
		return Peeked{}, err
	}
	st, sent, err := stateOf(v, q, seq, row)
	return Peeked{
		ID: m.id, Body: m.body, Sent: sent, Visible: st.visible, Receives: m.carried + st.receives,
		Group: m.group, Trace: m.trace, Source: m.source,
	}, err
}
