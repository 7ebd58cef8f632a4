package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"stormbus/examples/cinema"
	"stormbus/internal/cli/aws"
	"stormbus/internal/clock"
	"stormbus/internal/lineage"
)

// storyTime bounds how long a customer's chain of events may take, so that a
// demo that goes wrong ends.
const storyTime = 60 * time.Second

// holdSeats invokes the function that begins a customer's chain and returns
// the id of the event that it published.
func holdSeats(ctx context.Context, c *aws.Client, who cinema.Customer) (eventID string, err error) {
	var out struct {
		EventID      string `json:"event_id"`
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	path := "/2015-03-31/functions/" + cinema.HoldSeats + "/invocations"
	if err := c.REST(ctx, "lambda", http.MethodPost, path, []byte(who.Request), &out); err != nil {
		return "", err
	}
	if out.EventID == "" {
		return "", fmt.Errorf("%s failed: %s: %s", cinema.HoldSeats, out.ErrorType, out.ErrorMessage)
	}
	return out.EventID, nil
}

// follow asks for the causation tree of an event until nothing below it is
// pending any more, and returns that tree. When ctx ends it returns the last
// tree that it saw, with ctx's error.
func follow(ctx context.Context, s *server, eventID string) (*lineage.Node, error) {
	var last *lineage.Node
	for {
		var tree lineage.Node
		if err := s.getJSON(ctx, "/_stormbus/api/trace/"+eventID, &tree); err != nil {
			if ctx.Err() != nil && last != nil {
				return last, ctx.Err()
			}
			return nil, err
		}
		if tree.Done {
			return &tree, nil
		}
		last = &tree
		if err := clock.Sleep(ctx, clock.Real(), 20*time.Millisecond); err != nil {
			return last, err
		}
	}
}

// judge compares a finished tree with how the story should end.
func judge(who cinema.Customer, tree *lineage.Node) error {
	events, dead, failed := survey(tree)
	slices.SortStableFunc(events, func(a, b *lineage.Node) int { return a.Published.Compare(b.Published) })
	types := make([]string, 0, len(events))
	for _, e := range events {
		types = append(types, e.DetailType)
	}
	switch {
	case !tree.Done:
		return fmt.Errorf("%s: the chain did not end within %v", who.Name, storyTime)
	case !slices.Equal(types, who.Events):
		return fmt.Errorf("%s: the events were %v, want %v", who.Name, types, who.Events)
	case dead != who.DeadLetters:
		return fmt.Errorf("%s: %d deliveries were given up, want %d", who.Name, dead, who.DeadLetters)
	case failed != who.FailedRuns:
		return fmt.Errorf("%s: %d function runs failed, want %d", who.Name, failed, who.FailedRuns)
	}
	return nil
}

// survey collects the events of a tree and counts the deliveries that were
// given up and the runs that failed.
func survey(n *lineage.Node) (events []*lineage.Node, dead, failed int) {
	events = append(events, n)
	for _, rule := range n.Rules {
		for _, d := range rule.Deliveries {
			if d.State == lineage.StateDeadLettered || d.State == lineage.StateDropped {
				dead++
			}
			for _, run := range d.Runs {
				if run.Outcome != lineage.OK {
					failed++
				}
				for _, caused := range run.Caused {
					e, d, f := survey(caused)
					events, dead, failed = append(events, e...), dead+d, failed+f
				}
			}
		}
	}
	return events, dead, failed
}
