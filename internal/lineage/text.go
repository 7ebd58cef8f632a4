package lineage

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"stormbus/internal/arn"
)

// TextOptions change how [WriteTree] draws. The zero value is usable.
type TextOptions struct {
	Zone    *time.Location // of the root's time; default UTC
	FullIDs bool           // instead of their first eight characters
}

// WriteTree draws a tree as text, one line per event, rule, run and failed
// attempt:
//
//	SeatsHeld  cinema.bookings  3f2a9c1e  2026-11-23 10:00:00.120
//	└─ rule capture → function payments  ✔
//	   └─ run 8d1e77aa  41 ms  cold start 180 ms
//	      └─ PaymentCaptured  cinema.payments  77aa01bc  +152 ms
//	         └─ rule confirm → queue confirmations  ✔
//
// Times below the root are relative to it. Control characters in what users
// named or wrote are replaced, so a terminal can show it.
func WriteTree(w io.Writer, n *Node, o TextOptions) error {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	buf := bufio.NewWriter(w)
	t := text{w: buf, start: n.Published, full: o.FullIDs, root: n}
	t.draw("", "", line{t.event(n, n.Published.In(o.Zone).Format("2006-01-02 15:04:05.000")), t.belowEvent(n)})
	if !n.Done {
		fmt.Fprintln(buf, "(not finished yet)")
	}
	return buf.Flush()
}

// text draws one tree.
type text struct {
	w     *bufio.Writer
	start time.Time
	full  bool
	root  *Node
}

// line is one line of the drawing and what hangs below it.
type line struct {
	text  string
	below []line
}

// draw writes l behind first, and what is below it behind rest.
func (t *text) draw(first, rest string, l line) {
	fmt.Fprintln(t.w, first+l.text)
	for i, b := range l.below {
		if i+1 < len(l.below) {
			t.draw(rest+"├─ ", rest+"│  ", b)
		} else {
			t.draw(rest+"└─ ", rest+"   ", b)
		}
	}
}

func (t *text) event(n *Node, at string) string {
	switch {
	case n.Published.IsZero():
		return "event " + t.id(n.ID()) + "  …"
	case n.MessageID != "":
		return words("message "+t.id(n.MessageID), target(n.Queue), at)
	}
	return words(clean(n.DetailType), clean(n.Source), t.id(n.EventID), at)
}

func (t *text) belowEvent(n *Node) []line {
	switch {
	case n.Published.IsZero():
		return nil
	case n.Repeated:
		return []line{{text: "… told elsewhere in this tree"}}
	case n.UnknownBus:
		return []line{{text: "✗ dropped: there is no event bus " + clean(n.Bus)}}
	}
	out := t.links(n)
	if n.MessageID != "" {
		return append(out, t.belowMessage(n)...)
	}
	for i := range n.Rules {
		out = append(out, t.rule(&n.Rules[i]))
	}
	if len(n.Rules) == 0 {
		out = append(out, line{text: "no rule matched"})
	}
	for i := range n.Runs {
		l := t.run(&n.Runs[i])
		l.text = target(n.Runs[i].Function) + "  " + l.text
		out = append(out, l)
	}
	return append(out, t.nodes(n.Caused)...)
}

func (t *text) rule(r *Rule) line {
	name := "rule " + clean(r.Name)
	switch len(r.Deliveries) {
	case 0:
		return line{text: name + "  without targets"}
	case 1:
		l := t.delivery(&r.Deliveries[0])
		l.text = name + " " + l.text
		return l
	}
	l := line{text: name}
	for i := range r.Deliveries {
		l.below = append(l.below, t.delivery(&r.Deliveries[i]))
	}
	return l
}

func (t *text) delivery(d *Delivery) line {
	l := line{text: words("→ "+target(d.Target), t.state(d)), below: t.attempts(d)}
	for i := range d.Runs {
		l.below = append(l.below, t.run(&d.Runs[i]))
	}
	l.below = append(l.below, t.nodes(d.Messages)...)
	if d.Forwarded != nil {
		at := t.since(d.Forwarded.Published)
		l.below = append(l.below, line{"on bus " + clean(d.Forwarded.Bus) + "  " + at, t.belowEvent(d.Forwarded)})
	}
	return l
}

func (t *text) state(d *Delivery) string {
	switch d.State {
	case StateDelivered:
		return "✔"
	case StateRetrying:
		if d.Due != nil {
			return "↻ next attempt " + t.since(*d.Due)
		}
		return "↻ giving up"
	case StateDeadLettered:
		return words("✗ dead-lettered to "+target(d.DeadLetter)+" "+t.since(*d.Settled), t.why(d))
	case StateDropped:
		return words("✗ dropped "+t.since(*d.Settled), t.why(d))
	}
	return "… pending"
}

// why tells why a delivery was given up, unless its last attempt does.
func (t *text) why(d *Delivery) string {
	if d.Exhausted != "" {
		return clean(d.Exhausted)
	}
	if n := len(d.Attempts); n > 0 && d.Attempts[n-1].Message == d.Message {
		return ""
	}
	return failure(d.Code, d.Message)
}

// shownAttempts is how many attempts are drawn at either end of many.
const shownAttempts = 3

// attempts draws the failed attempts that no failed run tells of already.
func (t *text) attempts(d *Delivery) []line {
	var out []line
	for i := range d.Attempts {
		a := &d.Attempts[i]
		if !toldByRun(d.Runs, a) {
			out = append(out, line{text: words("attempt "+strconv.Itoa(a.Number), t.since(a.Time), failure(a.Code, a.Message))})
		}
	}
	if n := len(out) - 2*shownAttempts; n > 1 {
		more := line{text: fmt.Sprintf("… %d more attempts", n)}
		out = append(append(out[:shownAttempts:shownAttempts], more), out[len(out)-shownAttempts:]...)
	}
	return out
}

func toldByRun(runs []Run, a *Attempt) bool {
	for i := range runs {
		r := &runs[i]
		if r.Outcome != OK && r.Attempt == a.Number && !a.Time.Before(r.Started) {
			return true
		}
	}
	return false
}

func (t *text) run(r *Run) line {
	l := line{text: words("run "+t.id(r.RequestID), attemptNumber(r.Attempt), millis(r.DurationMS), coldStart(r.InitMS))}
	switch r.Outcome {
	case OK:
	case Timeout:
		l.text = words(l.text, "✗ timed out")
	default:
		l.text = words(l.text, "✗ "+failure(r.ErrorType, r.Error))
	}
	l.below = t.nodes(r.Caused)
	return l
}

func (t *text) nodes(ns []*Node) []line {
	var out []line
	for _, n := range ns {
		out = append(out, line{t.event(n, t.since(n.Published)), t.belowEvent(n)})
	}
	return out
}

func attemptNumber(n int) string {
	if n <= 1 {
		return ""
	}
	return "attempt " + strconv.Itoa(n)
}

func coldStart(ms float64) string {
	if ms == 0 {
		return ""
	}
	return "cold start " + millis(ms)
}

// since is a time relative to the root's.
func (t *text) since(at time.Time) string {
	d := at.Sub(t.start)
	if d < 0 {
		return "-" + span(-d)
	}
	return "+" + span(d)
}

func millis(ms float64) string { return span(time.Duration(ms * float64(time.Millisecond))) }

// span is a duration with two or three digits that matter.
func span(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(d.Seconds()*1000, 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
	}
	d = d.Round(time.Second)
	if d >= time.Hour {
		return fmt.Sprintf("%dh%02dm%02ds", d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
}

func (t *text) id(id string) string {
	if len(id) > 8 && !t.full {
		id = id[:8]
	}
	return clean(id)
}

// target names what an ARN stands for.
func target(s string) string {
	a, err := arn.Parse(s)
	if err != nil {
		return clean(s)
	}
	if name, qualifier, ok := a.FunctionName(); ok {
		if qualifier != "" {
			name += ":" + qualifier
		}
		return "function " + clean(name)
	}
	if name, ok := a.QueueName(); ok {
		return "queue " + clean(name)
	}
	if name, ok := a.BusName(); ok {
		return "bus " + clean(name)
	}
	return clean(a.Service + " " + a.Resource)
}

func failure(code, message string) string {
	switch {
	case code == "":
		return clean(message)
	case message == "":
		return clean(code)
	}
	return clean(code + ": " + message)
}

// words joins what is not empty by two blanks.
func words(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("  ")
		}
		b.WriteString(p)
	}
	return b.String()
}

// maxText is how many characters of a text are drawn.
const maxText = 160

// clean makes a text fit for one line of a terminal: whatever is not printable
// becomes a blank, and too much of it is cut off.
func clean(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == maxText {
			b.WriteString("…")
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}
