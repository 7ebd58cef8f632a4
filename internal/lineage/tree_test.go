package lineage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"stormbus/internal/lineage"
)

const ms = time.Millisecond

// scenarios are the trees whose text is golden, each with the event to look at.
var scenarios = map[string]struct {
	root string
	tell func(f *fixture)
	done bool
}{
	"chain": {"3f2a9c1e-0000-4000-8000-000000000001", tellChain, true},
	"unmatched": {"e1", func(f *fixture) {
		f.write(0, publish("e1", "SeatsHeld", ""))
	}, true},
	"unknown-bus": {"e1", func(f *fixture) {
		r := publish("e1", "SeatsHeld", "")
		r.Bus, r.UnknownBus = "cinemma", true
		f.write(0, r)
	}, true},
	"pending": {"e1", func(f *fixture) {
		f.write(0, publish("e1", "SeatsHeld", "", match("no-targets"), match("two", where.Queue("a"), where.Queue("b"))))
		f.write(5*ms, failed("e1", "two/1", 1, 95*time.Second))
	}, false},
	"waiting-for-a-function": {"e1", func(f *fixture) {
		f.write(0, publish("e1", "SeatsHeld", "", match("r", where.Function("f", ""))))
		f.write(2*ms, queued("e1", "r/1"))
		f.write(3*ms, delivered("e1", "r/1"))
	}, false},
	"dead-letter":    {"e1", tellDeadLetter, true},
	"function-fails": {"e1", tellFunctionFails, true},
	"forwarded": {"e1", func(f *fixture) {
		f.write(0, publish("e1", "SeatsHeld", "", match("to-billing", where.EventBus("billing"))))
		hop := publish("e1", "SeatsHeld", "", match("audit", where.Queue("audit")))
		hop.Bus, hop.Via = "billing", "to-billing/1"
		f.write(3*ms, hop)
		f.write(4*ms, delivered("e1", "to-billing/1"))
		f.write(5*ms, delivered("e1", "audit/1"))
	}, true},
	"cycle": {"e1", func(f *fixture) {
		f.write(0, publish("e1", "Ping", "s2", match("ping", where.Function("ponger", ""))))
		f.write(9*ms, delivered("e1", "ping/1"), run("e1", "ping/1", "s1", "ponger", 8*ms))
		f.write(8*ms, publish("e2", "Pong", "s1", match("pong", where.Function("pinger", ""))))
		f.write(15*ms, delivered("e2", "pong/1"), run("e2", "pong/1", "s2", "pinger", 6*ms))
	}, true},
	"batch": {"e1", func(f *fixture) {
		// One run took two events from a queue: both caused it.
		for _, id := range []string{"e1", "e2"} {
			f.write(0, publish(id, "SeatsHeld", "", match("r", where.Queue("work"))))
			f.write(ms, delivered(id, "r/1"))
		}
		f.write(30*ms, run("e1", "", "s1", "worker", 20*ms), run("e2", "", "s1", "worker", 20*ms))
		f.write(20*ms, publish("e3", "SeatsCounted", "s1"))
	}, true},
	"hostile": {"e1", func(f *fixture) {
		r := publish("e1", "\x1b[31mred\nline\u202e", "", match("r", where.Queue("q")))
		f.write(0, r)
		f.write(ms, lineage.Record{
			Kind: lineage.Dropped, EventID: "e1", Delivery: "r/1", Attempt: 1, Code: "X\x07",
			Message: string(bytes.Repeat([]byte("long "), 100)),
		})
	}, true},
}

func tellChain(f *fixture) {
	held, captured, confirmed := "3f2a9c1e-0000-4000-8000-000000000001", "77aa01bc-0000-4000-8000-000000000002", "5be0aaf1-0000-4000-8000-000000000003"
	f.write(0, publish(held, "SeatsHeld", "", match("capture", where.Function("payments", "")), match("audit", where.Queue("audit"))))
	f.write(3*ms, queued(held, "capture/1"))
	f.write(4*ms, delivered(held, "capture/1"), delivered(held, "audit/1"))
	f.write(151*ms, publish(captured, "PaymentCaptured", "a1b2c3d4e5f60718", match("confirm", where.Function("bookings", "live"))))
	paid := run(held, "capture/1", "a1b2c3d4e5f60718", "payments", 41_200*time.Microsecond)
	paid.RequestID, paid.Init = "8d1e77aa-0000-4000-8000-000000000004", 87*ms
	f.write(160*ms, paid)
	f.write(161*ms, delivered(held, "capture/1q"))
	f.write(155*ms, queued(captured, "confirm/1"))
	f.write(156*ms, delivered(captured, "confirm/1"))
	f.write(170*ms, publish(confirmed, "BookingConfirmed", "b1b2c3d4e5f60718"))
	booked := run(captured, "confirm/1", "b1b2c3d4e5f60718", "bookings", 9_340*time.Microsecond)
	booked.RequestID = "c01dbeef-0000-4000-8000-000000000005"
	f.write(172*ms, booked)
	f.write(173*ms, delivered(captured, "confirm/1q"))
}

func tellDeadLetter(f *fixture) {
	f.write(0, publish("e1", "SeatsHeld", "", match("pay", where.Queue("gone")), match("mail", where.Queue("slow"))))
	permanent := lineage.Record{
		Kind: lineage.AttemptFailed, EventID: "e1", Delivery: "pay/1", Attempt: 1,
		Code: "NO_RESOURCE", Message: "queue gone does not exist",
	}
	f.write(2*ms, permanent)
	permanent.Kind, permanent.Queue = lineage.DeadLettered, where.Queue("dead").String()
	f.write(4*ms, permanent)
	for i := 1; i <= 10; i++ {
		f.write(time.Duration(i)*time.Hour, failed("e1", "mail/1", i, time.Duration(i+1)*time.Hour))
	}
	f.write(10*time.Hour+5*ms, lineage.Record{
		Kind: lineage.DeadLettered, EventID: "e1", Delivery: "mail/1", Attempt: 10, Queue: where.Queue("dead").String(),
		Code: "ERROR_FROM_TARGET", Message: "boom", Exhausted: "MaximumEventAgeInSeconds",
	})
}

func tellFunctionFails(f *fixture) {
	f.write(0, publish("e1", "SeatsHeld", "", match("pay", where.Function("payments", ""))))
	f.write(2*ms, queued("e1", "pay/1"))
	f.write(3*ms, delivered("e1", "pay/1"))
	for i, took := range []time.Duration{12 * ms, 3 * time.Second} {
		r := run("e1", "pay/1", fmt.Sprintf("s%d", i), "payments", took)
		r.Attempt, r.Start, r.Outcome, r.Code, r.Message = i+1, start.Add(time.Duration(i)*time.Minute), lineage.Error, "CardDeclined", "card was refused"
		if i == 1 {
			r.Outcome, r.Code, r.Message = lineage.Timeout, "", "Task timed out after 3.00 seconds"
		}
		f.write(time.Duration(i)*time.Minute+20*ms, r, failed("e1", "pay/1q", i+1, time.Minute))
	}
	f.write(time.Minute+30*ms, lineage.Record{
		Kind: lineage.Dropped, EventID: "e1", Delivery: "pay/1q", Attempt: 2, Message: "Task timed out after 3.00 seconds",
		Exhausted: "MaximumRetryAttempts",
	})
}

func TestTree(t *testing.T) {
	t.Parallel()
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, nil)
			s.tell(f)
			tree, err := f.log.Tree(context.Background(), s.root)
			if err != nil {
				t.Fatal(err)
			}
			if tree.Done != s.done {
				t.Errorf("Done = %v, want %v", tree.Done, s.done)
			}
			var text bytes.Buffer
			if err := lineage.WriteTree(&text, tree, lineage.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", text.Bytes())
			if name == "chain" {
				doc, err := json.MarshalIndent(tree, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				golden(t, name+".json", append(doc, '\n'))
			}
		})
	}
}

func TestTreeOfAnUnknownEvent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write(0, publish("e1", "SeatsHeld", ""))
	for _, id := range []string{"e2", "", "e", "e1\x00"} {
		if _, err := f.log.Tree(context.Background(), id); !errors.Is(err, lineage.ErrUnknown) {
			t.Errorf("Tree(%q): error %v, want ErrUnknown", id, err)
		}
		if _, err := f.log.Root(context.Background(), id); !errors.Is(err, lineage.ErrUnknown) {
			t.Errorf("Root(%q): error %v, want ErrUnknown", id, err)
		}
	}
}

// chainOf writes a chain of n events, each caused by the one before.
func chainOf(f *fixture, n int) {
	for i := range n {
		id, span := fmt.Sprintf("e%d", i), ""
		if i > 0 {
			span = fmt.Sprintf("s%d", i-1)
		}
		f.write(time.Duration(i)*ms, publish(id, "Step", span, match("r", where.Function("f", ""))),
			delivered(id, "r/1"), run(id, "r/1", fmt.Sprintf("s%d", i), "f", ms))
	}
}

func TestTreeIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*lineage.Config)
		want   int
	}{
		"depth":  {func(c *lineage.Config) { c.MaxDepth = 3 }, 3},
		"events": {func(c *lineage.Config) { c.MaxEvents = 4 }, 4},
		"none":   {nil, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.change)
			chainOf(f, 10)
			tree, err := f.log.Tree(context.Background(), "e0")
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for n := tree; n != nil && n.DetailType != ""; got++ {
				runs := n.Rules[0].Deliveries[0].Runs
				n = nil
				if len(runs[0].Caused) > 0 {
					n = runs[0].Caused[0]
				}
			}
			if got != c.want || tree.Truncated != (c.want < 10) {
				t.Errorf("tree has %d events, Truncated %v; want %d", got, tree.Truncated, c.want)
			}
		})
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	chainOf(f, 5)
	scenarios["cycle"].tell(newFixture(t, nil))
	f.write(0, publish("direct", "Step", "s-direct"), lineage.Record{Kind: lineage.Invoked, Span: "s-direct", RequestID: "r"})
	f.write(0, publish("outside", "Step", "span-of-somebody-else"))
	f.write(0, publish("lost", "Step", "s-lost"), lineage.Record{Kind: lineage.Invoked, EventID: "trimmed", Span: "s-lost"})
	for id, want := range map[string]string{
		"e4": "e0", "e1": "e0", "e0": "e0", "direct": "direct", "outside": "outside", "lost": "trimmed",
	} {
		got, err := f.log.Root(context.Background(), id)
		if err != nil || got != want {
			t.Errorf("Root(%s) = %s, %v, want %s", id, got, err, want)
		}
	}
}

func TestRootOfACycle(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	scenarios["cycle"].tell(f)
	for _, id := range []string{"e1", "e2"} {
		if got, err := f.log.Root(context.Background(), id); err != nil || got == "" {
			t.Errorf("Root(%s) = %q, %v", id, got, err)
		}
	}
}
