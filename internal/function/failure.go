package function

import (
	"encoding/json"
	"fmt"
	"time"
)

// The error types of invocations that ended without an answer.
const (
	timedOut     = "Sandbox.Timedout"
	exitError    = "Runtime.ExitError"
	noEntrypoint = "Runtime.InvalidEntrypoint"
)

// timeoutDocument is what the caller of an invocation gets that took too long.
func timeoutDocument(requestID string, limit time.Duration) []byte {
	return document(timedOut, requestID, fmt.Sprintf("Task timed out after %.2f seconds", limit.Seconds()))
}

// exitDocument is what the caller of an invocation gets whose process ended;
// how is empty if it simply returned.
func exitDocument(requestID, how string) []byte {
	return document(exitError, requestID, exitMessage(how))
}

// entrypointDocument is what the caller of a function gets that brings no
// executable though its runtime wants one.
func entrypointDocument(requestID, path string) []byte {
	return document(noEntrypoint, requestID, "Couldn't find valid bootstrap(s): ["+path+"]")
}

func exitMessage(how string) string {
	if how == "" {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + how
}

func document(kind, requestID, message string) []byte {
	b, err := json.Marshal(struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}{kind, "RequestId: " + requestID + " Error: " + message})
	if err != nil {
		panic(err) // two strings always encode
	}
	return b
}

// describe takes type and message out of an error document, as far as it has
// them.
func describe(document []byte) (kind, message string) {
	var v struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	_ = json.Unmarshal(document, &v) // a runtime may send what it likes
	return v.ErrorType, v.ErrorMessage
}
