package runtimeapi

import "fmt"

// state is where the runtime stands. Its text is the name that AWS prints in
// error messages.
type state string

const (
	started       state = "Started"                  // the process runs its initialization
	initError     state = "InitError"                // initialization failed; nothing may follow
	ready         state = "Ready"                    // asked for the next invocation
	running       state = "Running"                  // was given an invocation
	response      state = "InvocationResponse"       // its result is being read
	errorResponse state = "InvocationErrorResponse"  // its error is being read
	responseSent  state = "RuntimeResponseSentState" // the result is in; the next request may come
)

// allowed holds every transition that a request of the runtime may ask for.
// Three more are not here because no request asks for them: Ready becomes
// Running when an invocation arrives, and the two response states become
// responseSent when the body has been read, or Running again when it broke off.
var allowed = [...]struct{ from, to state }{
	{started, ready},
	{started, initError},
	{ready, ready},   // a client that gave up waiting asks again
	{running, ready}, // the same invocation is handed out again
	{running, response},
	{running, errorResponse},
	{responseSent, ready},
}

// permits reports whether a request may take the runtime from one state to the
// other.
func permits(from, to state) bool {
	for _, t := range allowed {
		if t.from == from && t.to == to {
			return true
		}
	}
	return false
}

// transitionMessage is AWS's text about a request that came at the wrong time.
func transitionMessage(from, to state) string {
	return fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", from, to)
}
