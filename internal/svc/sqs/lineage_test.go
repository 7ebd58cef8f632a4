package sqs

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

const root = "1-5759e988-bd862e3fe1be46a994272793"

// by is the context of a call that carries a trace.
func (h *harness) by(span string) context.Context {
	return wire.NewContext(h.Context(), wire.Request{
		Scope: scope, BaseURL: "http://localhost:4566", Trace: telemetry.Trace{Root: root, Parent: span, Sampled: "1"},
	})
}

// told counts the rows of lineage.
func (h *harness) told() (n int) {
	h.Helper()
	for _, p := range h.store.Parts() {
		err := h.store.View(h.ctx, p, func(v store.View) error {
			for range v.Scan([]byte("ln/r/"), []byte("ln/s")) {
				n++
			}
			return nil
		})
		if err != nil {
			h.Fatal(err)
		}
	}
	return n
}

// publish records an event that the call with a span published, as a bus does.
func (h *harness) publish(id, span string) {
	h.Helper()
	err := h.store.Update(h.ctx, h.store.Parts()[0], func(tx store.Tx) error {
		h.lineage.Write(tx, lineage.Record{Kind: lineage.Published, EventID: id, Span: span})
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
}

// bring puts a message into a queue as the delivery of an event does.
func (h *harness) bring(queue, event, trace string) {
	h.Helper()
	out := Outgoing{Body: event, TraceHeader: trace, Cause: lineage.Cause{EventID: event, Delivery: "d-" + event}}
	if err := h.Send(h.ctx, scope.Queue(queue), []Outgoing{out})[0]; err != nil {
		h.Fatal(err)
	}
}

// receiveBy receives all that is there in a call with a trace.
func (h *harness) receiveBy(ctx context.Context, url *string) []shape.Message {
	h.Helper()
	ten := int64(10)
	out, err := h.ReceiveMessage(ctx, &shape.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: &ten, MessageSystemAttributeNames: []string{"All"},
	})
	if err != nil {
		h.Fatal(err)
	}
	return out.Messages
}

// causes lists what is known to have caused an event or a message: messages by
// their id, events by theirs.
func (h *harness) causes(id string) []string {
	h.Helper()
	tree, err := h.lineage.Tree(h.ctx, id)
	if err != nil {
		h.Fatalf("Tree(%s): %v", id, err)
	}
	var out []string
	for _, l := range tree.AlsoCausedBy {
		out = append(out, l.MessageID+l.EventID)
	}
	return out
}

// TestUntracedMessagesTellNothing: without a trace nothing is known of a caller, so
// nothing is written.
func TestUntracedMessagesTellNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a", "b")
	h.wantBodies(url, "a", "b")
	if n := h.told(); n != 0 {
		t.Errorf("%d rows of lineage, want none", n)
	}
}

// TestBatchOfMessagesHasSeveralCauses: a caller that received messages from
// different senders acts because of all of them from then on.
func TestBatchOfMessagesHasSeveralCauses(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url, next := h.createQueue("q"), h.createQueue("next")
	h.publish("before", "worker")
	h.clock.Advance(time.Millisecond)
	h.bring("q", "e1", "Root="+root+";Parent=53995c3f42cd8ad8;Sampled=1")
	h.bring("q", "e2", "")
	h.publish("e1", "")
	h.publish("e2", "")
	h.send(url, "sent by nobody that is known")
	sent, err := h.SendMessage(h.by("sender"), &shape.SendMessageInput{QueueUrl: url, MessageBody: new("sent by a run")})
	if err != nil {
		t.Fatal(err)
	}
	got := h.receiveBy(h.by("worker"), url)
	if len(got) != 4 || *got[3].MessageId != *sent.MessageId {
		t.Fatalf("received %v", bodies(got))
	}
	h.clock.Advance(time.Millisecond)
	h.publish("after", "worker")
	answer, err := h.SendMessage(h.by("worker"), &shape.SendMessageInput{QueueUrl: next, MessageBody: new("answer")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{*got[0].MessageId + "e1", *got[1].MessageId + "e2", *got[2].MessageId, *got[3].MessageId}
	for _, effect := range []string{"after", *answer.MessageId} {
		if diff := cmp.Diff(want, h.causes(effect)); diff != "" {
			t.Errorf("causes of %s (-want +got):\n%s", effect, diff)
		}
	}
	if got := h.causes("before"); got != nil {
		t.Errorf("causes of what came before = %v", got)
	}
	// Each cause leads to the effects.
	for _, cause := range []string{"e1", "e2", *got[2].MessageId, *got[3].MessageId} {
		tree, err := h.lineage.Tree(h.ctx, cause)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := lineage.WriteTree(&text, tree, lineage.TextOptions{FullIDs: true}); err != nil {
			t.Fatal(err)
		}
		for _, effect := range []string{"after", *answer.MessageId} {
			if !bytes.Contains(text.Bytes(), []byte(effect)) {
				t.Errorf("the tree of %s lacks %s:\n%s", cause, effect, &text)
			}
		}
	}
}

// TestEntriesKeepTheirOwnTrace: each entry of a batch may name another cause than
// the call, and the receiver gets it as it is.
func TestEntriesKeepTheirOwnTrace(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	own := "Root=" + root + ";Parent=aaaaaaaaaaaaaaaa;Self=x"
	text := "String"
	out, err := h.SendMessageBatch(h.by("run"), &shape.SendMessageBatchInput{QueueUrl: url, Entries: []shape.SendMessageBatchRequestEntry{
		{Id: new("1"), MessageBody: new("1")},
		{Id: new("2"), MessageBody: new("2"), MessageSystemAttributes: map[string]shape.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: &text, StringValue: &own},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var traces []string
	for _, m := range h.get(url) {
		traces = append(traces, m.Attributes["AWSTraceHeader"])
	}
	if diff := cmp.Diff([]string{"Root=" + root + ";Parent=run;Sampled=1", own}, traces); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
	first, second := *out.Successful[0].MessageId, *out.Successful[1].MessageId
	h.must(h.record(lineage.Record{Kind: lineage.Invoked, EventID: "start", Span: "run"}))
	h.must(h.record(lineage.Record{Kind: lineage.Invoked, EventID: "named", Span: "aaaaaaaaaaaaaaaa"}))
	if diff := cmp.Diff([]string{"start"}, h.causes(first)); diff != "" {
		t.Errorf("causes of the first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"start", "named"}, h.causes(second)); diff != "" {
		t.Errorf("causes of the second (-want +got):\n%s", diff)
	}
}

func (h *harness) record(r lineage.Record) error {
	return h.store.Update(h.ctx, h.store.Parts()[0], func(tx store.Tx) error {
		h.lineage.Write(tx, r)
		return nil
	})
}

func (h *harness) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// TestTraceOfADelivery: what a delivery brings has the root of its event, or a new
// one, and a parent by which the event is found again, through dead letters and
// move tasks.
func TestTraceOfADelivery(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.createQueue("dead")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1))
	h.bring("q", "e1", "Root="+root+";Parent=53995c3f42cd8ad8;Sampled=0")
	h.bring("q", "e2", "")
	h.publish("e1", "")
	h.publish("e2", "")
	got := h.get(url, hiddenFor(0))
	first := telemetry.ParseTrace(got[0].Attributes["AWSTraceHeader"])
	second := telemetry.ParseTrace(got[1].Attributes["AWSTraceHeader"])
	if first.Root != root || first.Sampled != "0" || first.Parent == "53995c3f42cd8ad8" || len(first.Parent) != 16 {
		t.Errorf("trace of the first message = %s", first)
	}
	if second.Root == "" || second.Parent == "" || second.Parent == first.Parent {
		t.Errorf("trace of the second message = %s", second)
	}
	h.publish("by name", first.Parent)
	if diff := cmp.Diff([]string{*got[0].MessageId + "e1"}, h.causes("by name")); diff != "" {
		t.Errorf("causes of what names the message (-want +got):\n%s", diff)
	}
	rows := h.told()
	h.get(url) // the second receive buries both
	dead := h.receiveBy(h.ctx, h.createQueue("dead"))
	if len(dead) != 2 || dead[0].Attributes["AWSTraceHeader"] != first.String() {
		t.Fatalf("dead letters %v", dead)
	}
	if h.told() == rows {
		t.Error("the first receive of a dead letter is not told")
	}
	tree, err := h.lineage.Root(h.ctx, *dead[1].MessageId)
	if err != nil || tree != "e2" {
		t.Errorf("Root of the dead letter = %s, %v, want e2", tree, err)
	}
	for _, m := range dead {
		h.must(h.hide(h.createQueue("dead"), m, 0))
	}
	source := scope.Queue("dead").String()
	if _, err := h.StartMessageMoveTask(h.ctx, &shape.StartMessageMoveTaskInput{SourceArn: &source}); err != nil {
		t.Fatal(err)
	}
	h.eventually("the letters are back", func() bool { return h.numbers(url)[0] == "2" })
	back := h.receiveBy(h.ctx, url)
	for i, m := range back {
		if from, err := h.lineage.Root(h.ctx, *m.MessageId); err != nil || from != []string{"e1", "e2"}[i] {
			t.Errorf("Root of the moved message %d = %s, %v", i, from, err)
		}
	}
}

// TestReceivesAreToldOnce: a caller without a trace is told when it is the first
// to receive a message that has one.
func TestReceivesAreToldOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.bring("q", "e1", "")
	h.publish("e1", "")
	if tree, err := h.lineage.Tree(h.ctx, "e1"); err != nil || len(tree.Caused) != 0 {
		t.Fatalf("before the receive: %v, %v", tree, err)
	}
	sent, err := h.SendMessage(h.by("sender"), &shape.SendMessageInput{QueueUrl: url, MessageBody: new("x")})
	h.must(err)
	for range 3 {
		h.get(url, hiddenFor(0))
	}
	if tree, err := h.lineage.Tree(h.ctx, *sent.MessageId); err != nil || len(tree.Receipts) != 1 || tree.Receipts[0].Span != "" {
		t.Errorf("tree of what a call with a trace sent = %+v, %v", tree, err)
	}
	tree, err := h.lineage.Tree(h.ctx, "e1")
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Caused) != 1 || len(tree.Caused[0].Receipts) != 1 || tree.Caused[0].Queue != scope.Queue("q").String() {
		t.Errorf("tree = %+v", tree)
	}
	rows := h.told()
	h.get(url, hiddenFor(0))
	if h.told() != rows {
		t.Error("a second receive without a trace is told")
	}
	h.receiveBy(h.by("worker"), url)
	if h.told() == rows {
		t.Error("a second receive with a trace is not told")
	}
}

// TestTraceWithoutASpan: a caller that names only the whole trace is known by it.
func TestTraceWithoutASpan(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a")
	got := h.receiveBy(h.by(""), url)
	h.clock.Advance(time.Millisecond)
	h.publish("after", telemetry.Trace{Root: root}.Caller())
	if diff := cmp.Diff([]string{*got[0].MessageId}, h.causes("after")); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
	if _, err := h.lineage.Tree(h.ctx, "nobody"); !errors.Is(err, lineage.ErrUnknown) {
		t.Errorf("Tree of nothing: %v", err)
	}
}
