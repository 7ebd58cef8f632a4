package lineage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// settleRounds is how often Tree reads again to be sure that nothing is
// pending. A tree that still changes after that is not done.
const settleRounds = 5

// Tree returns the causation tree below an event or a message, or an error that
// wraps [ErrUnknown]. It is bounded by Config.MaxEvents and MaxDepth; where something
// was left out, Truncated is set. An event that occurs twice is told once and
// marked as Repeated where it occurs again.
func (l *Log) Tree(ctx context.Context, eventID string) (*Node, error) {
	f, err := l.gather(ctx, eventID)
	if err != nil {
		return nil, err
	}
	root, err := build(f, eventID)
	if err != nil {
		return nil, err
	}
	// Partitions are read one after another, so a delivery may be seen as
	// settled while what it led to, in a partition read before, is not seen.
	// Records are written cause first: two equal readings in a row have missed
	// nothing that the first one's records were the cause of.
	for round := 0; root.Done; round++ {
		again, err := l.gather(ctx, eventID)
		if err != nil {
			return nil, err
		}
		if again.records == f.records {
			return root, nil
		}
		if root, err = build(again, eventID); err != nil {
			return nil, err
		}
		f = again
		if round == settleRounds {
			root.Done = false
		}
	}
	return root, nil
}

// Root returns the id of the event at the top of the chain that eventID
// belongs to; it is a message where a chain begins with one. It is eventID itself
// if nothing caused it, as far as is known. Where several things caused one, the
// chain goes on with that which started the run. The error wraps [ErrUnknown] if
// nothing is known of eventID.
func (l *Log) Root(ctx context.Context, eventID string) (string, error) {
	seen := map[string]bool{}
	for {
		seen[eventID] = true
		parent, err := l.parent(ctx, eventID)
		switch {
		case errors.Is(err, ErrUnknown) && len(seen) > 1:
			return eventID, nil // a parent whose own records have been trimmed
		case err != nil:
			return "", err
		case parent == "" || seen[parent] || len(seen) >= l.maxEvents:
			return eventID, nil
		}
		eventID = parent
	}
}

// parent returns the event or the message that caused id, or "" if there is
// none. Of several causes it is the one that started the run, or else what the run
// received first.
func (l *Log) parent(ctx context.Context, id string) (string, error) {
	f := newFacts()
	if err := l.readEvents(ctx, f, []string{id}); err != nil {
		return "", err
	}
	if len(f.events[id]) == 0 {
		return "", unknown(id)
	}
	_, spans := f.newSpans([]string{id})
	if err := l.readSpans(ctx, f, spans); err != nil {
		return "", err
	}
	b := builder{facts: f}
	if links := b.links(id); len(links) > 0 {
		return cmp.Or(links[0].MessageID, links[0].EventID), nil
	}
	return "", nil
}

func unknown(eventID string) error { return fmt.Errorf("%w: %s", ErrUnknown, eventID) }
