package events

import (
	"testing"

	"stormbus/internal/bus"
	"stormbus/internal/event"
)

// TestAllocations: of ten events only what outlives the call is new memory: one
// envelope each.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget things on purpose")
	}
	var b batch
	e := bus.Entry{Event: event.Event{
		ID: "id", DetailType: "SeatsHeld", Source: "cinema", Account: scope.Account, Region: scope.Region, Time: start,
		Resources: []string{"arn:aws:s3:::b"},
	}}
	allocations := testing.AllocsPerRun(100, func() {
		for range event.MaxEntries {
			if !b.add(e, `{"seats": ["A1", "A2"]}`) {
				t.Fatal("a good detail was refused")
			}
		}
		b.clear()
	})
	if want := float64(event.MaxEntries); allocations > want {
		t.Errorf("%v allocations, want %v", allocations, want)
	}
}
