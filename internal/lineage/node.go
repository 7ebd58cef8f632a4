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

// Node is one event in a causation tree, or one message of a queue: then it has
// a MessageID and no EventID, and of what only events have it has nothing. It
// marshals to the JSON that the command line, the console and tests share.
type Node struct {
	EventID    string    `json:"event_id,omitempty"`
	DetailType string    `json:"detail_type,omitempty"`
	Source     string    `json:"source,omitempty"`
	Bus        string    `json:"bus,omitempty"`
	Account    string    `json:"account,omitempty"`
	Region     string    `json:"region,omitempty"`
	Time       time.Time `json:"time,omitzero"` // the event's own time
	Published  time.Time `json:"published"`     // when the bus took it, or the queue
	UnknownBus bool      `json:"unknown_bus,omitempty"`
	Rules      []Rule    `json:"rules,omitzero"`
	Runs       []Run     `json:"runs,omitempty"` // runs whose delivery is no longer known

	MessageID string    `json:"message_id,omitempty"`
	Queue     string    `json:"queue,omitempty"`    // ARN
	Receipts  []Receipt `json:"receipts,omitempty"` // who received the message
	// Redriven is where the message was delivered again, if it is a dead letter.
	Redriven []Redelivery `json:"redriven,omitempty"`
	// Caused is what names the message by the trace header that it carried, and
	// messages of an event whose delivery is no longer known.
	Caused []*Node `json:"caused,omitempty"`

	// AlsoCausedBy is what else led here, beside what the node hangs below. At
	// the top of a tree it is all that is known to have caused the node.
	AlsoCausedBy []Link `json:"also_caused_by,omitempty"`

	Repeated  bool `json:"repeated,omitempty"`  // told elsewhere in the tree, not again here
	Truncated bool `json:"truncated,omitempty"` // something below was left out: the tree is too large
	Done      bool `json:"done"`                // nothing below is pending
}

// ID is the id of the event or of the message.
func (n *Node) ID() string {
	if n.EventID != "" {
		return n.EventID
	}
	return n.MessageID
}

// Link is one cause of an event or of a message: an event, or a message with the
// event behind it if one is known, and the run that links the two.
type Link struct {
	EventID   string `json:"event_id,omitempty"`
	MessageID string `json:"message_id,omitempty"`
	Queue     string `json:"queue,omitempty"`      // ARN: where the message was received
	RequestID string `json:"request_id,omitempty"` // of the run
	Function  string `json:"function,omitempty"`   // ARN
}

// Receipt is one receiver of a message, and what it did from then on.
type Receipt struct {
	Time      time.Time `json:"time"`
	Span      string    `json:"span,omitempty"`       // of the caller; empty if it had no trace
	RequestID string    `json:"request_id,omitempty"` // of the run that the caller was, if it was one
	Function  string    `json:"function,omitempty"`   // ARN
	Caused    []*Node   `json:"caused,omitempty"`     // what it published and sent since
}

// Redelivery is the delivery that a dead letter was sent back into.
type Redelivery struct {
	Time time.Time `json:"time"` // when it left the dead-letter queue
	Delivery
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
	Messages   []*Node    `json:"messages,omitempty"`  // that it put into a queue, as far as they were received or redriven
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
	Caused     []*Node   `json:"caused,omitempty"` // the events that the run published, and the messages that it sent
}
