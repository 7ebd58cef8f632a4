package bus

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"stormbus/internal/delivery"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// Ref names a stored event.
type Ref struct {
	Part store.Part
	Bus  BusID
	Seq  uint64
}

// Stored is an event in the log.
type Stored struct {
	Ref      Ref
	BusName  string
	Envelope []byte
	Accepted time.Time
	Trace    telemetry.Trace
	Matched  int // rules
}

// Read returns a stored event; ok is false if it has been dropped.
func (b *Bus) Read(ctx context.Context, ref Ref) (s Stored, ok bool, err error) {
	err = b.store.View(ctx, ref.Part, func(v store.View) error {
		s, ok, err = read(v, ref)
		return err
	})
	if err != nil {
		return Stored{}, false, fmt.Errorf("read event %d of bus %d: %w", ref.Seq, ref.Bus, err)
	}
	return s, ok, nil
}

func read(v store.View, ref Ref) (Stored, bool, error) {
	row, ok := v.Get(eventKey(ref.Bus, ref.Seq))
	if !ok {
		return Stored{}, false, nil
	}
	body, err := delivery.ParseBody(append([]byte(nil), row...))
	if err != nil {
		return Stored{}, false, err
	}
	m, err := parseMeta(body.Meta)
	if err != nil {
		return Stored{}, false, err
	}
	return Stored{
		Ref: ref, BusName: m.bus, Envelope: body.Event, Accepted: body.Accepted,
		Trace: telemetry.ParseTrace(body.Trace), Matched: m.matched,
	}, true, nil
}

// Cursor is a place in the log: for each partition, the last change seen. A
// partition that is missing is read from its beginning.
type Cursor map[store.Part]store.Seq

// Now returns the cursor behind everything published so far.
func (b *Bus) Now(ctx context.Context) (Cursor, error) {
	c := Cursor{}
	for _, p := range b.parts {
		err := b.store.View(ctx, p, func(v store.View) error {
			c[p] = v.Seq()
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("find the end of partition %d: %w", p, err)
		}
	}
	return c, nil
}

// Tail yields the events published after from, those of one partition in their
// order, and goes on with new ones until ctx ends or the caller stops. It ends
// with an error only, ctx's included; one that wraps [store.ErrTrimmed] says
// that from is too old.
func (b *Bus) Tail(ctx context.Context, from Cursor) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		found := make(chan tailed)
		var readers sync.WaitGroup
		defer readers.Wait()
		defer cancel()
		for _, p := range b.parts {
			readers.Go(func() { b.follow(ctx, p, from[p], found) })
		}
		for {
			select {
			case t := <-found:
				if !yield(t.stored, t.err) || t.err != nil {
					return
				}
			case <-ctx.Done():
				yield(Stored{}, ctx.Err())
				return
			}
		}
	}
}

// tailed is one step of a Tail.
type tailed struct {
	stored Stored
	err    error
}

// follow sends the events of one partition to found until ctx ends.
func (b *Bus) follow(ctx context.Context, p store.Part, from store.Seq, found chan<- tailed) {
	send := func(t tailed) bool {
		select {
		case found <- t:
			return t.err == nil
		case <-ctx.Done():
			return false
		}
	}
	for change, err := range b.store.Watch(ctx, p, topic, from) {
		var events []Stored
		if err == nil {
			events, err = b.readChange(ctx, p, change)
		}
		for _, s := range events {
			if !send(tailed{stored: s}) {
				return
			}
		}
		if err != nil {
			send(tailed{err: err})
			return
		}
	}
}

// readChange reads the events that a change refers to, as far as they are
// still stored.
func (b *Bus) readChange(ctx context.Context, p store.Part, c store.Change) (events []Stored, err error) {
	refs, err := parseRefs(p, c.Rec)
	if err != nil {
		return nil, err
	}
	err = b.store.View(ctx, p, func(v store.View) error {
		for _, ref := range refs {
			s, ok, err := read(v, ref)
			if err != nil {
				return err
			}
			if ok {
				events = append(events, s)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read events of partition %d: %w", p, err)
	}
	return events, nil
}

// forget removes the rules of a bus.
func (b *Bus) forget(id BusID) {
	b.changing.Lock()
	defer b.changing.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rules {
		if r.Bus == id {
			delete(b.rules, r.ID)
		}
	}
	delete(b.matchers, id)
}

// RemoveBus removes a bus's rules and its stored events. Jobs that still need
// the events are lost, so the lanes of its rules should be forgotten first.
func (b *Bus) RemoveBus(ctx context.Context, id BusID) error {
	b.forget(id)
	rows := busPrefix(id)
	for _, p := range b.parts {
		err := b.store.Update(store.Reclaiming(ctx), p, func(tx store.Tx) error {
			tx.DeleteRange(rows, store.PrefixEnd(rows))
			return nil
		})
		if err != nil {
			return fmt.Errorf("remove the events of bus %d in partition %d: %w", id, p, err)
		}
	}
	return nil
}
