package lambda

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/google/uuid"

	"stormbus/internal/delivery"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// The rows, all in the meta partition. Names are ordered by store.AppendString.
//
//	la/f/<account><region><name>  a function
//	la/gone/<lane>                the lane of a deleted function, still to be forgotten
const (
	functionPrefix = "la/f/"
	gonePrefix     = "la/gone/"
)

// rowVersion is the version of all rows.
const rowVersion = 1

// The counters that ids are taken from. Lanes are shared with other services.
const (
	functionIDs = "function"
	laneIDs     = "lane"
)

func functionKey(r ref) []byte {
	k := store.AppendString([]byte(functionPrefix), r.scope.Account)
	return store.AppendString(store.AppendString(k, r.scope.Region), r.name)
}

func goneKey(id delivery.LaneID) []byte { return store.AppendUint32([]byte(gonePrefix), uint32(id)) }

func decode(row []byte) (*Function, error) {
	f := new(Function)
	version, err := store.Unmarshal(row, f)
	if err == nil && version != rowVersion {
		err = fmt.Errorf("function %q: version %d: %w", f.Name, version, store.ErrDamaged)
	}
	return f, err
}

func write(tx store.Tx, f *Function) error {
	row, err := store.Marshal(rowVersion, f)
	if err == nil {
		tx.Set(functionKey(f.ref()), row)
	}
	return err
}

// load fills the registry.
func (s *Service) load(ctx context.Context) error {
	prefix := []byte(functionPrefix)
	return s.store.View(ctx, store.Meta, func(v store.View) error {
		for _, row := range v.Scan(prefix, store.PrefixEnd(prefix)) {
			f, err := decode(row)
			if err != nil {
				return err
			}
			s.known.put(f)
		}
		return nil
	})
}

// insert stores a new function.
func (s *Service) insert(ctx context.Context, f *Function) error {
	digest, err := store.ParseDigest(f.Code.SHA256)
	if err != nil {
		return err
	}
	if f.Revision, err = s.newRevision(); err != nil {
		return err
	}
	return s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		if _, taken := tx.Get(functionKey(f.ref())); taken {
			return errConflict("Function already exist: %s", f.Name)
		}
		f.ID = store.NextID(tx, functionIDs)
		f.Lane = delivery.LaneID(store.NextID(tx, laneIDs))
		f.Modified = tx.Now()
		tx.Ref(digest)
		if err := write(tx, f); err != nil {
			return err
		}
		tx.OnDurable(func() { s.adopt(f) })
		return nil
	})
}

// change changes a function that exists. Inside the Update, change gets a copy of
// the function as it is stored; an error of it changes nothing.
func (s *Service) change(ctx context.Context, r ref, change func(tx store.Tx, f *Function) error) (*Function, error) {
	revision, err := s.newRevision()
	if err != nil {
		return nil, err
	}
	var changed *Function
	err = s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		row, ok := tx.Get(functionKey(r))
		if !ok {
			return errNoFunction(r.arn().String())
		}
		f, err := decode(row)
		if err != nil {
			return err
		}
		if err := change(tx, f); err != nil {
			return err
		}
		f.Revision = revision
		if err := write(tx, f); err != nil {
			return err
		}
		changed = f
		tx.OnDurable(func() { s.adopt(f) })
		return nil
	})
	return changed, apiError(err)
}

// reconfigure is change for what needs new environments.
func (s *Service) reconfigure(ctx context.Context, r ref, change func(tx store.Tx, f *Function) error) (*Function, error) {
	changed, err := s.change(ctx, r, func(tx store.Tx, f *Function) error {
		f.Modified = tx.Now()
		f.Generation++
		return change(tx, f)
	})
	if err != nil {
		return nil, err
	}
	s.runner.Retire(changed.arn())
	return changed, nil
}

// adopt makes a function known as it is stored now.
func (s *Service) adopt(f *Function) {
	s.known.put(f)
	s.engine.Define(f.Lane, s.lane(f))
}

// remove deletes a function. What waits in its queue goes with it.
func (s *Service) remove(ctx context.Context, r ref) error {
	var gone *Function
	err := s.store.Update(ctx, store.Meta, func(tx store.Tx) error {
		row, ok := tx.Get(functionKey(r))
		if !ok {
			return errNoFunction(r.arn().String())
		}
		f, err := decode(row)
		if err != nil {
			return err
		}
		digest, err := store.ParseDigest(f.Code.SHA256)
		if err != nil {
			return err
		}
		tx.Delete(functionKey(r))
		tx.Unref(digest)
		tx.Set(goneKey(f.Lane), []byte{rowVersion})
		gone = f
		tx.OnDurable(func() { s.known.remove(f) })
		return nil
	})
	if err != nil {
		return apiError(err)
	}
	// The function is deleted by now, so this goes on when the caller has left;
	// what fails is done at the next start.
	ctx = context.WithoutCancel(ctx)
	s.runner.Retire(gone.arn())
	if err := s.forget(ctx, gone.Lane); err != nil {
		s.log.Error("the queue of a deleted function could not be removed; it will be at the next start",
			telemetry.KeyFunction, gone.Name, telemetry.KeyError, err)
	}
	s.dropBlob(ctx, gone.Code)
	return nil
}

// forget removes the lane of a deleted function.
func (s *Service) forget(ctx context.Context, id delivery.LaneID) error {
	if err := s.engine.Forget(ctx, id); err != nil {
		return err
	}
	return s.store.Update(store.Reclaiming(ctx), store.Meta, func(tx store.Tx) error {
		tx.Delete(goneKey(id))
		return nil
	})
}

// finishGone forgets the lanes of functions that were deleted before the
// process ended.
func (s *Service) finishGone(ctx context.Context) error {
	var lanes []delivery.LaneID
	prefix := []byte(gonePrefix)
	err := s.store.View(ctx, store.Meta, func(v store.View) error {
		for k := range v.Scan(prefix, store.PrefixEnd(prefix)) {
			id, rest, ok := store.ReadUint32(k[len(prefix):])
			if !ok || len(rest) > 0 {
				return fmt.Errorf("row %q: %w", k, store.ErrDamaged)
			}
			lanes = append(lanes, delivery.LaneID(id))
		}
		return nil
	})
	for _, id := range lanes {
		err = errors.Join(err, s.forget(ctx, id))
	}
	return err
}

// partition returns where something with a name is stored.
func (s *Service) partition(name string) store.Part {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	parts := s.store.Parts()
	return parts[int(h.Sum32()%uint32(len(parts)))]
}

func (s *Service) newRevision() (string, error) {
	id, err := uuid.NewRandomFromReader(s.random)
	if err != nil {
		return "", fmt.Errorf("make a revision id: %w", err)
	}
	return id.String(), nil
}
