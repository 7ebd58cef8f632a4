package lineage

import "time"

// Kind says which hop a [Record] tells of.
type Kind uint8

// The hops of an event's life. Their numbers are part of the stored form.
const (
	Published     Kind = 1  // a bus took the event
	Accepted      Kind = 2  // a queue took over a delivery, to carry it further
	AttemptFailed Kind = 3  // an attempt failed and another one will follow
	Delivered     Kind = 4  // the target took the event
	DeadLettered  Kind = 5  // the delivery was given up and sent to a queue
	Dropped       Kind = 6  // the delivery was given up and nothing is left of it
	Invoked       Kind = 7  // a function ran
	Sent          Kind = 8  // a call with a trace put a message into a queue
	Received      Kind = 9  // a message was received from a queue
	Redriven      Kind = 10 // a dead letter left its queue, to be delivered again
)

// Outcome says how a function run ended.
type Outcome string

// The outcomes of a function run.
const (
	OK      Outcome = "ok"
	Error   Outcome = "error"
	Timeout Outcome = "timeout"
)

// Cause names what made something happen: one delivery of one event. The zero
// value means "nothing that we know of".
type Cause struct {
	EventID  string
	Delivery string
}

// Match is one rule that an event matched, with the deliveries that came of it.
type Match struct {
	Rule       string // ARN
	Deliveries []Handover
}

// Handover is one delivery that was made durable together with its event.
type Handover struct {
	Delivery string
	Target   string // ARN
}

// Record is one hop. Time, Kind and EventID are always set, except that there is
// no EventID where no event is known: in an Invoked record of a run that no event
// caused, in Sent records, and in a Received record of a message that no delivery
// brought. A Redriven record of an invocation that no event caused has the request
// id for it. Which of the other fields mean something depends on the kind. A Record
// is a plain value; [Log.Write] keeps nothing of it.
type Record struct {
	Time     time.Time
	Kind     Kind
	EventID  string
	Delivery string // every kind but Published and Sent; Invoked: the delivery that caused the run

	// Published. An event that matched no rule has no Matches.
	Bus        string
	UnknownBus bool // there is no such bus: the event was dropped, as AWS does
	Source     string
	DetailType string
	Account    string
	Region     string
	EventTime  time.Time
	Root       string // trace root of the call
	Matches    []Match

	// Span is, for Published and Sent, the span of the call that published the
	// event or sent the message, and so of the run that made the call; for
	// Invoked, the run's own span; for Received, the span of the call that
	// received, empty if the call had no trace.
	Span string

	// Via is the delivery that led here: for Published, the one that forwarded
	// the event from another bus; for Accepted, the one whose target is the
	// queue that now carries the delivery further; for Redriven, the one that was
	// given up, if that is known.
	Via string

	// Accepted, Redriven.
	Rule   string // ARN; empty where no rule was involved
	Target string // ARN

	// AttemptFailed, DeadLettered, Dropped; Attempt also for Invoked, Delivered.
	Attempt   int // from 1
	Code      string
	Message   string    // Dropped: the reason
	Due       time.Time // AttemptFailed: when the next attempt is due
	Queue     string    // DeadLettered, Sent, Received, Redriven: ARN of the queue
	Exhausted string    // which limit ended the retries, if one did

	// Sent, Received, Redriven. Delivery is the one that brought the message; for
	// Redriven, the new one.
	MessageID string
	// MessageSpan is the span in the message's own trace header, where that is
	// another one than the receiver finds anyway: for Sent, the one that the
	// sender named instead of its own; for Received, the one that stands for a
	// message which a delivery brought. What names it was caused by the message.
	MessageSpan string

	// Invoked. Time is when the run ended, Start when it began; Code and Message
	// are the error's type and text. Received, Redriven: Start is when the message was
	// sent. Redriven: RequestID is set if no event caused the invocation.
	Start     time.Time
	RequestID string
	Function  string // ARN
	Duration  time.Duration
	Init      time.Duration // zero if the environment was warm
	Outcome   Outcome
}
