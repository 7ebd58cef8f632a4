package sqs

import (
	"context"
	"maps"
	"slices"
	"strings"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// CreateQueue makes a queue. Asking again for a queue that exists is
// fine unless an attribute differs.
func (s *Service) CreateQueue(ctx context.Context, in *shape.CreateQueueInput) (*shape.CreateQueueOutput, error) {
	req := wire.From(ctx)
	k := key{scope: req.Scope, name: *in.QueueName}
	fifo, err := kindOf(k.name, in.Attributes)
	if err != nil {
		return nil, err
	}
	settings, err := defaultSettings(fifo).apply(in.Attributes, k.scope)
	if err != nil {
		return nil, err
	}
	if err := checkTags(k.name, in.Tags); err != nil {
		return nil, err
	}
	if err := s.checkRedrive(k, settings, in.Attributes); err != nil {
		return nil, err
	}
	if err := s.create(ctx, k, settings, in); err != nil {
		return nil, apiError(err)
	}
	url := queueURL(req.BaseURL, k)
	return &shape.CreateQueueOutput{QueueUrl: &url}, nil
}

// kindOf tells from its name and its attributes whether a new queue is a FIFO
// queue. The two must agree.
func kindOf(name string, attributes map[string]string) (fifo bool, err error) {
	base, suffixed := strings.CutSuffix(name, fifoSuffix)
	wanted := attributes[attrFifo] == "true"
	switch {
	case wanted && (!suffixed || !validName(base) || len(name) > maxNameLength):
		return false, errFifoQueueName()
	case !wanted && !validName(name):
		return false, errQueueName()
	}
	return wanted, nil
}

func (s *Service) create(ctx context.Context, k key, settings Settings, in *shape.CreateQueueInput) error {
	return s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		if row, ok := tx.Get(nameKey(k)); ok {
			existing, err := decodeQueue(row)
			if err != nil {
				return err
			}
			return sameSettings(existing.Settings, settings, in.Attributes)
		}
		if err := s.checkFree(tx, k); err != nil {
			return err
		}
		id := store.NextID(tx, "queue")
		q := &Queue{
			ID: id, Part: s.partition(id), Scope: k.scope, Name: k.name,
			Created: tx.Now(), Modified: tx.Now(), Settings: settings, Tags: maps.Clone(in.Tags),
		}
		return s.write(tx, q)
	})
}

// sameSettings compares the attributes that a second CreateQueue names.
func sameSettings(existing, wanted Settings, attributes map[string]string) error {
	known := settables()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if a, ok := known[name]; ok && a.show(&existing) != a.show(&wanted) {
			return errQueueNameExists(name)
		}
	}
	return nil
}

// write stores a queue and makes it known once that is durable.
func (s *Service) write(tx store.Tx, q *Queue) error {
	row, err := encodeQueue(q)
	if err != nil {
		return err
	}
	tx.Set(nameKey(q.key()), row)
	tx.OnDurable(func() { s.queues.put(q) })
	return nil
}

// change reads a queue, lets f make a changed copy, and stores that.
func (s *Service) change(ctx context.Context, k key, f func(q *Queue) error) error {
	return s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		row, ok := tx.Get(nameKey(k))
		if !ok {
			return ErrNoQueue
		}
		q, err := decodeQueue(row)
		if err != nil {
			return err
		}
		if err := f(q); err != nil {
			return err
		}
		return s.write(tx, q)
	})
}

// find returns the queue that a URL names.
func (s *Service) find(ctx context.Context, url *string) (*live, error) {
	k, err := parseURL(*url, wire.From(ctx).Scope.Region)
	if err != nil {
		return nil, err
	}
	l, ok := s.queues.get(k)
	if !ok {
		return nil, errQueueDoesNotExist()
	}
	return l, nil
}

// GetQueueUrl tells the address of a queue.
func (s *Service) GetQueueUrl(ctx context.Context, in *shape.GetQueueUrlInput) (*shape.GetQueueUrlOutput, error) {
	req := wire.From(ctx)
	k := key{scope: req.Scope, name: *in.QueueName}
	if in.QueueOwnerAWSAccountId != nil {
		k.scope.Account = *in.QueueOwnerAWSAccountId
	}
	if _, ok := s.queues.get(k); !ok {
		return nil, errQueueDoesNotExist()
	}
	url := queueURL(req.BaseURL, k)
	return &shape.GetQueueUrlOutput{QueueUrl: &url}, nil
}

// DeleteQueue removes a queue and its messages.
func (s *Service) DeleteQueue(ctx context.Context, in *shape.DeleteQueueInput) (*shape.DeleteQueueOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.delete(store.Reclaiming(ctx), l.config.Load()); err != nil {
		return nil, apiError(err)
	}
	return &shape.DeleteQueueOutput{}, nil
}

// delete takes three steps, because name and messages live in two partitions:
// the name goes and a note of the deletion comes; the messages go and a mark
// remains that refuses whoever still holds the queue; the note goes. A crash in
// between is finished by finishDeletes, which also removes the mark: the note
// stays until then.
func (s *Service) delete(ctx context.Context, q *Queue) error {
	l, ok := s.queues.id(q.ID)
	if !ok {
		return ErrNoQueue
	}
	err := s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		row, ok := tx.Get(nameKey(q.key()))
		if !ok {
			return ErrNoQueue
		}
		if stored, err := decodeQueue(row); err != nil || stored.ID != q.ID {
			return ErrNoQueue
		}
		tx.Delete(nameKey(q.key()))
		tx.Set(deletedKey(q.ID), encodeDeleted(q))
		if s.strict {
			letNameWait(tx, q.key())
		}
		tx.OnDurable(func() {
			if l, ok := s.queues.remove(q); ok {
				l.line.wakeAll()
			}
		})
		return nil
	})
	if err != nil {
		return err
	}
	// From here on the deletion will be finished whatever happens.
	return s.store.Update(context.WithoutCancel(ctx), q.Part, func(tx store.Tx) error {
		lo := store.AppendUint32([]byte(queuePrefix), q.ID)
		tx.DeleteRange(lo, store.PrefixEnd(lo))
		tx.StopTimer(retentionTimer, q.timerID())
		tx.StopTimer(forgetTimer, q.timerID())
		gone := stats{deleted: true}
		writeStats(tx, q, gone)
		tx.OnApply(func() {
			l.stats, l.counted = gone, true
			l.recent.forgetQueue(q.ID)
		})
		return nil
	})
}
