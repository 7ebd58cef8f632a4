package bus

import (
	"fmt"
	"slices"

	"stormbus/internal/delivery"
	"stormbus/internal/event"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// SetRule adds a rule or replaces it; a rule stays on its bus. Call it when the
// rule is durable.
func (b *Bus) SetRule(r Rule) {
	r.Lanes = slices.Clone(r.Lanes)
	b.changing.Lock()
	defer b.changing.Unlock()
	m := b.put(&r)
	if !r.Enabled || r.Pattern == nil {
		m.Remove(pattern.ID(r.ID))
		return
	}
	if err := m.Add(pattern.ID(r.ID), pattern.Scoped{Scope: pattern.Data, Pattern: r.Pattern}); err != nil {
		panic(fmt.Sprintf("bus: rule %s: %v", r.ARN, err)) // only a filter without a pattern is refused
	}
}

// put notes a rule, and returns the matcher of its bus.
func (b *Bus) put(r *Rule) *pattern.Matcher {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules[r.ID] = r
	m := b.matchers[r.Bus]
	if m == nil {
		m = pattern.NewMatcher(pattern.Options{})
		b.matchers[r.Bus] = m
	}
	return m
}

// RemoveRule removes a rule. Call it when that is durable.
func (b *Bus) RemoveRule(id uint32) {
	b.changing.Lock()
	defer b.changing.Unlock()
	if m := b.take(id); m != nil {
		m.Remove(pattern.ID(id))
	}
}

// take forgets a rule, and returns the matcher of its bus, nil if it is not known.
func (b *Bus) take(id uint32) *pattern.Matcher {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.rules[id]
	if !ok {
		return nil
	}
	delete(b.rules, id)
	return b.matchers[r.Bus]
}

// match returns the rules that an entry matches.
func (b *Bus) match(e *Entry, r *pattern.Result) ([]*Rule, error) {
	b.mu.RLock()
	m := b.matchers[e.Bus]
	b.mu.RUnlock()
	if m == nil {
		return nil, nil
	}
	doc := pattern.Doc{Data: e.Event.Detail, Checked: e.Checked, Env: &pattern.Envelope{
		Version: "0", ID: e.Event.ID, Source: e.Event.Source, DetailType: e.Event.DetailType,
		Account: e.Event.Account, Region: e.Event.Region, Time: e.Event.Time.UTC().Format(event.TimeFormat),
		ReplayName: e.Event.ReplayName, Resources: e.Event.Resources,
	}}
	if err := m.Snapshot().Match(&doc, r); err != nil {
		return nil, fmt.Errorf("match event %s: %w", e.Event.ID, err)
	}
	if len(r.Undecided) > 0 {
		b.log.Warn("rules were too costly to evaluate for an event and count as not matching",
			telemetry.KeyEventID, e.Event.ID, "rules", len(r.Undecided))
	}
	if len(r.IDs) == 0 {
		return nil, nil
	}
	hits := make([]*Rule, 0, len(r.IDs))
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, id := range r.IDs {
		// A rule that is missing was removed while the event was matched.
		if rule := b.rules[uint32(id)]; rule != nil {
			hits = append(hits, rule)
		}
	}
	return hits, nil
}

// tell prepares what lineage is told of the matched rules; the ids of the
// deliveries are still missing.
func (b *Bus) tell(hits []*Rule) []lineage.Match {
	matches := make([]lineage.Match, len(hits))
	for i, r := range hits {
		matches[i] = lineage.Match{Rule: r.ARN, Deliveries: make([]lineage.Handover, len(r.Lanes))}
		for j, lane := range r.Lanes {
			matches[i].Deliveries[j].Target = b.engine.TargetARN(lane)
		}
	}
	return matches
}

// enqueue adds a job for each target and completes matches with the ids.
func (b *Bus) enqueue(tx store.Tx, hits []*Rule, matches []lineage.Match, job delivery.Job) {
	for i, r := range hits {
		m := &matches[i]
		for j, lane := range r.Lanes {
			m.Deliveries[j].Delivery = b.engine.Enqueue(tx, lane, job)
		}
		// A target that was removed a moment ago takes nothing.
		m.Deliveries = slices.DeleteFunc(m.Deliveries, func(h lineage.Handover) bool { return h.Delivery == "" })
	}
}
