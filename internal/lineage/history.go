package lineage

import (
	"cmp"
	"slices"
	"time"
)

// history is the records of one event, sorted by what they tell of.
type history struct {
	id        string
	published []*Record            // where it first arrived; again if it was published again
	forwarded map[string][]*Record // by the delivery that forwarded it to another bus
	queues    map[string][]string  // by delivery: the deliveries that carry it further
	stages    map[string]*stage    // by delivery
	order     []string             // keys of stages, in order of time
}

// stage is how one delivery went.
type stage struct {
	state    State // empty: nothing is known of it
	attempts []Attempt
	due      time.Time
	last     *Record // the one that settled it
	runs     []*Record
	messages []string // ids of messages that it put into a queue
	redriven bool     // it has its place below the dead letter that led to it
	told     bool     // its runs and messages have their place in the tree
}

func (b *builder) history(id string) *history {
	if h := b.histories[id]; h != nil {
		return h
	}
	h := &history{id: id, forwarded: map[string][]*Record{}, queues: map[string][]string{}, stages: map[string]*stage{}}
	for i := range b.events[id] {
		h.add(&b.events[id][i])
	}
	b.histories[id] = h
	return h
}

func (h *history) add(r *Record) {
	if r.Kind == Sent || r.Kind == Received && r.EventID == "" {
		return
	}
	if r.Kind == Published {
		if r.Via == "" {
			h.published = append(h.published, r)
		} else {
			h.forwarded[r.Via] = append(h.forwarded[r.Via], r)
		}
		return
	}
	s := h.known(r.Delivery)
	switch r.Kind {
	case Accepted:
		s.state = StatePending
		h.queues[r.Via] = append(h.queues[r.Via], r.Delivery)
	case AttemptFailed:
		s.state, s.due = StateRetrying, r.Due
		s.attempts = append(s.attempts, Attempt{Number: r.Attempt, Time: r.Time, Code: r.Code, Message: r.Message})
	case Delivered:
		s.state, s.last = StateDelivered, r
	case DeadLettered:
		s.state, s.last = StateDeadLettered, r
	case Dropped:
		s.state, s.last = StateDropped, r
	case Invoked:
		s.runs = append(s.runs, r)
	case Received:
		s.put(r.MessageID)
	case Redriven:
		s.state, s.redriven = cmp.Or(s.state, StatePending), true
		h.known(r.Via).put(r.MessageID)
	}
}

// known returns the stage of a delivery, a new one if it has none.
func (h *history) known(delivery string) *stage {
	s, known := h.stages[delivery]
	if !known {
		s = &stage{}
		h.stages[delivery] = s
		h.order = append(h.order, delivery)
	}
	return s
}

// put notes a message that the delivery put into a queue.
func (s *stage) put(message string) {
	if !slices.Contains(s.messages, message) {
		s.messages = append(s.messages, message)
	}
}

// stage returns how a delivery went, and marks it as told.
func (h *history) stage(delivery string) *stage {
	s, known := h.stages[delivery]
	if !known {
		return &stage{}
	}
	s.told = true
	return s
}

// orphans lists the runs and the messages of deliveries that no rule led to. It is
// called when everything else has been told.
func (h *history) orphans() (runs []*Record, messages []string) {
	for _, id := range h.order {
		if s := h.stages[id]; !s.told && !s.redriven {
			runs = append(runs, s.runs...)
			messages = append(messages, s.messages...)
		}
	}
	return runs, messages
}

// tell adds the stage to d; what comes later in the event's life is told later.
func (s *stage) tell(d *Delivery) {
	d.Attempts = append(d.Attempts, s.attempts...)
	if s.state == "" {
		return
	}
	d.State, d.Due, d.Settled = s.state, nil, nil
	if s.state == StateRetrying && !s.due.IsZero() {
		d.Due = &s.due
	}
	if s.last != nil {
		d.Settled = &s.last.Time
		d.DeadLetter, d.Code, d.Message, d.Exhausted = s.last.Queue, s.last.Code, s.last.Message, s.last.Exhausted
	}
}
