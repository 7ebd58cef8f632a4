package lineage

import (
	"context"
	"fmt"
	"slices"

	"stormbus/internal/store"
)

// maxPerEvent is how many records of one event a tree looks at.
const maxPerEvent = 4096

// facts are the records from which a tree is built.
type facts struct {
	events   map[string][]Record // by event, in order of time
	children map[string][]string // by span: the events it published
	cut      map[string]bool     // events of which something was left out
	records  int
}

// gather collects the records of an event and of everything it caused, level
// by level: the records of some events name the spans of runs, the spans name
// the events that the runs published. Each level is one View per partition and
// kind, however many events it has.
func (l *Log) gather(ctx context.Context, eventID string) (*facts, error) {
	f := &facts{events: map[string][]Record{}, children: map[string][]string{}, cut: map[string]bool{}}
	level := []string{eventID}
	for depth := 1; len(level) > 0; depth++ {
		if err := l.readEvents(ctx, f, level); err != nil {
			return nil, err
		}
		spans := f.newSpans(level)
		if err := l.readSpans(ctx, spans, func(span string, p pointer) {
			if p.kind == Published && !slices.Contains(f.children[span], p.eventID) {
				f.children[span] = append(f.children[span], p.eventID)
			}
		}); err != nil {
			return nil, err
		}
		level = nil
		if depth < l.maxDepth {
			level = f.nextLevel(spans, l.maxEvents)
		}
	}
	return f, nil
}

// readEvents reads the records of events from every partition.
func (l *Log) readEvents(ctx context.Context, f *facts, ids []string) error {
	for _, id := range ids {
		f.events[id] = nil
	}
	err := l.scan(ctx, byEvent, ids, func(id string, row []byte) error {
		if len(f.events[id]) >= maxPerEvent {
			f.cut[id] = true
			return nil
		}
		r, err := parseRecord(row)
		if err != nil {
			return fmt.Errorf("event %s: %w", id, err)
		}
		r.EventID = id
		f.events[id] = append(f.events[id], r)
		f.records++
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		slices.SortStableFunc(f.events[id], func(a, b Record) int { return a.Time.Compare(b.Time) })
	}
	return nil
}

// newSpans lists the spans of the runs that some events caused, as far as they
// have not been listed before.
func (f *facts) newSpans(ids []string) []string {
	var spans []string
	for _, id := range ids {
		for i := range f.events[id] {
			r := &f.events[id][i]
			if r.Kind != Invoked || r.Span == "" {
				continue
			}
			if _, known := f.children[r.Span]; !known {
				f.children[r.Span] = nil
				spans = append(spans, r.Span)
			}
		}
	}
	return spans
}

// nextLevel lists the events that spans published and that are not known yet.
func (f *facts) nextLevel(spans []string, maxEvents int) []string {
	var level []string
	for _, span := range spans {
		for _, id := range f.children[span] {
			if _, known := f.events[id]; known {
				continue
			}
			if len(f.events) >= maxEvents {
				return level
			}
			f.events[id] = nil
			level = append(level, id)
		}
	}
	return level
}

// readSpans calls found with every pointer of the given spans.
func (l *Log) readSpans(ctx context.Context, spans []string, found func(span string, p pointer)) error {
	return l.scan(ctx, bySpan, spans, func(span string, row []byte) error {
		p, err := parsePointer(row)
		if err != nil {
			return fmt.Errorf("span %s: %w", span, err)
		}
		found(span, p)
		return nil
	})
}

// scan calls fn with every row of the given events or spans, in all partitions
// and buckets, and in the order of writing within a partition.
func (l *Log) scan(ctx context.Context, by byte, ids []string, fn func(id string, row []byte) error) error {
	for _, part := range l.store.Parts() {
		err := l.store.View(ctx, part, func(v store.View) error {
			all, err := buckets(v)
			if err != nil {
				return err
			}
			for _, b := range all {
				for _, id := range ids {
					if err := ctx.Err(); err != nil {
						return err
					}
					if err := scanRows(v, b, by, id, fn); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read lineage in partition %d: %w", part, err)
		}
	}
	return nil
}

func scanRows(v store.View, b bucket, by byte, id string, fn func(id string, row []byte) error) error {
	lo := appendRowPrefix(nil, b, by, id)
	hi := store.PrefixEnd(lo)
	for k, row := range v.Scan(lo, hi) {
		if len(k) != len(lo)+8 {
			return errMalformed
		}
		if err := fn(id, row); err != nil {
			return err
		}
	}
	return nil
}
