// Package deliverytest checks implementations of [delivery.Target] against
// what the interface promises.
package deliverytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/delivery"
)

// Subject is a Target under test, with what the suite must know of it.
type Subject struct {
	Target delivery.Target
	// Payload returns a payload that the target takes; the payloads of different
	// numbers differ.
	Payload func(n int) []byte
	// Complete, if set, changes a delivery before the target gets it: a target
	// that passes on the event itself, such as a bus, needs one with its notes.
	Complete func(n int, d *delivery.Delivery)
	// Arrived returns the payloads that have reached the destination, in any
	// order. It may wait until they have.
	Arrived func(tb testing.TB) [][]byte
	// Missing is a Target of the same kind whose destination does not exist.
	Missing delivery.Target
}

// Run runs the suite. Factory makes a fresh Subject for each test.
func Run(t *testing.T, factory func(tb testing.TB) Subject) {
	for name, test := range map[string]func(t *testing.T, s Subject){
		"one":          testBatch(1),
		"ten":          testBatch(10),
		"hundred":      testBatch(100),
		"none":         testNone,
		"again":        testAgain,
		"concurrently": testConcurrently,
		"untouched":    testUntouched,
		"missing":      testMissing,
		"cancelled":    testCancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, factory(t)) })
	}
}

// deliveries makes n deliveries, numbered from first.
func (s Subject) deliveries(first, n int) []delivery.Delivery {
	out := make([]delivery.Delivery, n)
	for i := range out {
		out[i] = delivery.Delivery{
			ID: fmt.Sprintf("%016x", first+i), EventID: fmt.Sprintf("00000000-0000-4000-8000-%012x", first+i),
			Event: []byte(`{"the":"original event"}`), Payload: s.Payload(first + i),
			Rule:      "arn:aws:events:us-east-1:000000000000:rule/deliverytest",
			TargetARN: "arn:aws:deliverytest:us-east-1:000000000000:target", Attempt: 1,
		}
		if s.Complete != nil {
			s.Complete(first+i, &out[i])
		}
	}
	return out
}

// deliver calls a target and checks that each delivery has an outcome.
func deliver(ctx context.Context, t *testing.T, to delivery.Target, batch []delivery.Delivery) []error {
	t.Helper()
	errs := to.Deliver(ctx, batch)
	if len(errs) != len(batch) {
		t.Fatalf("%d outcomes for %d deliveries", len(errs), len(batch))
	}
	return errs
}

// check compares what arrived with the payloads of the first n deliveries.
func (s Subject) check(t *testing.T, n int) {
	t.Helper()
	var want, got []string
	for i := range n {
		want = append(want, string(s.Payload(i)))
	}
	for _, b := range s.Arrived(t) {
		got = append(got, string(b))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrived: (-want +got)\n%s", diff)
	}
}

// testBatch checks that a batch arrives, each payload once. What arrives is the
// payload, not the event.
func testBatch(n int) func(t *testing.T, s Subject) {
	return func(t *testing.T, s Subject) {
		for i, err := range deliver(context.Background(), t, s.Target, s.deliveries(0, n)) {
			if err != nil {
				t.Errorf("delivery %d: %v", i, err)
			}
		}
		s.check(t, n)
	}
}

func testNone(t *testing.T, s Subject) {
	deliver(context.Background(), t, s.Target, nil)
	s.check(t, 0)
}

// testAgain checks that a delivery that comes again, as after a crash, is no
// failure. It may arrive once more.
func testAgain(t *testing.T, s Subject) {
	batch := s.deliveries(0, 3)
	for attempt := range 2 {
		for i, err := range deliver(context.Background(), t, s.Target, batch) {
			if err != nil {
				t.Errorf("attempt %d of delivery %d: %v", attempt+1, i, err)
			}
		}
		for i := range batch {
			batch[i].Attempt++
		}
	}
	got := s.Arrived(t)
	for i := range batch {
		if !slices.ContainsFunc(got, func(b []byte) bool { return bytes.Equal(b, batch[i].Payload) }) {
			t.Errorf("delivery %d did not arrive", i)
		}
	}
}

func testConcurrently(t *testing.T, s Subject) {
	const callers, each = 8, 5
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i, err := range s.Target.Deliver(context.Background(), s.deliveries(c*each, each)) {
				if err != nil {
					t.Errorf("delivery %d: %v", c*each+i, err)
				}
			}
		})
	}
	all.Wait()
	s.check(t, callers*each)
}

// testUntouched checks that the target does not modify what it is given.
func testUntouched(t *testing.T, s Subject) {
	batch, want := s.deliveries(0, 5), s.deliveries(0, 5)
	deliver(context.Background(), t, s.Target, batch)
	if diff := cmp.Diff(want, batch); diff != "" {
		t.Errorf("the batch was modified: (-before +after)\n%s", diff)
	}
}

// testMissing checks that a destination that does not exist is a permanent
// failure with a code, for every delivery of a batch.
func testMissing(t *testing.T, s Subject) {
	for i, err := range deliver(context.Background(), t, s.Missing, s.deliveries(0, 3)) {
		f, ok := errors.AsType[*delivery.Failure](err)
		if !ok || !f.Permanent || f.Code == "" || f.Message == "" {
			t.Errorf("delivery %d: %v, want a permanent *delivery.Failure with code and message", i, err)
		}
	}
	s.check(t, 0)
}

// testCancelled checks that after the end of its context a target does not
// claim a delivery that did not arrive, and gives nothing up for good.
func testCancelled(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	batch := s.deliveries(0, 3)
	errs := deliver(ctx, t, s.Target, batch)
	got := s.Arrived(t)
	for i, err := range errs {
		arrived := slices.ContainsFunc(got, func(b []byte) bool { return bytes.Equal(b, batch[i].Payload) })
		if err == nil && !arrived {
			t.Errorf("delivery %d is claimed to have arrived, and has not", i)
		}
		if f, ok := errors.AsType[*delivery.Failure](err); ok && f.Permanent {
			t.Errorf("delivery %d: a cancelled context is a permanent failure: %v", i, err)
		}
	}
}
