package lineage

import "time"

// State says how far a delivery has come.
type State string

// The states of a delivery. A delivery that is Pending or Retrying will change
// again.
const (
	StatePending      State = "pending"
	StateRetrying     State = "retrying"
	StateDelivered    State = "delivered"
	StateDeadLettered State = "dead-lettered"
	StateDropped      State = "dropped"
)

func (s State) settled() bool { return s != StatePending && s != StateRetrying }

// Node is one event in a causation tree. It marshals to the JSON that the
// command line, the console and tests share.
type Node struct {
	EventID    string    `json:"event_id"`
	DetailType string    `json:"detail_type"`
	Source     string    `json:"source"`
	Bus        string    `json:"bus"`
	Account    string    `json:"account"`
	Region     string    `json:"region"`
	Time       time.Time `json:"time"`      // the event's own time
	Published  time.Time `json:"published"` // when the bus took it
	UnknownBus bool      `json:"unknown_bus,omitempty"`
	Rules      []Rule    `json:"rules"`
	Runs       []Run     `json:"runs,omitempty"`      // runs whose delivery is no longer known
	Repeated   bool      `json:"repeated,omitempty"`  // told elsewhere in the tree, not again here
	Truncated  bool      `json:"truncated,omitempty"` // something below was left out: the tree is too large
	Done       bool      `json:"done"`                // nothing below is pending
}

// Rule is one rule that an event matched.
type Rule struct {
	Name       string     `json:"name"`
	ARN        string     `json:"arn"`
	Deliveries []Delivery `json:"deliveries"`
}

// Delivery is what became of an event at one target. Where the target is a
// queue of ours that carries the event further, as Lambda's asynchronous
// invocation is, the queue's attempts and end are told here too.
type Delivery struct {
	ID         string     `json:"id"`
	Target     string     `json:"target"`
	State      State      `json:"state"`
	Attempts   []Attempt  `json:"attempts,omitempty"` // the failed ones
	Due        *time.Time `json:"due,omitempty"`      // when the next attempt is due
	Settled    *time.Time `json:"settled,omitempty"`
	DeadLetter string     `json:"dead_letter,omitempty"` // ARN of the queue
	Code       string     `json:"code,omitempty"`        // why it was given up
	Message    string     `json:"message,omitempty"`
	Exhausted  string     `json:"exhausted,omitempty"`
	Runs       []Run      `json:"runs,omitempty"`
	Forwarded  *Node      `json:"forwarded,omitempty"` // the same event on the bus that is the target
}

// Attempt is one failed attempt of a delivery.
type Attempt struct {
	Number  int       `json:"number"`
	Time    time.Time `json:"time"`
	Code    string    `json:"code"`
	Message string    `json:"message"`
}

// Run is one run of a function.
type Run struct {
	RequestID  string    `json:"request_id"`
	Function   string    `json:"function"` // ARN
	Attempt    int       `json:"attempt,omitempty"`
	Started    time.Time `json:"started"`
	DurationMS float64   `json:"duration_ms"`
	InitMS     float64   `json:"init_ms,omitempty"`
	Outcome    Outcome   `json:"outcome"`
	ErrorType  string    `json:"error_type,omitempty"`
	Error      string    `json:"error,omitempty"`
	Caused     []*Node   `json:"caused,omitempty"` // the events that the run published
}
