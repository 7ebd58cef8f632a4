// Package deliverytest checks implementations of [delivery.Target] against
// what the interface promises.
package deliverytest

import (
	"testing"

	"stormbus/internal/delivery"
)

// Subject is a Target under test, with what the suite must know of it.
type Subject struct {
	Target delivery.Target
	// Delivery returns a delivery that the target will take. The suite asks for
	// many; their payloads must differ.
	Delivery func(n int) delivery.Delivery
	// Arrived returns the payloads that are at the target, in any order.
	Arrived func(tb testing.TB) [][]byte
	// Missing is the same kind of target, but its destination does not exist.
	Missing delivery.Target
}

// Run runs the suite; factory makes a fresh Subject for each test.
func Run(t *testing.T, factory func(tb testing.TB) Subject) {}
