package sqs

import (
	"context"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// PurgeQueue removes all messages of a queue. What a FIFO queue remembers of
// messages that were sent stays: a copy of one that was purged is still a copy.
func (s *Service) PurgeQueue(ctx context.Context, in *shape.PurgeQueueInput) (*shape.PurgeQueueOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.update(store.Reclaiming(ctx), l, purge); err != nil {
		return nil, apiError(err)
	}
	return &shape.PurgeQueueOutput{}, nil
}

func purge(w *work) error {
	now := in(w.tx, 0) // as precise as the row
	if !w.st.purged.IsZero() && now.Sub(w.st.purged) < purgeInterval {
		return errPurgeInProgress(w.q.Name)
	}
	for _, table := range []string{
		tableIndex, tableMessage, tableState, tableEarly, tableGroup, tableMember, tableHidden,
	} {
		lo := w.q.table(table)
		w.tx.DeleteRange(lo, store.PrefixEnd(lo))
	}
	w.st.total, w.st.purged = 0, now
	w.purged = true
	w.flying.reset()
	return nil
}
