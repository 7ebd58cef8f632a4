package sqs

import (
	"context"
	"time"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// DeleteMessage removes a message that was received. A message that is gone
// already does not matter. In a standard queue a handle from an earlier receive
// does as well; in a FIFO queue the message must still be in flight, since the
// group may have gone on with it.
func (s *Service) DeleteMessage(ctx context.Context, in *shape.DeleteMessageInput) (*shape.DeleteMessageOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	c, err := l.config.Load().receipt(*in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	failed, err := s.discard(ctx, l, []receipt{c})
	if err == nil {
		err = failed[0]
	}
	if err != nil {
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
	out := &shape.DeleteMessageBatchOutput{}
	var receipts []receipt
	var ids []*string
	for _, e := range in.Entries {
		c, err := l.config.Load().receipt(*e.ReceiptHandle)
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.Id, err))
			continue
		}
		receipts, ids = append(receipts, c), append(ids, e.Id)
	}
	failed, err := s.discard(ctx, l, receipts)
	if err != nil {
		return nil, apiError(err)
	}
	for i, err := range failed {
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(ids[i], err))
			continue
		}
		out.Successful = append(out.Successful, shape.DeleteMessageBatchResultEntry{Id: ids[i]})
	}
	return out, nil
}

// receipt is a receipt handle, read and as it came.
type receipt struct {
	handle
	text string
}

// receipt reads a receipt handle that must come from q.
func (q *Queue) receipt(text string) (receipt, error) {
	h, ok := parseHandle(text)
	if !ok || h.queue != q.ID {
		return receipt{}, errHandle(text)
	}
	return receipt{h, text}, nil
}

// discard removes messages by handle and returns one outcome for each.
func (s *Service) discard(ctx context.Context, l *live, receipts []receipt) (failed []error, err error) {
	if len(receipts) == 0 {
		return nil, nil
	}
	failed = make([]error, len(receipts))
	err = s.update(store.Reclaiming(ctx), l, func(w *work) error {
		for i, r := range receipts {
			state, ok, err := w.state(r.seq)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if w.q.Settings.Fifo && (state.receives != r.receive || !state.visible.After(w.tx.Now())) {
				failed[i] = errInvalidValue(r.text, "ReceiptHandle", "The receipt handle has expired.")
				continue
			}
			if err := w.remove(r.seq, state); err != nil {
				return err
			}
		}
		return nil
	})
	return failed, err
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
	receipt
	timeout time.Duration
}

func (q *Queue) visibilityChange(text string, timeout *int64) (hiding, error) {
	if timeout == nil {
		return hiding{}, errMissingParameter(attrVisibility)
	}
	if *timeout < 0 || *timeout > int64(maxVisibility/time.Second) {
		return hiding{}, errInvalidNumber(*timeout, attrVisibility, "Must be >= 0 and <= 43200, if provided.")
	}
	r, err := q.receipt(text)
	return hiding{receipt: r, timeout: time.Duration(*timeout) * time.Second}, err
}

// hide applies changes of visibility and returns one outcome for each.
func (s *Service) hide(ctx context.Context, l *live, changes []hiding) (failed []error, err error) {
	if len(changes) == 0 {
		return nil, nil
	}
	failed = make([]error, len(changes))
	err = s.update(store.Reclaiming(ctx), l, func(w *work) error {
		for i, c := range changes {
			state, ok, err := w.state(c.seq)
			if err != nil {
				return err
			}
			if failed[i] = c.check(state, ok, in(w.tx, 0)); failed[i] != nil || !state.visible.After(w.tx.Now()) {
				continue
			}
			if c.timeout == 0 {
				w.flying.land(w)
			}
			if err := w.hide(c.seq, &state, in(w.tx, c.timeout)); err != nil {
				return err
			}
		}
		return nil
	})
	return failed, err
}

// check says why a change is refused: somebody else has received the message
// meanwhile, or it is gone, or it would be hidden for too long in all.
func (c hiding) check(st state, found bool, now time.Time) error {
	if !found || st.receives != c.receive {
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
