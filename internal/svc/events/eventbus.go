package events

import (
	"context"
	"strings"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// CreateEventBus makes an event bus.
func (s *Service) CreateEventBus(ctx context.Context, in *shape.CreateEventBusInput) (*shape.CreateEventBusOutput, error) {
	if in.EventSourceName != nil {
		return nil, wire.Errorf(shape.ErrResourceNotFoundException, "Event source %s does not exist.", *in.EventSourceName)
	}
	if strings.Contains(*in.Name, "/") {
		return nil, errValidation("Event bus name must not contain '/'.")
	}
	ref := busRef{scope: wire.From(ctx).Scope, name: *in.Name}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	b := &eventBus{
		Scope: ref.scope, Name: ref.name, Description: in.Description, KMSKey: keepKey(in.KmsKeyIdentifier),
		DeadLetter: keepDeadLetter(in.DeadLetterConfig), Log: keepLog(in.LogConfig), Tags: tags,
	}
	err = s.update(ctx, busRef{scope: ref.scope, name: arn.DefaultBus}, func(tx store.Tx) error {
		if _, exists := tx.Get(busKey(ref)); exists {
			return errBusExists(ref.name)
		}
		if s.quotas && count(tx, scopePrefix(ref.scope)) >= maxBuses {
			return errLimit()
		}
		return s.addBus(tx, b)
	})
	if err != nil {
		return nil, err
	}
	busARN := ref.arn().String()
	return &shape.CreateEventBusOutput{
		EventBusArn: &busARN, Description: b.Description, KmsKeyIdentifier: b.KMSKey,
		DeadLetterConfig: showDeadLetter(b.DeadLetter), LogConfig: b.Log.show(),
	}, nil
}

// DeleteEventBus removes an event bus that has no rules. To delete a bus that
// does not exist is no error.
func (s *Service) DeleteEventBus(ctx context.Context, in *shape.DeleteEventBusInput) (*shape.DeleteEventBusOutput, error) {
	ref := s.refer(ctx, in.Name)
	if ref.name == arn.DefaultBus {
		return nil, errValidation("Cannot delete event bus default.")
	}
	var left leavings
	err := s.update(store.Reclaiming(ctx), ref, func(tx store.Tx) error {
		left = leavings{}
		b, err := read[eventBus](tx, busKey(ref))
		if err != nil || b == nil {
			return err
		}
		if count(tx, rulesPrefix(b.ID)) > 0 {
			return errValidation("EventBus can't be deleted since it has rules.")
		}
		left.buses = []bus.BusID{b.ID}
		left.note(tx)
		tx.Delete(busKey(ref))
		tx.OnDurable(func() { s.known.removeBus(ref) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.cleanUp(ctx, left)
	return nil, nil
}

// DescribeEventBus shows an event bus, the default one if none is named.
func (s *Service) DescribeEventBus(ctx context.Context, in *shape.DescribeEventBusInput) (*shape.DescribeEventBusOutput, error) {
	ref := s.refer(ctx, in.Name)
	var b *eventBus
	err := s.view(ctx, ref, func(v store.View) (err error) {
		b, err = findBus(v, ref)
		return err
	})
	if err != nil {
		return nil, err
	}
	busARN := ref.arn().String()
	return &shape.DescribeEventBusOutput{
		Name: &b.Name, Arn: &busARN, Description: b.Description, KmsKeyIdentifier: b.KMSKey,
		DeadLetterConfig: showDeadLetter(b.DeadLetter), Policy: b.policyText(), LogConfig: b.Log.show(),
		CreationTime: &b.Created, LastModifiedTime: &b.Modified,
	}, nil
}

// ListEventBuses lists event buses by name.
func (s *Service) ListEventBuses(ctx context.Context, in *shape.ListEventBusesInput) (*shape.ListEventBusesOutput, error) {
	p, err := newPage(busList, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	ref := s.refer(ctx, nil)
	var buses []*eventBus
	var next *string
	err = s.view(ctx, ref, func(v store.View) (err error) {
		buses, next, err = fill(v, p, scopePrefix(ref.scope),
			func(b *eventBus) string { return b.Name },
			func(b *eventBus) (bool, error) { return hasPrefix(b.Name, in.NamePrefix), nil })
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &shape.ListEventBusesOutput{EventBuses: make([]shape.EventBus, len(buses)), NextToken: next}
	for i, b := range buses {
		busARN := b.ref().arn().String()
		out.EventBuses[i] = shape.EventBus{
			Name: &b.Name, Arn: &busARN, Description: b.Description, Policy: b.policyText(),
			CreationTime: &b.Created, LastModifiedTime: &b.Modified,
		}
	}
	return out, nil
}

// UpdateEventBus changes what is given and keeps the rest.
func (s *Service) UpdateEventBus(ctx context.Context, in *shape.UpdateEventBusInput) (*shape.UpdateEventBusOutput, error) {
	ref := s.refer(ctx, in.Name)
	var b *eventBus
	err := s.changeBus(ctx, ref, func(changed *eventBus) error {
		b = changed
		if in.Description != nil {
			b.Description = in.Description
		}
		if in.KmsKeyIdentifier != nil {
			b.KMSKey = keepKey(in.KmsKeyIdentifier)
		}
		if in.DeadLetterConfig != nil {
			b.DeadLetter = keepDeadLetter(in.DeadLetterConfig)
		}
		if in.LogConfig != nil {
			b.Log = keepLog(in.LogConfig)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	busARN := ref.arn().String()
	return &shape.UpdateEventBusOutput{
		Arn: &busARN, Name: &b.Name, KmsKeyIdentifier: b.KMSKey, Description: b.Description,
		DeadLetterConfig: showDeadLetter(b.DeadLetter), LogConfig: b.Log.show(),
	}, nil
}

// changeBus changes the row of a bus that exists.
func (s *Service) changeBus(ctx context.Context, ref busRef, change func(*eventBus) error) error {
	return s.update(ctx, ref, func(tx store.Tx) error {
		b, err := findBus(tx, ref)
		if err != nil {
			return err
		}
		if err := change(b); err != nil {
			return err
		}
		b.Modified = tx.Now().UTC().Truncate(time.Millisecond)
		return write(tx, busKey(ref), b)
	})
}

func hasPrefix(name string, prefix *string) bool {
	return prefix == nil || strings.HasPrefix(name, *prefix)
}

// keepKey takes an empty key for none: that is how a bus gives its key up.
func keepKey(id *string) *string {
	if id == nil || *id == "" {
		return nil
	}
	return id
}

func keepDeadLetter(c *shape.DeadLetterConfig) *string {
	if c == nil {
		return nil
	}
	return c.Arn
}

func showDeadLetter(queue *string) *shape.DeadLetterConfig {
	if queue == nil {
		return nil
	}
	return &shape.DeadLetterConfig{Arn: queue}
}

func keepLog(c *shape.LogConfig) *logConfig {
	if c == nil {
		return nil
	}
	return &logConfig{IncludeDetail: c.IncludeDetail, Level: c.Level}
}

func (c *logConfig) show() *shape.LogConfig {
	if c == nil {
		return nil
	}
	return &shape.LogConfig{IncludeDetail: c.IncludeDetail, Level: c.Level}
}
