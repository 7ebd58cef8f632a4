package delivery

import (
	"context"
	"math/rand/v2"
	"time"

	"stormbus/internal/lineage"
	"stormbus/internal/telemetry"
)

// Target is where a lane leads.
//
// Deliver gets 1 to Lane.Batch deliveries and returns one outcome for each, in
// the same order: nil if the target has it for good, a *[Failure] if not. Any
// other error is a failure that may be retried. Deliver is called from several
// goroutines at once, and again with the same delivery after a crash or a
// failure. It must return soon after ctx ends and must not keep or modify what
// it was given. A Target knows nothing of retries and dead letters.
type Target interface {
	Deliver(ctx context.Context, batch []Delivery) []error
}

// Each makes a Target of a function that takes one delivery at a time.
func Each(fn func(ctx context.Context, d Delivery) error) Target { return each(fn) }

type each func(ctx context.Context, d Delivery) error

func (f each) Deliver(ctx context.Context, batch []Delivery) []error {
	out := make([]error, len(batch))
	for i := range batch {
		out[i] = f(ctx, batch[i])
	}
	return out
}

// Delivery is one attempt to hand something to a target.
type Delivery struct {
	ID        string // the same for every attempt, unique in the store
	EventID   string // or whatever names the job, such as a request id
	Event     []byte // as published: what a dead-letter queue gets
	Payload   []byte // after the lane's Input
	Rule      string // ARN; empty where no rule was involved
	TargetARN string
	Attempt   int       // from 1
	Accepted  time.Time // when the event was stored
	Trace     telemetry.Trace
	Cause     lineage.Cause // what made this job, if another delivery did
	Meta      []byte        // what the maker of the job noted for itself
}

// Failure is an attempt that did not succeed.
type Failure struct {
	Code      string // one of the Code constants, or the target's own
	Message   string
	Permanent bool // no other attempt can succeed: give up at once

	// After, if positive, is when to try again; the lane's backoff is not asked.
	After time.Duration
	// Free attempts do not count towards Policy.MaxRetries: the target was not
	// reached, as when a function is throttled.
	Free bool
}

// Error returns the code and the message.
func (f *Failure) Error() string {
	if f.Message == "" {
		return f.Code
	}
	return f.Code + ": " + f.Message
}

// The error codes that EventBridge writes into dead letters.
const (
	CodeConnectionFailure            = "CONNECTION_FAILURE"
	CodeErrorFromTarget              = "ERROR_FROM_TARGET"
	CodeFailedToAssumeRole           = "FAILED_TO_ASSUME_ROLE"
	CodeInternalError                = "INTERNAL_ERROR"
	CodeInvalidJSON                  = "INVALID_JSON"
	CodeInvalidParameter             = "INVALID_PARAMETER"
	CodeNoPermissions                = "NO_PERMISSIONS"
	CodeNoResource                   = "NO_RESOURCE"
	CodeResourceLimitExceeded        = "RESOURCE_LIMIT_EXCEEDED"
	CodeSDKClientError               = "SDK_CLIENT_ERROR"
	CodeThirdAccountHopDetected      = "THIRD_ACCOUNT_HOP_DETECTED"
	CodeThrottling                   = "THROTTLING"
	CodeTimeout                      = "TIMEOUT"
	CodeUnknown                      = "UNKNOWN"
	CodeEventsInBatchRequestRejected = "EVENTS_IN_BATCH_REQUEST_REJECTED"
)

// Policy says how long a lane tries.
type Policy struct {
	MaxRetries int           // after the first attempt; 0 = none
	MaxAge     time.Duration // since the event was accepted; 0 = no limit
	// Backoff returns how long to wait before the given retry, counted from 1.
	// It must use no randomness but rnd, and not call the Engine. Nil means
	// [FullJitter] with BackoffBase and BackoffCap.
	Backoff func(retry int, rnd *rand.Rand) time.Duration
}

// Limit says which limit of a policy ended the retries.
type Limit string

// The limits of a policy. NoLimit is that of a permanent failure.
const (
	NoLimit    Limit = ""
	MaxRetries Limit = "MaximumRetryAttempts"
	MaxAge     Limit = "MaximumEventAgeInSeconds"
)

// DeadLetter takes what a lane gave up.
//
// Send returns nil when the letter is stored for good. A *[Failure] that is
// Permanent drops it (the queue is gone); after any other error it is sent
// again later. A crash may send a letter twice.
type DeadLetter interface {
	Send(ctx context.Context, l DeadLetterMessage) error
}

// DeadLetterMessage is a job that was given up.
type DeadLetterMessage struct {
	Lane     LaneID   // that gave it up
	Delivery Delivery // Attempt is the number of attempts made; Payload is nil
	Code     string   // of the last failure
	Message  string
	// Exhausted is the limit that ended the retries, NoLimit after a permanent
	// failure. It is set even if the limit allowed no retry at all.
	Exhausted Limit
}
