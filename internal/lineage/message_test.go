package lineage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/lineage"
)

// receive is a record of a message that a delivery of an event brought; event and
// delivery are empty for one that somebody sent.
func receive(message, event, delivery, span string) lineage.Record {
	r := lineage.Record{
		Kind: lineage.Received, EventID: event, Delivery: delivery, MessageID: message, Span: span,
		Queue: where.Queue("orders").String(), Start: start.Add(ms),
	}
	if event != "" {
		r.MessageSpan = "span-" + message
	}
	return r
}

func sendTo(queue, message, span string) lineage.Record {
	return lineage.Record{Kind: lineage.Sent, MessageID: message, Span: span, Queue: where.Queue(queue).String()}
}

// tellBatch is a worker that an event starts, that receives three messages at
// once, and that publishes and sends before and after.
func tellBatch(f *fixture) {
	f.write(0, publish("tick", "Tick", "", match("start", where.Function("worker", ""))), queued("tick", "start/1"), delivered("tick", "start/1"))
	for _, id := range []string{"order1", "order2"} {
		f.write(ms, publish(id, "OrderPlaced", "", match("work", where.Queue("orders"))), delivered(id, "work/1"))
	}
	f.write(10*ms, publish("begun", "WorkBegun", "s1"))
	f.write(20*ms, receive("m1", "order1", "work/1", "s1"), receive("m2", "order2", "work/1", "s1"), receive("m3", "", "", "s1"))
	f.write(30*ms, publish("shipped", "OrdersShipped", "s1"))
	f.write(31*ms, sendTo("invoices", "m4", "s1"))
	f.write(40*ms, run("tick", "start/1", "s1", "worker", 35*ms), delivered("tick", "start/1q"))

	// A program outside receives what the worker sent, and another one, which
	// has no trace, passes the trace of the first message on.
	mailed := receive("m4", "", "", "outside")
	mailed.Queue, mailed.Start = where.Queue("invoices").String(), start.Add(31*ms)
	f.write(50*ms, mailed)
	f.write(60*ms, publish("mailed", "InvoiceMailed", "outside"))
	f.write(70*ms, publish("counted", "OrderCounted", "span-m1"))
}

// TestTreeOfMessages: what a batch of messages led to is found from each of its
// causes, and says what the others were.
func TestTreeOfMessages(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"tick", "order1", "order2", "m3", "shipped", "m4"} {
		t.Run(root, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, nil)
			tellBatch(f)
			tree, err := f.log.Tree(context.Background(), root)
			if err != nil {
				t.Fatal(err)
			}
			if !tree.Done {
				t.Error("the tree is not done")
			}
			var text bytes.Buffer
			if err := lineage.WriteTree(&text, tree, lineage.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			golden(t, "messages-"+root+".txt", text.Bytes())
			if root == "order1" {
				doc, err := json.MarshalIndent(tree, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				golden(t, "messages-"+root+".json", append(doc, '\n'))
			}
		})
	}
}

func TestRootOfMessages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	tellBatch(f)
	// A run that nobody started, and that sends what it received.
	f.write(time.Second, receive("m5", "order2", "work/1", "s9"), receive("m6", "", "", "s9"))
	f.write(2*time.Second, publish("direct", "Done", "s9"), lineage.Record{Kind: lineage.Invoked, Span: "s9", RequestID: "r9"})
	f.write(time.Second, receive("m7", "", "", "s10"))
	f.write(2*time.Second, publish("alone", "Done", "s10"))
	for id, want := range map[string]string{
		"shipped": "tick", "m4": "tick", "mailed": "tick", "begun": "tick", // the run's own cause goes first
		"m1": "order1", "counted": "order1", "m3": "m3",
		"direct": "order2", "alone": "m7",
	} {
		got, err := f.log.Root(context.Background(), id)
		if err != nil || got != want {
			t.Errorf("Root(%s) = %s, %v, want %s", id, got, err, want)
		}
	}
}

// TestMessagesOfADeadLetter: a message that carries a dead letter is told with the
// delivery that was given up, also where a function's queue gave it up.
func TestMessagesOfADeadLetter(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write(0, publish("e1", "SeatsHeld", "", match("pay", where.Function("f", "")), match("gone", where.Queue("q"))))
	f.write(ms, queued("e1", "pay/1"), delivered("e1", "pay/1"))
	dead := func(delivery string) lineage.Record {
		return lineage.Record{
			Kind: lineage.DeadLettered, EventID: "e1", Delivery: delivery, Attempt: 1, Queue: where.Queue("dead").String(), Code: "X",
		}
	}
	f.write(2*ms, dead("gone/1"), dead("pay/1q"))
	f.write(3*ms, receive("m1", "e1", "gone/1", ""), receive("m2", "e1", "pay/1q", "s"), receive("m3", "e1", "nobody-knows", "s"))
	tree, err := f.log.Tree(context.Background(), "e1")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range tree.Rules {
		for _, m := range r.Deliveries[0].Messages {
			got = append(got, r.Name+" "+m.MessageID)
		}
	}
	for _, m := range tree.Caused {
		got = append(got, "nobody "+m.MessageID)
	}
	if diff := cmp.Diff([]string{"pay m2", "gone m1", "nobody m3"}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// TestMessagesInACircle: a run that receives what it sent.
func TestMessagesInACircle(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.write(0, sendTo("orders", "m1", "s1"))
	f.write(ms, receive("m1", "", "", "s1"))
	f.write(2*ms, sendTo("orders", "m2", "s1"))
	f.write(3*ms, receive("m2", "", "", "s1"))
	for _, id := range []string{"m1", "m2"} {
		if _, err := f.log.Tree(context.Background(), id); err != nil {
			t.Errorf("Tree(%s): %v", id, err)
		}
		if got, err := f.log.Root(context.Background(), id); err != nil || got == "" {
			t.Errorf("Root(%s) = %q, %v", id, got, err)
		}
	}
}

// TestEndlessCaller: of a caller that has one trace for ever, the messages that it
// received last are the causes.
func TestEndlessCaller(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	const many = 9000
	for i := 0; i < many; i += 100 {
		var rs []lineage.Record
		for j := range 100 {
			rs = append(rs, receive(fmt.Sprintf("m%04d", i+j), "", "", "s1"))
		}
		f.write(time.Duration(i)*ms, rs...)
	}
	f.write(many*ms, publish("e1", "Summed", "s1"))
	f.write((many+1)*ms, receive("later", "", "", "s1"))
	tree, err := f.log.Tree(context.Background(), "e1")
	if err != nil {
		t.Fatal(err)
	}
	links := tree.AlsoCausedBy
	if len(links) != 256 || links[0].MessageID != "m8744" || links[255].MessageID != "m8999" {
		t.Errorf("%d causes, %+v to %+v; want the last 256 before the event", len(links), links[0], links[len(links)-1])
	}
}

// TestManyCauses: of many causes the text names a few, the JSON all.
func TestManyCauses(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for i := range 12 {
		f.write(time.Duration(i)*ms, receive(fmt.Sprintf("m%02d", i), "", "", "s1"))
	}
	f.write(20*ms, publish("e1", "Summed", "s1"))
	tree, err := f.log.Tree(context.Background(), "e1")
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.AlsoCausedBy) != 12 {
		t.Errorf("%d causes, want 12", len(tree.AlsoCausedBy))
	}
	var text bytes.Buffer
	if err := lineage.WriteTree(&text, tree, lineage.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "messages-many.txt", text.Bytes())
}
