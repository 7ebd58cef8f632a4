package bus_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		a, b, c := w.target(1, "a"), w.target(2, "b"), w.target(3, "c")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1, 2))
		w.bus.SetRule(rule(t, 2, "SeatsHeld", 3))
		w.bus.SetRule(rule(t, 3, "TicketIssued", 3))
		held, other, lost := w.entry("SeatsHeld"), w.entry("SomethingElse"), w.entry("SeatsHeld")
		held.Trace = someTrace
		lost.Bus, lost.BusName = 0, "cinemma"
		w.put(held, other, lost)
		w.walk()

		for name, to := range map[string]*target{"a": a, "b": b, "c": c} {
			if diff := cmp.Diff([]string{held.Event.ID}, to.ids()); diff != "" {
				t.Errorf("target %s: (-want +got)\n%s", name, diff)
			}
		}
		d := a.got[0]
		if string(d.Event) != string(held.Envelope) || string(d.Payload) != string(held.Envelope) || d.Trace != someTrace || !d.Accepted.Equal(start) {
			t.Errorf("delivery %+v", d)
		}
		tree := w.tree(held.Event.ID)
		if len(tree.Rules) != 2 || tree.Rules[0].Name != "rule-1" || len(tree.Rules[0].Deliveries) != 2 || !tree.Done {
			t.Errorf("tree of the event: %+v", tree)
		}
		for _, d := range tree.Rules[0].Deliveries {
			if d.State != lineage.StateDelivered || d.Target == "" {
				t.Errorf("lineage says %+v", d)
			}
		}
		if n := w.tree(other.Event.ID); len(n.Rules) != 0 || n.UnknownBus || !n.Done {
			t.Errorf("tree of the event that nothing matches: %+v", n)
		}
		if n := w.tree(lost.Event.ID); !n.UnknownBus || n.Bus != "cinemma" {
			t.Errorf("tree of the event for no bus: %+v", n)
		}
		if n := w.rows("ev/"); n != 2 {
			t.Errorf("%d events are stored, want 2", n)
		}
		if err := w.bus.Publish(context.Background(), nil); err != nil {
			t.Errorf("publish nothing: %v", err)
		}
	})
}

// TestPublishKeepsNoMemory reuses an envelope's memory as soon as Publish has
// returned, while the lane is still busy with an event before it.
func TestPublishKeepsNoMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		release := make(chan struct{})
		var got []string
		w.engine.Define(1, delivery.Lane{
			TargetARN: "arn:aws:sqs:eu-west-1:123456789012:a", Batch: 1, Concurrency: 1,
			Target: delivery.Each(func(_ context.Context, d delivery.Delivery) error {
				<-release
				got = append(got, string(d.Event))
				return nil
			}),
		})
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		var want []string
		for range 3 {
			e := w.entry("SeatsHeld")
			want = append(want, string(e.Envelope))
			w.put(e)
			synctest.Wait()
			copy(e.Envelope, bytes.Repeat([]byte("x"), len(e.Envelope)))
		}
		close(release)
		w.walk()
		slices.Sort(got) // partitions have no order among each other
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("delivered events differ from the published ones (-want +got):\n%s", diff)
		}
	})
}

func TestPublishFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.target(1, "a")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		bad := w.entry("SeatsHeld")
		bad.Event.Detail = []byte(`[1]`)
		if err := w.bus.Publish(context.Background(), []bus.Entry{w.entry("SeatsHeld"), bad}); !errors.Is(err, pattern.ErrNotObject) {
			t.Errorf("detail that is no object: %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := w.bus.Publish(ctx, []bus.Entry{w.entry("SeatsHeld")}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if n := w.rows("ev/") + w.rows("dlv/") + w.rows("ln/"); n != 0 {
			t.Errorf("%d rows were stored", n)
		}
		w.close()
		if err := w.bus.Publish(context.Background(), []bus.Entry{w.entry("SeatsHeld")}); err == nil {
			t.Error("closed: no error")
		}
	})
}

func TestRuleChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		a, b := w.target(1, "a"), w.target(2, "b")
		w.start()
		r := rule(t, 1, "SeatsHeld", 1)
		var wantA, wantB []string
		step := func(name string, change func(), toA, toB bool) {
			t.Helper()
			change()
			id := w.publish("SeatsHeld")
			w.walk()
			if toA {
				wantA = append(wantA, id)
			}
			if toB {
				wantB = append(wantB, id)
			}
			if diff := cmp.Diff(wantA, a.ids()) + cmp.Diff(wantB, b.ids()); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", name, diff)
			}
		}
		step("no rules", func() {}, false, false)
		step("a rule", func() { w.bus.SetRule(r) }, true, false)
		step("disabled", func() { off := r; off.Enabled = false; w.bus.SetRule(off) }, false, false)
		step("enabled", func() { w.bus.SetRule(r) }, true, false)
		step("another target", func() { r.Lanes = []delivery.LaneID{2}; w.bus.SetRule(r) }, false, true)
		step("the caller's slice is its own", func() { r.Lanes[0] = 1 }, false, true)
		step("both targets", func() { r.Lanes = []delivery.LaneID{1, 2}; w.bus.SetRule(r) }, true, true)
		step("no targets", func() { r.Lanes = nil; w.bus.SetRule(r) }, false, false)
		step("another pattern", func() {
			r.Lanes, r.Pattern = []delivery.LaneID{1}, compile(t, `{"source":["other"]}`)
			w.bus.SetRule(r)
		}, false, false)
		step("no pattern", func() { r.Pattern = nil; w.bus.SetRule(r) }, false, false)
		step("removed", func() { w.bus.SetRule(rule(t, 1, "SeatsHeld", 1)); w.bus.RemoveRule(1); w.bus.RemoveRule(1) }, false, false)
		step("a rule of another bus", func() { o := rule(t, 2, "SeatsHeld", 1); o.Bus = 2; w.bus.SetRule(o) }, false, false)
		step("a lane that is forgotten", func() {
			w.bus.SetRule(rule(t, 3, "SeatsHeld", 1, 2))
			if err := w.engine.Forget(context.Background(), 1); err != nil {
				t.Fatal(err)
			}
		}, false, true)
		tree := w.tree(wantB[len(wantB)-1])
		if ds := tree.Rules[0].Deliveries; len(ds) != 1 || ds[0].Target != where.Queue("b").String() {
			t.Errorf("lineage tells of a delivery along a forgotten lane: %+v", ds)
		}
	})
}

func TestForward(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		// Bus 1 sends to bus 2, which sends to bus 3 and to a queue.
		hop := func(id delivery.LaneID, to bus.BusID, name string) {
			w.engine.Define(id, delivery.Lane{
				TargetARN: where.EventBus(name).String(), Batch: 10, Policy: delivery.Policy{MaxRetries: 3},
				Target: forwarder(func(ctx context.Context, ds []delivery.Delivery) []error { return w.bus.Forward(ctx, to, name, ds) }),
			})
		}
		hop(1, 2, "billing")
		hop(2, 3, "third")
		queue, third := w.target(3, "audit"), w.target(4, "never")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		for i, lanes := range [][]delivery.LaneID{{2, 3}, {4}} {
			r := rule(t, uint32(i+2), "SeatsHeld", lanes...)
			r.Bus = bus.BusID(i + 2)
			w.bus.SetRule(r)
		}
		e := w.entry("SeatsHeld")
		e.Trace = someTrace
		w.put(e, w.entry("SeatsHeld"))
		w.walk()
		if len(queue.ids()) != 2 || len(third.ids()) != 0 {
			t.Errorf("the queue got %d, the third bus %d", len(queue.ids()), len(third.ids()))
		}
		i := slices.IndexFunc(queue.got, func(d delivery.Delivery) bool { return d.EventID == e.Event.ID })
		if d := queue.got[i]; string(d.Event) != string(e.Envelope) || d.Trace != someTrace {
			t.Errorf("forwarded as %+v", d)
		}
		tree := w.tree(e.Event.ID)
		sent := tree.Rules[0].Deliveries[0]
		if sent.State != lineage.StateDelivered || sent.Forwarded == nil || sent.Forwarded.Bus != "billing" || !tree.Done {
			t.Fatalf("lineage says %+v", sent)
		}
		second := sent.Forwarded.Rules[0].Deliveries
		if second[0].State != lineage.StateDropped || second[0].Code != delivery.CodeThirdAccountHopDetected || second[1].State != lineage.StateDelivered {
			t.Errorf("on the second bus: %+v", second)
		}
	})
}

type forwarder func(ctx context.Context, ds []delivery.Delivery) []error

func (f forwarder) Deliver(ctx context.Context, ds []delivery.Delivery) []error { return f(ctx, ds) }

func TestDeadLetterAttributes(t *testing.T) {
	t.Parallel()
	base := func(attempt string, more ...string) map[string]string {
		m := map[string]string{
			"RULE_ARN": "rule", "TARGET_ARN": "target", "ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "gone", "RETRY_ATTEMPTS": attempt,
		}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		attempts int
		limit    delivery.Limit
		want     map[string]string
	}{
		"permanent at once":      {1, delivery.NoLimit, base("0")},
		"permanent after a time": {3, delivery.NoLimit, base("2")},
		"attempts":               {186, delivery.MaxRetries, base("185", "EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts")},
		"age":                    {12, delivery.MaxAge, base("11", "EXHAUSTED_RETRY_CONDITION", "MaximumEventAgeInSeconds")},
		"no retries allowed":     {1, delivery.MaxRetries, base("0")},
		"never attempted":        {0, delivery.NoLimit, base("0")},
	} {
		got := bus.DeadLetterAttributes(delivery.DeadLetterMessage{
			Delivery: delivery.Delivery{Rule: "rule", TargetARN: "target", Attempt: c.attempts},
			Code:     "NO_RESOURCE", Message: "gone", Exhausted: c.limit,
		})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}
