// Package cinema is the example application as data: what is deployed, the
// Python code of its functions, and the customers of the demo. It is embedded
// in the binary, so that the demo needs no checkout.
//
// The package only describes. Whoever deploys it does so through the public
// AWS APIs, as a person would.
package cinema

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

// Files holds app.json, customers.json and the Python code.
//
//go:embed app.json customers.json shared/*.py services/*/*.py services/*/handlers/*.py
var Files embed.FS

// App is what app.json says: everything to deploy, in an order that works.
type App struct {
	Bus       string     `json:"bus"`
	Queues    []string   `json:"queues"`
	Functions []Function `json:"functions"`
	Rules     []Rule     `json:"rules"`
}

// Function is one Lambda function. The contents of its Code directories are
// laid over each other at the root of its deployment package.
type Function struct {
	Name        string            `json:"name"`
	Code        []string          `json:"code"`
	Handler     string            `json:"handler"`
	Runtime     string            `json:"runtime"`
	Timeout     int64             `json:"timeout"` // seconds
	Environment map[string]string `json:"environment"`
}

// Rule is one rule on the bus with its targets.
type Rule struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Pattern     json.RawMessage `json:"pattern"`
	Targets     []Target        `json:"targets"`
}

// Target is where a rule delivers: a function or a queue, by name. Retry and
// DeadLetterQueue are absent where AWS's defaults hold.
type Target struct {
	Function        string `json:"function"`
	Queue           string `json:"queue"`
	Retry           *Retry `json:"retry"`
	DeadLetterQueue string `json:"deadLetterQueue"`
}

// Retry is a target's retry policy.
type Retry struct {
	MaximumRetryAttempts     int64 `json:"maximumRetryAttempts"`
	MaximumEventAgeInSeconds int64 `json:"maximumEventAgeInSeconds"`
}

// Customer is one customer of the demo: the request to [HoldSeats], and how the
// chain of events that it starts ends.
type Customer struct {
	Name        string          `json:"name"`
	Request     json.RawMessage `json:"request"`
	Events      []string        `json:"events"` // detail types, each caused by the one before
	DeadLetters int             `json:"deadLetters"`
}

// HoldSeats is the function that customers call. It answers with the JSON
// object {"bookingId": …, "eventId": …}; the event is the chain's first.
const HoldSeats = "bookings-hold-seats"

// Load returns the application.
func Load() (App, error) { return read[App]("app.json") }

// Customers returns the customers of the demo.
func Customers() ([]Customer, error) { return read[[]Customer]("customers.json") }

func read[T any](name string) (T, error) {
	var v T
	b, err := Files.ReadFile(name)
	if err != nil {
		return v, fmt.Errorf("read the cinema's %s: %w", name, err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, fmt.Errorf("read the cinema's %s: %w", name, err)
	}
	return v, nil
}

// Zip returns the deployment package of f. The same code gives the same bytes.
func (f Function) Zip() ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, dir := range f.Code {
		code, err := fs.Sub(Files, dir)
		if err != nil {
			return nil, fmt.Errorf("pack function %s: %w", f.Name, err)
		}
		if err := w.AddFS(code); err != nil {
			return nil, fmt.Errorf("pack function %s: %w", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack function %s: %w", f.Name, err)
	}
	return out.Bytes(), nil
}
