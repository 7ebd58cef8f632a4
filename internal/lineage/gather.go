package lineage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"stormbus/internal/store"
)

// maxPerEvent is how many records of one event a tree looks at, and how many of
// the messages that one caller received last.
const maxPerEvent = 4096

// facts are the records from which a tree is built. An id is that of an event or
// of a message.
type facts struct {
	events  map[string][]Record // by id, in order of time
	spans   map[string]*caller
	brought map[string][]Record // by message: what stands under its event only
	cut     map[string]bool     // ids of which something was left out
	records int
}

// caller is what is known of a span: of calls, and of the run that made them.
type caller struct {
	children []string        // ids of what it published and sent
	known    map[string]bool // those
	runs     []Record        // Invoked
	received []Record
	below    bool // it is in the tree, not only above it
}

// gather collects the records of an event and of everything it caused, level
// by level: the records of some events name messages, and the spans of runs and
// of receivers; the spans name what these published and sent. Each level is one
// View per partition and kind, however many events it has.
func (l *Log) gather(ctx context.Context, id string) (*facts, error) {
	f := newFacts()
	level := []string{id}
	for depth := 1; len(level) > 0; depth++ {
		if err := l.readEvents(ctx, f, level); err != nil {
			return nil, err
		}
		below, unread := f.newSpans(level)
		if err := l.readSpans(ctx, f, unread); err != nil {
			return nil, err
		}
		if depth == l.maxDepth {
			break
		}
		level = f.nextLevel(level, below, l.maxEvents)
	}
	return f, nil
}

func newFacts() *facts {
	return &facts{events: map[string][]Record{}, brought: map[string][]Record{}, spans: map[string]*caller{}, cut: map[string]bool{}}
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
		if r.MessageID != id {
			r.EventID = id
		}
		f.events[id] = append(f.events[id], r)
		f.records++
		return nil
	})
	if err != nil {
		return err
	}
	if err := l.readMessages(ctx, f, ids); err != nil {
		return err
	}
	for _, id := range ids {
		slices.SortStableFunc(f.events[id], func(a, b Record) int { return a.Time.Compare(b.Time) })
	}
	return nil
}

// readMessages adds the records of messages that have no row under their id: they
// stand under their event, or, if that was not read, under their span.
func (l *Log) readMessages(ctx context.Context, f *facts, ids []string) error {
	var spans []string
	of := map[string]string{}
	for _, id := range ids {
		if f.events[id] = append(f.events[id], f.brought[id]...); len(f.events[id]) > 0 {
			f.bring(id)
		} else if name := MessageSpan(id); name != "" {
			spans, of[name] = append(spans, name), id
		}
	}
	return l.scan(ctx, bySpan, spans, func(name string, row []byte) error {
		r, err := parseSpanRow(row)
		if err != nil {
			return fmt.Errorf("span %s: %w", name, err)
		}
		if id := of[name]; r.Kind == Received && r.MessageID == id {
			f.events[id] = append(f.events[id], r)
			f.records++
		}
		return nil
	})
}

// bring keeps the records of messages that stand under an event.
func (f *facts) bring(id string) {
	for i := range f.events[id] {
		if r := &f.events[id][i]; r.Kind == Received && r.EventID == id && r.messageKey() == "" {
			f.brought[r.MessageID] = append(f.brought[r.MessageID], *r)
		}
	}
}

// newSpans lists the spans that records name. Those below are of what the events
// and messages led to; the others led to them, and of these only the causes
// matter, not what else they did. A span is listed once as below, and once as
// unread.
func (f *facts) newSpans(ids []string) (below, unread []string) {
	list := func(name string, isBelow bool) {
		if name == "" {
			return
		}
		s, known := f.spans[name]
		if !known {
			s = &caller{known: map[string]bool{}}
			f.spans[name] = s
			unread = append(unread, name)
		}
		if isBelow && !s.below {
			s.below = true
			below = append(below, name)
		}
	}
	for _, id := range ids {
		for i := range f.events[id] {
			switch r := &f.events[id][i]; r.Kind {
			case Invoked, Received:
				list(r.Span, true)
				list(r.MessageSpan, true)
			case Published, Sent:
				list(r.Span, false)
				list(r.MessageSpan, false)
			}
		}
	}
	return below, unread
}

// nextLevel lists what is below some events and messages, and what spans
// published and sent, as far as it is not known yet.
func (f *facts) nextLevel(ids, spans []string, maxEvents int) []string {
	var level []string
	add := func(id string) {
		if _, known := f.events[id]; known || id == "" || len(f.events) >= maxEvents {
			return
		}
		f.events[id] = nil
		level = append(level, id)
	}
	for _, id := range ids {
		for i := range f.events[id] {
			switch r := &f.events[id][i]; r.Kind {
			case Received:
				add(r.MessageID)
			case Redriven: // stands under both, and each is told with the other
				add(r.MessageID)
				add(r.EventID)
			}
		}
	}
	for _, name := range spans {
		for _, id := range f.spans[name].children {
			add(id)
		}
	}
	return level
}

// readSpans reads the rows of the given spans, which are listed in f.
func (l *Log) readSpans(ctx context.Context, f *facts, spans []string) error {
	return l.scan(ctx, bySpan, spans, func(name string, row []byte) error {
		r, err := parseSpanRow(row)
		if err != nil {
			return fmt.Errorf("span %s: %w", name, err)
		}
		f.spans[name].add(r)
		return nil
	})
}

func (s *caller) add(r Record) {
	switch r.Kind {
	case Published, Sent:
		if id := cmp.Or(r.EventID, r.MessageID); !s.known[id] {
			s.known[id] = true
			s.children = append(s.children, id)
		}
	case Invoked:
		s.runs = append(s.runs, r)
	case Received:
		if s.received = append(s.received, r); len(s.received) >= 2*maxPerEvent {
			s.sortReceived()
			s.received = slices.Delete(s.received, 0, len(s.received)-maxPerEvent)
		}
	}
}

func (s *caller) sortReceived() {
	slices.SortStableFunc(s.received, func(x, y Record) int { return x.Time.Compare(y.Time) })
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
