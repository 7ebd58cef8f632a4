package sqs

import (
	"context"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

// GetQueueAttributes shows attributes of a queue.
func (s *Service) GetQueueAttributes(ctx context.Context, in *shape.GetQueueAttributesInput) (*shape.GetQueueAttributesOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	q := l.config.Load()
	var c counts
	if wantsCounts(in.AttributeNames) {
		if c, err = s.count(ctx, q); err != nil {
			return nil, apiError(err)
		}
	}
	attributes, err := q.show(in.AttributeNames, c)
	if err != nil || len(attributes) == 0 {
		return &shape.GetQueueAttributesOutput{}, err
	}
	return &shape.GetQueueAttributesOutput{Attributes: attributes}, nil
}

// count counts the messages of a queue. The visible ones are what is left when
// the hidden ones are taken from all: a scan from now on never meets the
// remains of messages that were deleted from the front of the index.
func (s *Service) count(ctx context.Context, q *Queue) (c counts, err error) {
	err = s.store.View(ctx, q.Part, func(v store.View) error {
		st, err := readStats(v, q)
		if err != nil {
			return err
		}
		table := q.hiddenTable()
		c = counts{}
		for _, row := range v.Scan(q.timed(table, v.Now().Add(tick), 0), store.PrefixEnd(q.table(table))) {
			switch _, isTicket := ticketOf(row); {
			case isTicket:
			case isReceived(row):
				c.inFlight++
			default:
				c.delayed++
			}
		}
		c.visible = st.total - min(st.total, c.inFlight+c.delayed)
		return nil
	})
	return c, err
}

// SetQueueAttributes changes attributes of a queue.
func (s *Service) SetQueueAttributes(ctx context.Context, in *shape.SetQueueAttributesInput) (*shape.SetQueueAttributesOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	before := l.config.Load()
	settings, err := before.Settings.apply(in.Attributes, before.Scope)
	if err != nil {
		return nil, err
	}
	if err := s.checkRedrive(before.key(), settings, in.Attributes); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	err = s.change(ctx, before.key(), func(q *Queue) error {
		q.Settings, err = q.Settings.apply(in.Attributes, q.Scope)
		q.Modified = now
		return err
	})
	if err == nil && settings.Retention < before.Settings.Retention {
		err = s.sweepSoon(ctx, l)
	}
	if err != nil {
		return nil, apiError(err)
	}
	return &shape.SetQueueAttributesOutput{}, nil
}

// checkRedrive refuses a new redrive policy that names a queue which does not
// exist or does not want to be named.
func (s *Service) checkRedrive(source key, settings Settings, attributes map[string]string) error {
	if attributes[attrRedrive] == "" {
		return nil
	}
	r := settings.Redrive
	name, _ := r.Target.QueueName()
	target, ok := s.queues.get(key{scope: r.Target.Of(), name: name})
	if !ok {
		return errInvalidValue(attributes[attrRedrive], attrRedrive, "Dead letter target does not exist.")
	}
	text := target.config.Load().Settings.RedriveAllow
	if text == "" {
		return nil
	}
	allow, err := parseRedriveAllow(text)
	if err != nil {
		return err
	}
	if !allow.allows(source.scope.Queue(source.name)) {
		return errInvalidValue(attributes[attrRedrive], attrRedrive,
			"Dead letter target does not allow this queue to use it; see its RedriveAllowPolicy.")
	}
	return nil
}
