package runtimeapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// MaxResponse is the largest result, in bytes, that an invocation may have.
const MaxResponse = 6*1024*1024 + 100

// maxCause is the largest X-Ray cause, in bytes, that is kept.
const maxCause = 1 << 20

// Invocation is one request for the runtime. Payload must not be modified
// while the invocation is under way.
type Invocation struct {
	RequestID     string
	Payload       []byte
	Deadline      time.Time // in host time
	FunctionARN   string    // as the caller named the function
	Trace         string    // the trace header; empty for none
	ClientContext string    // JSON; empty for none
	Identity      string    // Cognito identity as JSON; empty for none
	TenantID      string    // empty for none
}

// Outcome is what the runtime answered to an invocation, or how its
// initialization failed.
type Outcome struct {
	Payload     []byte
	ContentType string
	// ErrorType is empty for a result and the kind of error otherwise, as AWS
	// normalizes it: "Runtime.…" or "Function.…".
	ErrorType string
	// Cause is the X-Ray description of an error, JSON; empty for none.
	Cause string
}

// TooLarge is the ErrorType of a result that exceeded [MaxResponse].
const TooLarge = "Function.ResponseSizeTooLarge"

// writeTo sends the invocation as the answer to a request for the next one.
func (v Invocation) writeTo(w http.ResponseWriter) error {
	h := w.Header()
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(v.Payload)))
	h.Set("Lambda-Runtime-Aws-Request-Id", v.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(v.Deadline.UnixMilli(), 10))
	set("Lambda-Runtime-Invoked-Function-Arn", v.FunctionARN)
	set("Lambda-Runtime-Trace-Id", v.Trace)
	set("Lambda-Runtime-Client-Context", v.ClientContext)
	set("Lambda-Runtime-Cognito-Identity", v.Identity)
	set("Lambda-Runtime-Aws-Tenant-Id", v.TenantID)
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(v.Payload); err != nil {
		return fmt.Errorf("send invocation %s: %w", v.RequestID, err)
	}
	return nil
}

// tooLarge is the outcome of an invocation whose result was too big.
func tooLarge() Outcome {
	return Outcome{
		Payload: fmt.Appendf(nil,
			`{"errorMessage":"Response payload size exceeded maximum allowed payload size (%d bytes).","errorType":"%s"}`,
			MaxResponse, TooLarge),
		ContentType: "application/json",
		ErrorType:   TooLarge,
	}
}

// errorTypePattern is the form in which AWS passes error types on.
var errorTypePattern = regexp.MustCompile(`^(Runtime|Function)\.[A-Z][a-zA-Z]+$`)

// normalizeErrorType maps the error type that a runtime gave to one that AWS
// reports.
func normalizeErrorType(given string) string {
	switch {
	case errorTypePattern.MatchString(given):
		return given
	case strings.HasPrefix(given, "Function."):
		return "Function.Unknown"
	}
	return "Runtime.Unknown"
}

// causeContentType marks an error body that carries its X-Ray cause inside.
const causeContentType = "application/vnd.aws.lambda.error.cause+json"

// splitCause takes the X-Ray cause out of an error body of [causeContentType].
// A body that is not of that form is kept as it came.
func splitCause(body []byte) (rest []byte, cause string) {
	var v struct {
		ErrorMessage json.RawMessage `json:"errorMessage,omitempty"`
		ErrorType    json.RawMessage `json:"errorType,omitempty"`
		StackTrace   json.RawMessage `json:"stackTrace,omitempty"`
		ErrorCause   json.RawMessage `json:"errorCause,omitempty"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return body, ""
	}
	cause = string(v.ErrorCause)
	v.ErrorCause = nil
	rest, err := json.Marshal(v)
	if err != nil {
		return body, ""
	}
	return rest, cause
}

// boundedCause drops a cause that is not JSON or is larger than AWS accepts.
func boundedCause(cause string) string {
	if len(cause) > maxCause || !json.Valid([]byte(cause)) {
		return ""
	}
	return cause
}
