package events

import (
	"context"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// refer reads what the API accepts as the name of an event bus: a name, an ARN,
// or nothing for the default bus.
func (s *Service) refer(ctx context.Context, nameOrARN *string) busRef {
	return s.referIn(wire.From(ctx).Scope, nameOrARN)
}

// referIn is refer for a caller in scope.
func (s *Service) referIn(scope arn.Scope, nameOrARN *string) busRef {
	if nameOrARN == nil || *nameOrARN == "" {
		return busRef{scope: scope, name: arn.DefaultBus}
	}
	text := *nameOrARN
	if !arn.Is(text) {
		return busRef{scope: scope, name: text}
	}
	if ref, ok := s.known.byARN(text); ok {
		return ref
	}
	if a, err := arn.Parse(text); err == nil {
		if name, ok := a.BusName(); ok {
			return busRef{scope: a.Of(), name: name}
		}
	}
	return busRef{scope: scope, name: text}
}

// lookup returns the id of a bus, 0 if there is none.
func (s *Service) lookup(ctx context.Context, r busRef) (bus.BusID, error) {
	if id := s.known.bus(r); id != 0 || r.name != arn.DefaultBus {
		return id, nil
	}
	if err := s.ensureDefault(ctx, r); err != nil {
		return 0, err
	}
	return s.known.bus(r), nil
}

// ensureDefault makes the row of a default bus that nobody has asked for yet.
// Other buses it leaves alone.
func (s *Service) ensureDefault(ctx context.Context, r busRef) error {
	if r.name != arn.DefaultBus || s.known.bus(r) != 0 {
		return nil
	}
	return s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		b, err := read[eventBus](tx, busKey(r))
		if err != nil || b != nil {
			return err
		}
		return s.addBus(tx, &eventBus{Scope: r.scope, Name: r.name})
	})
}

// addBus writes a new bus; id and times are still missing.
func (s *Service) addBus(tx store.Tx, b *eventBus) error {
	b.ID = bus.BusID(store.NextID(tx, busIDs))
	b.Created = tx.Now().UTC().Truncate(time.Millisecond)
	b.Modified = b.Created
	tx.OnDurable(func() { s.known.putBus(b) })
	return write(tx, busKey(b.ref()), b)
}

// view reads from the configuration, with the default bus in place.
func (s *Service) view(ctx context.Context, r busRef, fn func(v store.View) error) error {
	err := s.ensureDefault(ctx, r)
	if err == nil {
		err = s.store.View(ctx, store.Meta, fn)
	}
	return apiError(err)
}

// update changes the configuration, with the default bus in place.
func (s *Service) update(ctx context.Context, r busRef, fn func(tx store.Tx) error) error {
	err := s.ensureDefault(ctx, r)
	if err == nil {
		err = s.store.Update(ctx, store.Meta, fn)
	}
	return apiError(err)
}
