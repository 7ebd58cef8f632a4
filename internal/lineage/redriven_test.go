package lineage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"stormbus/internal/lineage"
)

// redriven is a record of the dead letter of a delivery that is delivered again;
// of an invocation that no event caused, event is the request id.
func redriven(message, event, via, delivery string) lineage.Record {
	return lineage.Record{
		Kind: lineage.Redriven, EventID: event, Delivery: delivery, Via: via, MessageID: message,
		Queue: where.Queue("dead").String(), Target: where.Function("payments", "").String(), Start: start.Add(20 * ms),
	}
}

func deadLettered(event, delivery string) lineage.Record {
	return lineage.Record{
		Kind: lineage.DeadLettered, EventID: event, Delivery: delivery, Attempt: 1, Queue: where.Queue("dead").String(),
		Code: "Boom", Exhausted: "MaximumRetryAttempts",
	}
}

// tellRedriven is an event whose function fails, is repaired, fails at once for
// another reason, and does its work the second time that the letter is redriven;
// beside it the letter of a rule, and letters of which less is known.
func tellRedriven(f *fixture) {
	f.write(0, publish("e1", "SeatsHeld", "", match("pay", where.Function("payments", "")), match("mail", where.Queue("gone"))))
	f.write(ms, queued("e1", "pay/1"), delivered("e1", "pay/1"))
	f.write(20*ms, deadLettered("e1", "pay/1q"), deadLettered("e1", "mail/1"))
	f.write(time.Minute, redriven("m1", "e1", "pay/1q", "again1"))
	again := deadLettered("e1", "again1")
	f.write(2*time.Minute, again)
	f.write(3*time.Minute, redriven("m2", "e1", "again1", "again2"))
	paid := run("e1", "again2", "s1", "payments", 8*ms)
	paid.Start = start.Add(3 * time.Minute)
	f.write(3*time.Minute+10*ms, paid, delivered("e1", "again2"))
	f.write(3*time.Minute+5*ms, publish("e2", "PaymentCaptured", "s1"))
	// A letter of a rule: the function's queue carries the new delivery further.
	f.write(4*time.Minute, redriven("m3", "e1", "mail/1", "again3"))
	f.write(4*time.Minute+ms, queued("e1", "again3"), delivered("e1", "again3"))
	f.write(4*time.Minute+9*ms, run("e1", "again3q", "s2", "payments", 7*ms), delivered("e1", "again3q"))
	// A letter that somebody put into the queue by hand.
	f.write(5*time.Minute, redriven("m4", "e1", "", "again4"), delivered("e1", "again4"))
	// A letter of an invocation that no event caused.
	direct := redriven("m5", "request", "", "again5")
	direct.RequestID = "request"
	f.write(6*time.Minute, direct)
	f.write(6*time.Minute+ms, delivered("request", "again5"))
}

// TestTreeOfRedrivenLetters: what became of a dead letter that was delivered again
// is told below the letter, from wherever one looks.
func TestTreeOfRedrivenLetters(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tellRedriven(f)
	for _, root := range []string{"e1", "m2", "m5"} {
		tree, err := f.log.Tree(context.Background(), root)
		if err != nil {
			t.Fatal(err)
		}
		if !tree.Done {
			t.Errorf("the tree of %s is not done", root)
		}
		var text bytes.Buffer
		if err := lineage.WriteTree(&text, tree, lineage.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "redriven-"+root+".txt", text.Bytes())
		if root == "m5" {
			doc, err := json.MarshalIndent(tree, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "redriven-"+root+".json", append(doc, '\n'))
		}
	}
	for id, want := range map[string]string{"e2": "e1", "m1": "e1", "m3": "e1", "m4": "e1", "m5": "m5"} {
		if got, err := f.log.Root(context.Background(), id); err != nil || got != want {
			t.Errorf("Root(%s) = %s, %v, want %s", id, got, err, want)
		}
	}
}

// TestRedrivenAndPending: the tree is not done before the new delivery is.
func TestRedrivenAndPending(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write(0, publish("e1", "SeatsHeld", "", match("pay", where.Function("payments", ""))), deadLettered("e1", "pay/1"))
	f.write(time.Minute, redriven("m1", "e1", "pay/1", "again1"))
	for _, root := range []string{"e1", "m1"} {
		tree, err := f.log.Tree(context.Background(), root)
		if err != nil {
			t.Fatal(err)
		}
		if tree.Done {
			t.Errorf("the tree of %s is done while its redelivery is pending", root)
		}
	}
}
