// Package cinema is the example application: a board, what people wrote for its
// services, and the customers of the demo. It is embedded in the binary, so that
// the demo and "stormbus new --from cinema" need no checkout.
//
// What is generated from the board is not embedded: it follows from it.
package cinema

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

// Files is the project as people wrote it: its board, storm.yaml, and the code
// and the tests of its services.
//
//go:embed storm.yaml README.md ruff.toml .gitignore
//go:embed services/*/*.py services/*/handlers/*.py services/*/tests/*.py
var Files embed.FS

//go:embed customers.json
var customers []byte

// Customer is one customer of the demo: the request to [HoldSeats], and how the
// chain of events that it starts ends.
type Customer struct {
	Name        string          `json:"name"`
	About       string          `json:"about"` // what happens, after the name
	Request     json.RawMessage `json:"request"`
	Events      []string        `json:"events"`      // detail types, in order of time
	DeadLetters int             `json:"deadLetters"` // deliveries and runs that were given up
	FailedRuns  int             `json:"failedRuns"`
}

// HoldSeats is the function that customers call. It answers with the JSON
// object {"booking_id": …, "event_id": …}; the event is the chain's first.
const HoldSeats = "cinema-bookings-hold-seats"

// Customers returns the customers of the demo.
func Customers() ([]Customer, error) {
	var all []Customer
	dec := json.NewDecoder(bytes.NewReader(customers))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&all); err != nil {
		return nil, fmt.Errorf("read the cinema's customers: %w", err)
	}
	return all, nil
}
