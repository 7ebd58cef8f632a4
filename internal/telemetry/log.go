// Package telemetry holds what every log line, metric and trace shares: the
// keys of log attributes, the logger's construction, and trace headers.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

// The keys of log attributes. A key means the same thing in every package.
const (
	KeyEventID   = "event_id"
	KeyTrace     = "trace"
	KeyRule      = "rule"
	KeyTarget    = "target"
	KeyAttempt   = "attempt"
	KeyFunction  = "function"
	KeyRequestID = "request_id"
	KeyQueue     = "queue"
	KeyService   = "service"
	KeyOperation = "operation"
	KeyError     = "error"
)

// NewLogger returns a logger that writes to w. Format is "text" or "json".
func NewLogger(w io.Writer, format string, level slog.Leveler) (*slog.Logger, error) {
	opts := &slog.HandlerOptions{Level: level}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("log format %q: want text or json", format)
}

// Redacted is a secret that prints as "[redacted]" wherever it is formatted or
// logged. Convert it to a string to use it.
type Redacted string

// String hides the secret from fmt.
func (Redacted) String() string { return "[redacted]" }

// GoString hides the secret from fmt's %#v.
func (Redacted) GoString() string { return "[redacted]" }

// LogValue hides the secret from slog.
func (Redacted) LogValue() slog.Value { return slog.StringValue("[redacted]") }

var (
	_ slog.LogValuer = Redacted("")
	_ fmt.Stringer   = Redacted("")
)
