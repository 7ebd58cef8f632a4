package telemetry

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// TraceHeader is the name of the HTTP header that carries a [Trace].
const TraceHeader = "X-Amzn-Trace-Id"

// Trace is an AWS X-Ray trace header. botocore copies the one of a function's
// invocation into every call that the function makes, so Parent names the
// invocation that made a call. The zero value means "no trace".
type Trace struct {
	Root    string // 1-<8 hex>-<24 hex>
	Parent  string // 16 hex: the span that makes the call
	Sampled string // "1", "0", "?" or empty
	Lineage string // AWS's loop counter, kept as it came
	Rest    string // keys we do not know, kept as they came, joined by ";"
}

// ParseTrace reads a trace header. It never fails: what it cannot read is kept
// in Rest or dropped. botocore percent-encodes the value, so it is decoded
// first.
func ParseTrace(header string) Trace {
	if decoded, err := url.PathUnescape(header); err == nil {
		header = decoded
	}
	var t Trace
	var rest []string
	for part := range strings.SplitSeq(header, ";") {
		key, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if !found {
			continue
		}
		switch key {
		case "Root":
			t.Root = value
		case "Parent":
			t.Parent = value
		case "Sampled":
			t.Sampled = value
		case "Lineage":
			t.Lineage = value
		default:
			rest = append(rest, key+"="+value)
		}
	}
	t.Rest = strings.Join(rest, ";")
	return t
}

// Caller names whoever makes a call with this trace: its span, or the whole trace
// if it says no more. It is empty if there is no trace.
func (t Trace) Caller() string {
	if t.Parent != "" {
		return t.Parent
	}
	return t.Root
}

// IsZero reports whether t says nothing.
func (t Trace) IsZero() bool { return t == Trace{} }

// String gives the header's value; it is empty for the zero value.
func (t Trace) String() string {
	var parts []string
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+"="+value)
		}
	}
	add("Root", t.Root)
	add("Parent", t.Parent)
	add("Sampled", t.Sampled)
	add("Lineage", t.Lineage)
	if t.Rest != "" {
		parts = append(parts, t.Rest)
	}
	return strings.Join(parts, ";")
}

// NewRoot makes a trace root for something that begins at now, from 12 bytes
// of random.
func NewRoot(random io.Reader, now time.Time) (string, error) {
	id, err := randomHex(random, 12)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("1-%08x-%s", uint32(now.Unix()), id), nil
}

// NewSpan makes a span id, 16 hexadecimal digits from 8 bytes of random.
func NewSpan(random io.Reader) (string, error) { return randomHex(random, 8) }

func randomHex(random io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a trace id: %w", err)
	}
	return hex.EncodeToString(b), nil
}
