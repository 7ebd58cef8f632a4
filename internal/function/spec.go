package function

import (
	"errors"
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/telemetry"
)

// Spec is one revision of a function. It is a plain value; Env must not be
// modified while it is in use.
type Spec struct {
	ARN      arn.ARN // without qualifier
	Name     string
	Version  string // "$LATEST" or a number
	Revision string // another value for every change of what follows
	Runtime  string // as AWS names it: "python3.12"
	Handler  string
	Timeout  time.Duration
	MemoryMB int
	Env      map[string]string // the user's variables
	CodeDir  string            // where the code is unpacked

	LogFormat string // "JSON", or text if it is anything else
	LogLevel  string // of the application; empty for the default

	// Reserved is the concurrency that only this function may use, and no more
	// than it; nil means that it shares what is left.
	Reserved *int
	// Unreserved is the concurrency that all functions without a reservation
	// share in this account and region; 0 means all of the account's.
	Unreserved int
}

// Credentials are what a function calls AWS's services with.
type Credentials struct {
	AccessKeyID  string
	Secret       telemetry.Redacted
	SessionToken telemetry.Redacted
}

// anyCredentials are those of a function whose calls nobody verifies. A server
// takes a 12-digit access key id for the account.
func anyCredentials(function arn.ARN) (Credentials, error) {
	return Credentials{AccessKeyID: function.Account, Secret: "stormbus", SessionToken: "stormbus"}, nil
}

// Invocation is one request to a function.
type Invocation struct {
	RequestID     string
	Payload       []byte // JSON
	Trace         telemetry.Trace
	InvokedARN    string // as the caller qualified it
	ClientContext string // JSON; empty for none
}

// Unhandled is the FunctionError of every invocation that failed.
const Unhandled = "Unhandled"

// Result is what became of an invocation.
type Result struct {
	Payload       []byte // the result, or the error document
	FunctionError string // empty, or Unhandled
	ErrorType     string // of the error document, as the function named it
	ErrorMessage  string
	TimedOut      bool
	Log           []byte        // the last 4 KB of the log
	Started       time.Time     // host time at which the handler was given the event
	Duration      time.Duration // of the handler
	InitDuration  time.Duration // zero if the environment was warm
	MaxMemoryMB   int           // zero where it cannot be measured
}

// Entry is one record of a function's log.
type Entry struct {
	Function  arn.ARN
	Version   string
	Stream    string // name of the environment's log stream
	RequestID string // empty during initialization
	Time      time.Time
	Text      string // without the newline at its end
}

// ErrThrottled says that an invocation would exceed a concurrency limit.
// [ThrottleReason] tells which.
var ErrThrottled = errors.New("function is throttled")

// ErrClosed says that the pool is closing or closed.
var ErrClosed = errors.New("function pool is closed")

// The reasons that AWS gives for throttling.
const (
	ReasonConcurrency = "ConcurrentInvocationLimitExceeded"
	ReasonReserved    = "ReservedFunctionConcurrentInvocationLimitExceeded"
)

type throttled string

func (t throttled) Error() string { return fmt.Sprintf("%v: %s", ErrThrottled, string(t)) }
func (t throttled) Unwrap() error { return ErrThrottled }

// ThrottleReason returns AWS's reason if err says that a function is
// throttled.
func ThrottleReason(err error) (string, bool) {
	var t throttled
	if errors.As(err, &t) {
		return string(t), true
	}
	return "", false
}

// UnavailableError says that no environment could be made: the runtime is
// unknown, there is no interpreter, or its process could not be started.
type UnavailableError struct {
	Runtime string
	Cause   error
}

// Error names the runtime and the cause.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("runtime %s cannot run here: %v", e.Runtime, e.Cause)
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }
