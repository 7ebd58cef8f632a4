package events

import (
	"context"
	"fmt"

	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// leavings is what a removal leaves behind for after it is durable. Rows say the
// same, so a crash in between does not matter.
type leavings struct {
	lanes []delivery.LaneID
	buses []bus.BusID
}

// note writes the rows; it belongs into the Update that removes.
func (l leavings) note(tx store.Tx) {
	for _, id := range l.lanes {
		tx.Set(goneLaneKey(id), []byte{rowVersion})
	}
	for _, id := range l.buses {
		tx.Set(goneBusKey(id), []byte{rowVersion})
	}
}

// cleanUp drops what a removal left behind. The removal itself is durable by
// then, so it goes on when the caller has left, and what fails is left to the
// next start.
func (s *Service) cleanUp(ctx context.Context, l leavings) {
	if err := s.drop(context.WithoutCancel(ctx), l); err != nil {
		s.log.Error("what was removed could not be cleaned up; it will be at the next start", telemetry.KeyError, err)
	}
}

func (s *Service) drop(ctx context.Context, l leavings) error {
	for _, id := range l.lanes {
		if err := s.engine.Forget(ctx, id); err != nil {
			return err
		}
		if err := s.unnote(ctx, goneLaneKey(id)); err != nil {
			return err
		}
	}
	for _, id := range l.buses {
		if err := s.bus.RemoveBus(ctx, id); err != nil {
			return err
		}
		if err := s.unnote(ctx, goneBusKey(id)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) unnote(ctx context.Context, key []byte) error {
	return s.store.Update(store.Reclaiming(ctx), store.Meta, func(tx store.Tx) error {
		tx.Delete(key)
		return nil
	})
}

// finishGone drops what was removed before the process ended.
func (s *Service) finishGone(ctx context.Context) error {
	var l leavings
	err := s.store.View(ctx, store.Meta, func(v store.View) error {
		l = leavings{}
		lanes, err := goneIDs(v, goneLanePrefix)
		if err != nil {
			return err
		}
		for _, id := range lanes {
			l.lanes = append(l.lanes, delivery.LaneID(id))
		}
		buses, err := goneIDs(v, goneBusPrefix)
		for _, id := range buses {
			l.buses = append(l.buses, bus.BusID(id))
		}
		return err
	})
	if err == nil {
		err = s.drop(ctx, l)
	}
	if err != nil {
		return fmt.Errorf("finish removing targets and event buses: %w", err)
	}
	return nil
}

// goneIDs reads the ids in the keys that begin with prefix.
func goneIDs(v store.View, prefix string) (ids []uint32, err error) {
	for k := range v.Scan([]byte(prefix), store.PrefixEnd([]byte(prefix))) {
		id, rest, ok := store.ReadUint32(k[len(prefix):])
		if !ok || len(rest) > 0 {
			return nil, fmt.Errorf("row %q: %w", k, store.ErrDamaged)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
