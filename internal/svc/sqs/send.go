package sqs

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// SendMessage puts one message into a queue.
func (s *Service) SendMessage(ctx context.Context, in *shape.SendMessageInput) (*shape.SendMessageOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	q := l.config.Load()
	d, err := compose(q, composition{
		body: *in.MessageBody, delay: in.DelaySeconds, attributes: in.MessageAttributes,
		system: in.MessageSystemAttributes, group: in.MessageGroupId, dedup: in.MessageDeduplicationId,
		sender: wire.From(ctx).Scope.Account, trace: wire.From(ctx).Trace,
	})
	if err != nil {
		return nil, err
	}
	if d.size > q.Settings.MaxMessageSize {
		return nil, errTooLong(q)
	}
	if err := s.put(ctx, l, q, []*draft{d}); err != nil {
		return nil, apiError(err)
	}
	return &shape.SendMessageOutput{
		MessageId:                    &d.message.id,
		MD5OfMessageBody:             &d.message.bodyMD5,
		MD5OfMessageAttributes:       optional(d.message.attrsMD5),
		MD5OfMessageSystemAttributes: optional(d.systemMD5),
		SequenceNumber:               q.sequence(d.message.seq),
	}, nil
}

// SendMessageBatch puts up to ten messages into a queue. Messages that are not
// as they should be fail for themselves.
func (s *Service) SendMessageBatch(ctx context.Context, in *shape.SendMessageBatchInput) (*shape.SendMessageBatchOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkBatch("SendMessage", in.Entries, func(e shape.SendMessageBatchRequestEntry) string { return *e.Id }); err != nil {
		return nil, err
	}
	q := l.config.Load()
	sender, trace := wire.From(ctx).Scope.Account, wire.From(ctx).Trace
	out := &shape.SendMessageBatchOutput{}
	var drafts []*draft
	var ids []*string
	total := 0
	for _, e := range in.Entries {
		d, err := compose(q, composition{
			body: *e.MessageBody, delay: e.DelaySeconds, attributes: e.MessageAttributes,
			system: e.MessageSystemAttributes, group: e.MessageGroupId, dedup: e.MessageDeduplicationId,
			sender: sender, trace: trace, inBatch: true,
		})
		if err == nil {
			total += d.size
			if d.size > q.Settings.MaxMessageSize && d.size <= MaxMessageSize {
				err = errInvalidParameter("One or more parameters cannot be validated. "+
					"Reason: Message must be shorter than %d bytes.", q.Settings.MaxMessageSize)
			}
		}
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		drafts, ids = append(drafts, d), append(ids, e.Id)
	}
	if total > MaxMessageSize {
		return nil, errLegacy("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.",
			MaxMessageSize, total)
	}
	if err := s.put(ctx, l, q, drafts); err != nil {
		return nil, apiError(err)
	}
	for i, d := range drafts {
		out.Successful = append(out.Successful, shape.SendMessageBatchResultEntry{
			Id: ids[i], MessageId: &d.message.id, MD5OfMessageBody: &d.message.bodyMD5,
			MD5OfMessageAttributes:       optional(d.message.attrsMD5),
			MD5OfMessageSystemAttributes: optional(d.systemMD5),
			SequenceNumber:               q.sequence(d.message.seq),
		})
	}
	return out, nil
}

// put stores messages in one Update and wakes receivers. All that can be done
// before is done before.
func (s *Service) put(ctx context.Context, l *live, q *Queue, drafts []*draft) error {
	if len(drafts) == 0 {
		return nil
	}
	rows := make([][]byte, len(drafts))
	for i, d := range drafts {
		id, err := uuid.NewRandomFromReader(s.random)
		if err != nil {
			return fmt.Errorf("make a message id: %w", err)
		}
		d.message.id = id.String()
		if err := s.traceCaused(&d.message); err != nil {
			return err
		}
		rows[i] = d.message.encode()
	}
	return s.update(ctx, l, func(w *work) error {
		for i, d := range drafts {
			if again, err := d.seen(w); again || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			seq, err := w.append(rows[i], d.message.group, in(w.tx, 0), in(w.tx, d.delay))
			if err != nil {
				return err
			}
			d.message.seq = seq
			d.remember(w)
			w.tellSent(d)
		}
		s.lineage.Write(w.tx, w.records...)
		return nil
	})
}

// seen reports whether a message is here already, or was: one with a name of its
// own, or one that a FIFO queue takes for the same.
func (d *draft) seen(w *work) (bool, error) {
	if d.once != nil {
		if _, first, err := store.Once(w.tx, d.once, onceMemory, nothing); !first || err != nil {
			return !first, err
		}
	}
	if d.dedup == nil {
		return false, nil
	}
	return d.duplicate(w)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
