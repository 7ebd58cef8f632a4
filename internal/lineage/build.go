package lineage

import (
	"cmp"
	"slices"
	"time"

	"stormbus/internal/arn"
)

// build puts the records together as the tree below an event.
func build(f *facts, eventID string) (*Node, error) {
	b := builder{facts: f, shown: map[string]bool{}, histories: map[string]*history{}}
	n := b.node(eventID, "")
	if n.Published.IsZero() {
		return nil, unknown(eventID)
	}
	return n, nil
}

type builder struct {
	*facts
	shown     map[string]bool // events and messages that have their place in the tree
	histories map[string]*history
}

// node returns the node of an event or of a message that hangs below parent,
// without what is below itself if it has been told before or was left out.
func (b *builder) node(id, parent string) *Node {
	if b.isMessage(id) {
		return b.message(id, parent)
	}
	h := b.history(id)
	if len(h.published) == 0 {
		return &Node{EventID: id, Truncated: true, Done: true}
	}
	if b.shown[id] {
		n := newNode(h.published[0])
		n.Repeated, n.Done = true, true
		return n
	}
	b.shown[id] = true
	n := b.publications(h, h.published)
	runs, messages := h.orphans()
	n.Runs = b.runs(runs)
	n.Truncated = n.Truncated || b.cut[id]
	for i := range n.Runs {
		n.include(n.Runs[i].Caused...)
	}
	n.Caused = b.nodes(messages, id)
	n.include(n.Caused...)
	n.AlsoCausedBy = b.linksBeside(id, parent)
	return n
}

// nodes returns nodes that hang below parent, in order of time.
func (b *builder) nodes(ids []string, parent string) []*Node {
	var out []*Node
	for _, id := range ids {
		out = append(out, b.node(id, parent))
	}
	slices.SortStableFunc(out, func(x, y *Node) int {
		return cmp.Or(x.Published.Compare(y.Published), cmp.Compare(x.ID(), y.ID()))
	})
	return out
}

// publications returns the node of an event on one bus. There is more than one
// record if the same event was published there again.
func (b *builder) publications(h *history, records []*Record) *Node {
	n := newNode(records[0])
	n.Done = true
	for _, r := range records {
		for i := range r.Matches {
			rule := Rule{ARN: r.Matches[i].Rule, Name: ruleName(r.Matches[i].Rule), Deliveries: []Delivery{}}
			for _, to := range r.Matches[i].Deliveries {
				rule.Deliveries = append(rule.Deliveries, b.delivery(h, to))
			}
			n.Rules = append(n.Rules, rule)
		}
	}
	for i := range n.Rules {
		for j := range n.Rules[i].Deliveries {
			n.includeDelivery(&n.Rules[i].Deliveries[j])
		}
	}
	return n
}

func (b *builder) delivery(h *history, to Handover) Delivery {
	d := Delivery{ID: to.Delivery, Target: to.Target, State: StatePending}
	own := h.stage(to.Delivery)
	own.tell(&d)
	runs, messages := own.runs, own.messages
	for i, id := range h.queues[to.Delivery] {
		queue, before := h.stage(id), d
		runs, messages = append(runs, queue.runs...), append(messages, queue.messages...)
		if own.state != StateDelivered {
			continue
		}
		queue.tell(&d)
		if i > 0 && !before.State.settled() {
			// The queue was given the event twice and is not done with the first.
			d.State, d.Due, d.Settled = before.State, before.Due, before.Settled
		}
	}
	d.Runs = b.runs(runs)
	d.Messages = b.nodes(messages, h.id)
	if forwarded := h.forwarded[to.Delivery]; len(forwarded) > 0 {
		delete(h.forwarded, to.Delivery)
		d.Forwarded = b.publications(h, forwarded)
	}
	return d
}

func (b *builder) runs(records []*Record) []Run {
	var out []Run
	for _, r := range records {
		run := Run{
			RequestID: r.RequestID, Function: r.Function, Attempt: r.Attempt, Started: r.Start,
			DurationMS: milliseconds(r.Duration), InitMS: milliseconds(r.Init),
			Outcome: r.Outcome, ErrorType: r.Code, Error: r.Message,
		}
		run.Caused = b.nodes(b.childrenOf(r.Span), r.EventID)
		out = append(out, run)
	}
	return out
}

func newNode(r *Record) *Node {
	return &Node{
		EventID: r.EventID, DetailType: r.DetailType, Source: r.Source, Bus: r.Bus, Account: r.Account,
		Region: r.Region, Time: r.EventTime, Published: r.Time, UnknownBus: r.UnknownBus, Rules: []Rule{},
	}
}

// include takes over what n must know of the nodes below it.
func (n *Node) include(below ...*Node) {
	for _, m := range below {
		n.Done = n.Done && m.Done
		n.Truncated = n.Truncated || m.Truncated
	}
}

func (n *Node) includeDelivery(d *Delivery) {
	n.Done = n.Done && d.State.settled()
	for i := range d.Runs {
		n.include(d.Runs[i].Caused...)
	}
	n.include(d.Messages...)
	if d.Forwarded != nil {
		n.include(d.Forwarded)
	}
}

func ruleName(ruleARN string) string {
	if a, err := arn.Parse(ruleARN); err == nil {
		if _, name, ok := a.RuleName(); ok {
			return name
		}
	}
	return ruleARN
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
