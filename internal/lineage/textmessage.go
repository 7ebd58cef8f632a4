package lineage

import "fmt"

// shownLinks is how many further causes of one event are drawn.
const shownLinks = 8

// links draws what else caused an event or a message.
func (t *text) links(n *Node) []line {
	also := "↖ also caused by "
	if n == t.root {
		also = "↖ caused by "
	}
	var out []line
	for i, l := range n.AlsoCausedBy {
		if more := len(n.AlsoCausedBy) - i; i == shownLinks && more > 1 {
			return append(out, line{text: fmt.Sprintf("↖ … and %d more", more)})
		}
		out = append(out, line{text: also + t.link(l)})
	}
	return out
}

func (t *text) link(l Link) string {
	event := "event " + t.id(l.EventID)
	if l.MessageID == "" {
		return event
	}
	message := "message " + t.id(l.MessageID)
	if l.Queue != "" {
		message += " of " + target(l.Queue)
	}
	if l.EventID == "" {
		return message
	}
	return message + ", " + event
}

// belowMessage draws who received a message and what came of it.
func (t *text) belowMessage(n *Node) []line {
	var out []line
	for i := range n.Receipts {
		r := &n.Receipts[i]
		if r.Span == "" && (len(n.Receipts) > 1 || len(n.Caused)+len(n.Redriven) > 0) {
			continue // it says nothing that the others do not
		}
		out = append(out, line{words("received"+t.by(r), t.since(r.Time)), t.nodes(r.Caused)})
	}
	for i := range n.Redriven {
		r := &n.Redriven[i]
		l := t.delivery(&r.Delivery)
		l.text = "redriven " + t.since(r.Time) + " " + l.text
		out = append(out, l)
	}
	if len(n.Receipts)+len(n.Redriven)+len(n.Caused) == 0 {
		out = append(out, line{text: "not received yet"})
	}
	return append(out, t.nodes(n.Caused)...)
}

// by names a receiver.
func (t *text) by(r *Receipt) string {
	switch {
	case r.RequestID != "":
		return " by " + target(r.Function) + ", run " + t.id(r.RequestID)
	case r.Span != "":
		return " by span " + clean(r.Span)
	}
	return ""
}
