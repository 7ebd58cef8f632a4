package bus

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"stormbus/internal/event"
	"stormbus/internal/store"
)

// Find returns the event of an id that a bus took at about that time; ok is false
// if it has been dropped. It reads all that was published in that minute and in
// those around it, so it is for a person who asks. An event that was forwarded
// stands on each bus.
func (b *Bus) Find(ctx context.Context, busName, id string, published time.Time) (s Stored, ok bool, err error) {
	for _, p := range b.parts {
		err = b.store.View(ctx, p, func(v store.View) error {
			s, ok, err = find(ctx, v, p, busName, id, minuteOf(published))
			return err
		})
		if err != nil || ok {
			break
		}
	}
	if err != nil {
		return Stored{}, false, fmt.Errorf("find event %s on bus %s: %w", id, busName, err)
	}
	return s, ok, nil
}

// find looks at one partition, bus by bus: rows know their bus by its number, and
// a name may have belonged to several.
func find(ctx context.Context, v store.View, p store.Part, busName, id string, minute uint64) (Stored, bool, error) {
	lo, ok, err := firstOf(v, max(minute, 1)-1)
	if err != nil || !ok {
		return Stored{}, false, err
	}
	hi, ok, err := firstOf(v, minute+2)
	if err != nil {
		return Stored{}, false, err
	}
	if !ok {
		hi = math.MaxUint64
	}
	end := store.PrefixEnd([]byte(eventPrefix))
	for next := []byte(eventPrefix); next != nil; {
		prefix := firstBus(v, next, end)
		if prefix == nil {
			break
		}
		s, ok, err := findOn(ctx, v, p, prefix, lo, hi, busName, id)
		if err != nil || ok {
			return s, ok, err
		}
		next = store.PrefixEnd(prefix)
	}
	return Stored{}, false, nil
}

// firstOf returns the seq of the first event of a minute, or of the first later
// one that has any.
func firstOf(v store.View, minute uint64) (seq uint64, ok bool, err error) {
	for _, row := range v.Scan(indexKey(minute), indexEnd()) {
		seq, err = parseNumber(row)
		return seq, err == nil, err
	}
	return 0, false, nil
}

// firstBus returns the prefix of the events of the first bus that has any.
func firstBus(v store.View, lo, hi []byte) []byte {
	for k := range v.Scan(lo, hi) {
		return slices.Clone(k[:eventKeySize-8])
	}
	return nil
}

// findOn looks at the events of one bus from lo up to, not including, hi.
func findOn(ctx context.Context, v store.View, p store.Part, prefix []byte, lo, hi uint64, busName, id string) (Stored, bool, error) {
	from, to := store.AppendUint64(slices.Clip(prefix), lo), store.AppendUint64(slices.Clip(prefix), hi)
	for k, row := range v.Scan(from, to) {
		if err := ctx.Err(); err != nil {
			return Stored{}, false, err
		}
		if !bytes.Contains(row, []byte(id)) {
			continue
		}
		ref, err := parseEventKey(p, k)
		if err != nil {
			return Stored{}, false, err
		}
		s, ok, err := read(v, ref)
		if err != nil {
			return Stored{}, false, err
		}
		// The id may also be a part of another event.
		if ev, err := event.Parse(s.Envelope); ok && err == nil && ev.ID == id && s.BusName == busName {
			return s, true, nil
		}
	}
	return Stored{}, false, nil
}

// Rules returns the rules of a bus that have a pattern, by ARN.
func (b *Bus) Rules(id BusID) []Rule {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []Rule
	for _, r := range b.rules {
		if r.Bus == id && r.Pattern != nil {
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(x, y Rule) int { return cmp.Compare(x.ARN, y.ARN) })
	return out
}
