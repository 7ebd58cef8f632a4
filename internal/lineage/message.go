package lineage

import (
	"cmp"
	"slices"
	"time"
)

// isMessage reports whether an id is that of a message: nothing was published
// under it.
func (b *builder) isMessage(id string) bool {
	return slices.ContainsFunc(b.events[id], func(r Record) bool { return r.MessageID == id })
}

// message returns the node of a message that hangs below parent.
func (b *builder) message(id, parent string) *Node {
	n := &Node{MessageID: id, Done: true}
	for i := range b.events[id] {
		r := &b.events[id][i]
		if at := sentAt(r); n.Published.IsZero() || at.Before(n.Published) {
			n.Published = at
		}
		n.Queue = cmp.Or(n.Queue, r.Queue)
	}
	if b.shown[id] {
		n.Repeated = true
		return n
	}
	b.shown[id] = true
	n.Truncated = b.cut[id]
	n.AlsoCausedBy = b.linksBeside(id, parent)
	b.receipts(n)
	b.redeliveries(n)
	for i := range n.Receipts {
		n.include(n.Receipts[i].Caused...)
	}
	n.include(n.Caused...)
	return n
}

// receipts tells who received a message, and what names the message itself. A
// receiver that received it again is told once, one without a trace only if
// nobody else is known.
func (b *builder) receipts(n *Node) {
	seen := map[string]bool{}
	var named []string
	for i := range b.events[n.MessageID] {
		r := &b.events[n.MessageID][i]
		if r.Kind != Received {
			continue
		}
		if r.MessageSpan != "" && !seen[r.MessageSpan] {
			seen[r.MessageSpan] = true
			named = append(named, b.childrenOf(r.MessageSpan)...)
		}
		if seen[r.Span] {
			continue
		}
		seen[r.Span] = true
		receipt := Receipt{Time: r.Time, Span: r.Span}
		if run := b.runOf(r.Span); run != nil {
			receipt.RequestID, receipt.Function = run.RequestID, run.Function
		}
		receipt.Caused = b.nodes(b.childrenSince(r.Span, r.Time), n.MessageID)
		n.Receipts = append(n.Receipts, receipt)
	}
	n.Caused = b.nodes(named, n.MessageID)
}

// redeliveries tells where a dead letter was delivered again, and what came of it.
func (b *builder) redeliveries(n *Node) {
	for i := range b.events[n.MessageID] {
		r := &b.events[n.MessageID][i]
		if r.Kind != Redriven {
			continue
		}
		if len(b.events[r.EventID]) == 0 {
			n.Truncated = true
			continue
		}
		d := b.delivery(b.history(r.EventID), Handover{Delivery: r.Delivery, Target: r.Target})
		n.Redriven = append(n.Redriven, Redelivery{Time: r.Time, Delivery: d})
		n.includeDelivery(&d)
	}
}

// sentAt is when the message of a record was sent.
func sentAt(r *Record) time.Time {
	if (r.Kind == Received || r.Kind == Redriven) && !r.Start.IsZero() {
		return r.Start
	}
	return r.Time
}

func (b *builder) childrenOf(name string) []string { return b.childrenSince(name, time.Time{}) }

// childrenSince lists what a span published and sent, beginning at a time.
func (b *builder) childrenSince(name string, since time.Time) []string {
	s := b.spans[name]
	if s == nil || name == "" {
		return nil
	}
	var out []string
	for _, id := range s.children {
		if r := b.made(id); r == nil || !r.Time.Before(since) {
			out = append(out, id)
		}
	}
	return out
}

// made returns the record of how an event or a message came to be: published or
// sent, not forwarded. It is nil if that is not known.
func (b *builder) made(id string) *Record {
	for i := range b.events[id] {
		if r := &b.events[id][i]; r.Kind == Sent || r.Kind == Published && r.Via == "" {
			return r
		}
	}
	return nil
}

// runOf returns the run whose span it is, nil if it is none that is known.
func (b *builder) runOf(name string) *Record {
	s := b.spans[name]
	if s == nil {
		return nil
	}
	if len(s.runs) == 0 {
		return nil
	}
	return &s.runs[0]
}

// maxLinks is how many of the messages that a caller received last count as causes
// of what it does: somebody who has one trace for all that it ever does is not to
// drag everything along.
const maxLinks = 256

// links lists what caused an event or a message: the event that started the run
// which made it, what that run had received by then, the message that it names,
// and for a message the event of the delivery that brought it.
func (b *builder) links(id string) []Link {
	var out []Link
	add := func(l Link) {
		same := func(o Link) bool { return o.EventID == l.EventID && o.MessageID == l.MessageID }
		if l.EventID+l.MessageID != "" && cmp.Or(l.MessageID, l.EventID) != id && !slices.ContainsFunc(out, same) {
			out = append(out, l)
		}
	}
	for i := range b.events[id] {
		switch r := &b.events[id][i]; {
		case r.MessageID != id:
		case r.Kind == Received, r.Kind == Redriven && r.RequestID == "":
			add(Link{EventID: r.EventID})
		}
	}
	if r := b.made(id); r != nil {
		for _, name := range []string{r.Span, r.MessageSpan} {
			b.linksOf(name, r.Time, add)
		}
	}
	return out
}

// linksOf calls add with what caused the doings of a span at a time: first that
// which started it, then what it received.
func (b *builder) linksOf(name string, at time.Time, add func(Link)) {
	s := b.spans[name]
	if s == nil || name == "" {
		return
	}
	var run Link
	if r := b.runOf(name); r != nil {
		run = Link{RequestID: r.RequestID, Function: r.Function}
	}
	for i := range s.runs {
		if l := run; s.runs[i].EventID != "" {
			l.EventID = s.runs[i].EventID
			add(l)
		}
	}
	s.sortReceived()
	until, _ := slices.BinarySearchFunc(s.received, at, func(r Record, at time.Time) int {
		if r.Time.After(at) {
			return 1
		}
		return -1
	})
	for i := max(0, until-maxLinks); i < until; i++ {
		r, l := &s.received[i], run
		l.EventID, l.MessageID, l.Queue = r.EventID, r.MessageID, r.Queue
		add(l)
	}
}

// linksBeside lists the causes without the one that is the parent.
func (b *builder) linksBeside(id, parent string) []Link {
	var out []Link
	for _, l := range b.links(id) {
		if cmp.Or(l.MessageID, l.EventID) != parent {
			out = append(out, l)
		}
	}
	return out
}
