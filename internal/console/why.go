package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
	"stormbus/internal/telemetry"
)

// Why says of an event, on one bus, which rules take it as they are now, and how
// close the others come. An event that was forwarded has one for each bus.
type Why struct {
	EventID    string    `json:"event_id"`
	DetailType string    `json:"detail_type"`
	Source     string    `json:"source"`
	Bus        string    `json:"bus"`
	UnknownBus bool      `json:"unknown_bus,omitempty"` // there is no such bus: the event was dropped
	Dropped    bool      `json:"dropped,omitempty"`     // the event is so old that only its record is kept
	Published  time.Time `json:"published"`
	Took       []string  `json:"took"` // the rules that took it when it was published

	// Rules is the ranking of the rules as they are now; nil if the bus is not
	// known or the event is no longer stored.
	Rules *pattern.Ranking `json:"rules,omitempty"`
	Event json.RawMessage  `json:"event,omitempty"` // the envelope
}

// Bounds of how many rules are explained.
const (
	whyMost = 5
	mostWhy = 100
)

// why answers why rules took an event or did not. With ?most=N it explains that
// many of those that did not.
func (c *console) why(w http.ResponseWriter, r *http.Request) {
	ctx, id := r.Context(), r.PathValue("id")
	most := whyMost
	if asked := r.URL.Query().Get("most"); asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 0 || n > mostWhy {
			c.fail(w, r, http.StatusBadRequest, fmt.Sprintf("most: want a number from 0 to %d", mostWhy))
			return
		}
		most = n
	}
	tree, err := c.Lineage.Tree(ctx, id)
	switch {
	case err != nil:
		c.traceFailed(w, r, id, err)
		return
	case tree.EventID == "":
		c.fail(w, r, http.StatusNotFound, id+" is a message of a queue: rules take events; `stormbus trace "+id+" --root` shows where it came from")
		return
	case tree.Published.IsZero():
		c.traceFailed(w, r, id, lineage.ErrUnknown)
		return
	}
	var out []Why
	for _, n := range publications(tree) {
		why, err := c.rank(ctx, n, most)
		if err != nil {
			c.Logger.ErrorContext(ctx, "explain an event", telemetry.KeyEventID, id, telemetry.KeyError, err)
			c.fail(w, r, http.StatusInternalServerError, "the event could not be explained; the server's log says why")
			return
		}
		out = append(out, why)
	}
	c.answer(w, r, http.StatusOK, out)
}

// publications returns an event on the bus that it was published on and on those
// that it was forwarded to.
func publications(n *lineage.Node) []*lineage.Node {
	out := []*lineage.Node{n}
	for i := range n.Rules {
		for j := range n.Rules[i].Deliveries {
			if f := n.Rules[i].Deliveries[j].Forwarded; f != nil && !f.Repeated {
				out = append(out, publications(f)...)
			}
		}
	}
	return out
}

// rank explains an event on one bus.
func (c *console) rank(ctx context.Context, n *lineage.Node, most int) (Why, error) {
	out := Why{
		EventID: n.EventID, DetailType: n.DetailType, Source: n.Source, Bus: n.Bus, UnknownBus: n.UnknownBus,
		Published: n.Published, Took: []string{},
	}
	for i := range n.Rules {
		out.Took = append(out.Took, n.Rules[i].Name)
	}
	if n.UnknownBus {
		return out, nil
	}
	stored, ok, err := c.Events.Find(ctx, n.Bus, n.EventID, n.Published)
	if err != nil || !ok {
		out.Dropped = !ok
		return out, err
	}
	out.Event = stored.Envelope
	out.Rules, err = pattern.WhyNot(named(c.Events.Rules(stored.Ref.Bus)), &pattern.Doc{Data: stored.Envelope}, most)
	return out, err
}

// named gives patterns the names of their rules.
func named(rules []bus.Rule) []pattern.Named {
	out := make([]pattern.Named, len(rules))
	for i, r := range rules {
		out[i] = pattern.Named{Name: r.ARN, Pattern: r.Pattern, Disabled: !r.Enabled}
		if a, err := arn.Parse(r.ARN); err == nil {
			if _, name, ok := a.RuleName(); ok {
				out[i].Name = name
			}
		}
	}
	return out
}

// Changed returns the rules that take the event now and did not when it was
// published, and those for which it is the other way round. It knows nothing of
// rules that the ranking does not name.
func (w *Why) Changed() (since, noLonger []string) {
	if w.Rules == nil || len(w.Rules.Matches) < w.Rules.Matched {
		return nil, nil
	}
	for _, name := range w.Rules.Matches {
		if !slices.Contains(w.Took, name) {
			since = append(since, name)
		}
	}
	for _, name := range w.Took {
		if !slices.Contains(w.Rules.Matches, name) && !slices.Contains(w.Rules.Undecided, name) && w.Rules.Unseen == 0 {
			noLonger = append(noLonger, name)
		}
	}
	return since, noLonger
}
