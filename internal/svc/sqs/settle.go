package sqs

import (
	"context"
	"time"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// DeleteMessage removes a message that was received. A handle from an earlier
// receive does as well, and a message that is gone already does not matter.
func (s *Service) DeleteMessage(ctx context.Context, in *shape.DeleteMessageInput) (*shape.DeleteMessageOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	q := l.config.Load()
	h, err := q.handle(*in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	if err := s.discard(ctx, q, []handle{h}); err != nil {
		return nil, apiError(err)
	}
	return &shape.DeleteMessageOutput{}, nil
}

// DeleteMessageBatch removes up to ten messages in one Update.
func (s *Service) DeleteMessageBatch(ctx context.Context, in *shape.DeleteMessageBatchInput) (*shape.DeleteMessageBatchOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkBatch("DeleteMessage", in.Entries, func(e shape.DeleteMessageBatchRequestEntry) string { return *e.Id }); err != nil {
		return nil, err
	}
	q := l.config.Load()
	out := &shape.DeleteMessageBatchOutput{}
	var handles []handle
	for _, e := range in.Entries {
		h, err := q.handle(*e.ReceiptHandle)
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		handles = append(handles, h)
		out.Successful = append(out.Successful, shape.DeleteMessageBatchResultEntry{Id: e.Id})
	}
	if err := s.discard(ctx, q, handles); err != nil {
		return nil, apiError(err)
	}
	return out, nil
}

// handle reads a receipt handle that must come from q.
func (q *Queue) handle(text string) (handle, error) {
	h, ok := parseHandle(text)
	if !ok || h.queue != q.ID {
		return h, errHandle(text)
	}
	return h, nil
}

// discard removes messages by handle.
func (s *Service) discard(ctx context.Context, q *Queue, handles []handle) error {
	if len(handles) == 0 {
		return nil
	}
	return s.store.Update(store.Reclaiming(ctx), q.Part, func(tx store.Tx) error {
		st, err := readStats(tx, q)
		if err != nil {
			return err
		}
		before := st.total
		for _, h := range handles {
			state, ok, err := readState(tx, q, h.seq)
			if err != nil {
				return err
			}
			if ok {
				q.remove(tx, h.seq, state)
				st.total--
			}
		}
		if st.total == before {
			return nil
		}
		if st.total == 0 {
			st.oldest = st.next
		}
		writeStats(tx, q, st)
		return nil
	})
}

// ChangeMessageVisibility changes how long a received message stays hidden,
// from now on. A message whose timeout has run out stays visible.
func (s *Service) ChangeMessageVisibility(ctx context.Context, in *shape.ChangeMessageVisibilityInput) (*shape.ChangeMessageVisibilityOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	c, err := l.config.Load().visibilityChange(*in.ReceiptHandle, in.VisibilityTimeout)
	if err != nil {
		return nil, err
	}
	failed, err := s.hide(ctx, l, []hiding{c})
	if err == nil {
		err = failed[0]
	}
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.ChangeMessageVisibilityOutput{}, nil
}

// ChangeMessageVisibilityBatch does so for up to ten messages in one Update.
func (s *Service) ChangeMessageVisibilityBatch(ctx context.Context, in *shape.ChangeMessageVisibilityBatchInput) (*shape.ChangeMessageVisibilityBatchOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkBatch("ChangeMessageVisibility", in.Entries, func(e shape.ChangeMessageVisibilityBatchRequestEntry) string { return *e.Id }); err != nil {
		return nil, err
	}
	out := &shape.ChangeMessageVisibilityBatchOutput{}
	var changes []hiding
	var ids []*string
	for _, e := range in.Entries {
		c, err := l.config.Load().visibilityChange(*e.ReceiptHandle, e.VisibilityTimeout)
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		changes, ids = append(changes, c), append(ids, e.Id)
	}
	failed, err := s.hide(ctx, l, changes)
	if err != nil {
		return nil, apiError(err)
	}
	for i, err := range failed {
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(ids[i], err))
			continue
		}
		out.Successful = append(out.Successful, shape.ChangeMessageVisibilityBatchResultEntry{Id: ids[i]})
	}
	return out, nil
}

// hiding is one change of visibility.
type hiding struct {
	handle  handle
	text    string // the handle as it came
	timeout time.Duration
}

func (q *Queue) visibilityChange(receipt string, timeout *int64) (hiding, error) {
	if timeout == nil {
		return hiding{}, errMissingParameter(attrVisibility)
	}
	if *timeout < 0 || *timeout > int64(maxVisibility/time.Second) {
		return hiding{}, errInvalidNumber(*timeout, attrVisibility, "Must be >= 0 and <= 43200, if provided.")
	}
	h, err := q.handle(receipt)
	return hiding{handle: h, text: receipt, timeout: time.Duration(*timeout) * time.Second}, err
}

// hide applies changes of visibility and returns one outcome for each.
func (s *Service) hide(ctx context.Context, l *live, changes []hiding) (failed []error, err error) {
	if len(changes) == 0 {
		return nil, nil
	}
	q := l.config.Load()
	failed = make([]error, len(changes))
	err = s.store.Update(store.Reclaiming(ctx), q.Part, func(tx store.Tx) error {
		if _, err := readStats(tx, q); err != nil {
			return err
		}
		var a arrivals
		for i, c := range changes {
			state, ok, err := readState(tx, q, c.handle.seq)
			if err != nil {
				return err
			}
			if failed[i] = c.check(state, ok, in(tx, 0)); failed[i] != nil || !state.visible.After(tx.Now()) {
				continue
			}
			tx.Delete(q.indexKey(state.visible, c.handle.seq))
			state.visible = in(tx, c.timeout)
			tx.Set(q.indexKey(state.visible, c.handle.seq), indexReceived)
			tx.Set(q.stateKey(c.handle.seq), state.encode())
			a.add(state.visible, tx.Now())
		}
		tx.OnDurable(func() { s.announce(l, a) })
		return nil
	})
	return failed, err
}

// check says why a change is refused: somebody else has received the message
// meanwhile, or it is gone, or it would be hidden for too long in all.
func (c hiding) check(st state, found bool, now time.Time) error {
	if !found || st.receives != c.handle.receive {
		return errInvalidValue(c.text, "ReceiptHandle",
			"Message does not exist or is not available for visibility timeout change.")
	}
	if !st.visible.After(now) {
		return nil // visible again: AWS says nothing and leaves it so
	}
	if now.Add(c.timeout).Sub(st.last) > maxVisibility {
		return errInvalidNumber(int64(c.timeout/time.Second), attrVisibility,
			"Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	return nil
}
