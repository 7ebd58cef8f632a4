package sqs

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/sqs"
)

// fifoQueue makes a FIFO queue; attributes come in pairs of name and value.
func (h *harness) fifoQueue(name string, attributes ...string) *string {
	h.Helper()
	return h.createQueue(name, append([]string{attrFifo, "true"}, attributes...)...)
}

// sendTo sends a message to a group. Its body is its deduplication id.
func (h *harness) sendTo(url *string, group, body string) *shape.SendMessageOutput {
	h.Helper()
	return h.sendCopy(url, group, body, body)
}

func (h *harness) sendCopy(url *string, group, dedup, body string) *shape.SendMessageOutput {
	h.Helper()
	in := &shape.SendMessageInput{QueueUrl: url, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: &dedup}
	out, err := h.SendMessage(h.ctx, in)
	if err != nil {
		h.Fatalf("SendMessage(%q): %v", body, err)
	}
	return out
}

func attempt(id string) func(*shape.ReceiveMessageInput) {
	return func(in *shape.ReceiveMessageInput) { in.ReceiveRequestAttemptId = &id }
}

// A group is locked while any of its messages is in flight; others go on.
func TestFifoGroupLock(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo")
	for _, body := range []string{"a1", "a2", "b1", "a3"} {
		h.sendTo(url, body[:1], body)
	}
	a := h.get(url, atMost(2))
	if diff := cmp.Diff([]string{"a1", "a2"}, bodies(a)); diff != "" {
		t.Fatalf("first receive (-want +got):\n%s", diff)
	}
	h.wantBodies(url, "b1")
	h.wantBodies(url)
	h.deleteMessage(url, a[0])
	h.wantBodies(url)
	if err := h.hide(url, a[1], 0); err != nil {
		t.Fatal(err)
	}
	h.wantBodies(url, "a2", "a3")
	h.wantNumbers(url, "0", "0", "3")
	h.clock.Advance(30 * time.Second)
	h.wantBodies(url, "b1", "a2", "a3")
}

// One message that is hidden for longer keeps its whole group locked.
func TestFifoLongestLockHolds(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo")
	h.sendTo(url, "a", "a1")
	h.sendTo(url, "a", "a2")
	got := h.get(url)
	if err := h.hide(url, got[1], 100); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(99 * time.Second)
	h.wantBodies(url)
	h.clock.Advance(time.Second)
	h.wantBodies(url, "a1", "a2")
}

func TestFifoHandleExpires(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo")
	h.sendTo(url, "a", "a1")
	old := h.get(url)[0]
	h.clock.Advance(30 * time.Second)
	_, err := h.DeleteMessage(h.ctx, &shape.DeleteMessageInput{QueueUrl: url, ReceiptHandle: old.ReceiptHandle})
	expired := "Value " + *old.ReceiptHandle + " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
	wantCode(t, err, "InvalidParameterValue", expired)
	m := h.get(url)[0]
	_, err = h.DeleteMessage(h.ctx, &shape.DeleteMessageInput{QueueUrl: url, ReceiptHandle: old.ReceiptHandle})
	wantCode(t, err, "InvalidParameterValue", expired)
	h.deleteMessage(url, m)
	h.deleteMessage(url, m) // twice is fine
	h.wantNumbers(url, "0", "0", "0")
	h.clock.Advance(dedupWindow + forgetPause)
	h.settle(url, 0)
}

func TestFifoDeduplication(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo", attrDedup, "true")
	first := h.sendCopy(url, "a", "x", "one")
	again := h.sendCopy(url, "b", "x", "two")
	if *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
		t.Errorf("the copy got id %s and number %s, want those of the first, %s and %s",
			*again.MessageId, *again.SequenceNumber, *first.MessageId, *first.SequenceNumber)
	}
	got := h.wantBodies(url, "one")
	h.deleteMessage(url, got[0])
	h.boot()
	h.sendCopy(url, "a", "x", "three") // still a copy after the first was deleted
	h.wantBodies(url)
	h.clock.Advance(dedupWindow - time.Millisecond)
	h.sendCopy(url, "a", "x", "four")
	h.wantBodies(url)
	h.clock.Advance(time.Millisecond)
	h.sendCopy(url, "a", "x", "five")
	got = h.wantBodies(url, "five")
	attributes := got[0].Attributes
	if attributes["MessageDeduplicationId"] != "x" || attributes["MessageGroupId"] != "a" || len(attributes["SequenceNumber"]) != 20 {
		t.Errorf("attributes = %v", attributes)
	}
	// Without an id the body stands for it.
	body, group := "same", "c"
	for range 2 {
		if _, err := h.SendMessage(h.ctx, &shape.SendMessageInput{QueueUrl: url, MessageBody: &body, MessageGroupId: &group}); err != nil {
			t.Fatal(err)
		}
	}
	h.wantBodies(url, "same")
}

func TestFifoDeduplicationInGroup(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo", attrDedupScope, scopeGroup, attrFifoLimit, limitPerGroup)
	h.sendCopy(url, "a", "x", "one")
	h.sendCopy(url, "b", "x", "two")
	h.sendCopy(url, "a", "x", "three")
	h.wantBodies(url, "one", "two")
}

func TestFifoSequenceNumbersGrow(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo")
	last := ""
	for i := range 20 {
		n := *h.sendTo(url, strconv.Itoa(i%3), strconv.Itoa(i)).SequenceNumber
		if len(n) != 20 || n <= last {
			t.Fatalf("number %s comes after %s", n, last)
		}
		last = n
		h.get(url, atMost(1))
	}
}

func TestFifoRefusals(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url, standard := h.fifoQueue("q.fifo"), h.createQueue("q")
	text := func(s string) *string { return &s }
	number := func(n int64) *int64 { return &n }
	tests := []struct {
		name          string
		in            shape.SendMessageInput
		code, message string
	}{
		{"no group", shape.SendMessageInput{MessageDeduplicationId: text("d")}, "MissingParameter", "The request must contain the parameter MessageGroupId."},
		{"bad group", shape.SendMessageInput{MessageGroupId: text("a b")}, "InvalidParameterValue", "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"no dedup", shape.SendMessageInput{MessageGroupId: text("a")}, "InvalidParameterValue", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"},
		{"bad dedup", shape.SendMessageInput{MessageGroupId: text("a"), MessageDeduplicationId: text("é")}, "InvalidParameterValue", "Value é for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"long dedup", shape.SendMessageInput{MessageGroupId: text("a"), MessageDeduplicationId: text(strings.Repeat("x", 129))}, "InvalidParameterValue", "Value " + strings.Repeat("x", 129) + " for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length."},
		{"delay", shape.SendMessageInput{MessageGroupId: text("a"), MessageDeduplicationId: text("d"), DelaySeconds: number(2)}, "InvalidParameterValue", "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."},
		{"standard dedup", shape.SendMessageInput{QueueUrl: standard, MessageDeduplicationId: text("d")}, "InvalidParameterValue", "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.MessageBody = text("body")
			if tt.in.QueueUrl == nil {
				tt.in.QueueUrl = url
			}
			_, err := h.SendMessage(h.ctx, &tt.in)
			wantCode(t, err, tt.code, tt.message)
		})
	}
	if _, err := h.SendMessage(h.ctx, &shape.SendMessageInput{
		QueueUrl: url, MessageBody: text("b"), MessageGroupId: text("a"), MessageDeduplicationId: text("d"), DelaySeconds: number(0),
	}); err != nil {
		t.Errorf("a delay of 0: %v, want success", err)
	}
	out, err := h.SendMessageBatch(h.ctx, &shape.SendMessageBatchInput{QueueUrl: url, Entries: []shape.SendMessageBatchRequestEntry{
		{Id: text("1"), MessageBody: text("x"), MessageDeduplicationId: text("e")},
		{Id: text("2"), MessageBody: text("y"), MessageGroupId: text("a"), MessageDeduplicationId: text("f")},
	}})
	if err != nil || len(out.Failed) != 1 || *out.Failed[0].Code != "InvalidParameterValue" || *out.Failed[0].Id != "1" || len(out.Successful) != 1 {
		t.Errorf("a batch without a group = %+v, %v", out, err)
	}
}

// A call with the same name gets the same messages, until one has changed.
func TestFifoReceiveAttempt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo")
	h.sendTo(url, "a", "a1")
	h.sendTo(url, "a", "a2")
	first := h.get(url, attempt("x"))
	h.clock.Advance(20 * time.Second)
	again := h.get(url, attempt("x"))
	if diff := cmp.Diff(first, again); diff != "" || len(first) != 2 {
		t.Fatalf("the same attempt (-first +second):\n%s", diff)
	}
	h.clock.Advance(20 * time.Second) // hidden anew by the second call
	if got := h.get(url, attempt("y")); len(got) != 0 {
		t.Fatalf("another attempt got %v, want nothing", bodies(got))
	}
	h.deleteMessage(url, again[0])
	if got := h.get(url, attempt("x")); len(got) != 0 {
		t.Errorf("after a deletion the attempt got %v, want nothing", bodies(got))
	}
	h.clock.Advance(30 * time.Second)
	if got := h.get(url, attempt("x")); len(got) != 1 || *got[0].Body != "a2" {
		t.Errorf("after the timeout the attempt got %v, want a2", bodies(got))
	}
	bad := strings.Repeat("x", 129)
	_, err := h.ReceiveMessage(h.ctx, &shape.ReceiveMessageInput{QueueUrl: url, ReceiveRequestAttemptId: &bad})
	wantCode(t, err, "InvalidParameterValue", "Value "+bad+" for parameter ReceiveRequestAttemptId is invalid. "+
		"Reason: ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
}

// Dead letters keep their order and their group, and let the group go on.
func TestFifoDeadLetters(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.fifoQueue("dead.fifo")
	url := h.fifoQueue("q.fifo", attrVisibility, "0", attrRedrive, redrivePolicy("dead.fifo", 1))
	for _, body := range []string{"a1", "a2", "a3"} {
		h.sendTo(url, "a", body)
	}
	h.get(url, atMost(2))
	h.wantBodies(url, "a3")
	got := h.wantBodies(dead, "a1", "a2")
	for _, m := range got {
		if m.Attributes["MessageGroupId"] != "a" || m.Attributes["MessageDeduplicationId"] != *m.Body ||
			m.Attributes["ApproximateReceiveCount"] != "2" {
			t.Errorf("dead letter %s has %v", *m.Body, m.Attributes)
		}
	}
	h.wantBodies(dead)
}

func TestFifoDelay(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo", attrDelay, "10")
	h.sendTo(url, "a", "a1")
	h.clock.Advance(5 * time.Second)
	h.sendTo(url, "a", "a2")
	h.wantNumbers(url, "0", "2", "0")
	h.clock.Advance(5 * time.Second)
	h.wantNumbers(url, "1", "1", "0")
	got := h.wantBodies(url, "a1")
	h.deleteMessage(url, got[0])
	h.wantBodies(url)
	h.clock.Advance(5 * time.Second)
	h.wantBodies(url, "a2")
}

// A receiver that waits is woken when a group is unlocked, by deleting and by
// time.
func TestFifoWaiting(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo")
	h.sendTo(url, "a", "a1")
	h.sendTo(url, "a", "a2")
	m := h.get(url, atMost(1))[0]
	got := h.receiveLater(url, waiting(20))
	h.busy(url)
	h.deleteMessage(url, m)
	if r := <-got; len(r) != 1 || *r[0].Body != "a2" {
		t.Fatalf("after the deletion: %v, want a2", bodies(r))
	}
	got = h.receiveLater(url, waiting(20))
	h.busy(url)
	h.sendTo(url, "b", "b1")
	if r := <-got; len(r) != 1 || *r[0].Body != "b1" {
		t.Fatalf("after a send to another group: %v, want b1", bodies(r))
	}
	h.clock.Advance(25 * time.Second)
	got = h.receiveLater(url, waiting(20))
	h.busy(url)
	h.clock.Advance(5 * time.Second)
	if r := <-got; len(r) == 0 {
		t.Fatal("nothing after the lock ended by time")
	}
}

// The groups of a standard queue take turns.
func TestFairGroups(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	send := func(group, body string) {
		t.Helper()
		if _, err := h.SendMessage(h.ctx, &shape.SendMessageInput{QueueUrl: url, MessageBody: &body, MessageGroupId: &group}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		send("noisy", "n"+strconv.Itoa(i))
	}
	send("quiet", "q0")
	send("quiet", "q1")
	h.send(url, "none")
	var got []string
	for range 3 {
		got = append(got, bodies(h.get(url, atMost(2)))...)
	}
	if diff := cmp.Diff([]string{"n0", "q0", "none", "n1", "q1", "n2"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if n := len(h.get(url)); n != 10 {
		t.Errorf("%d messages of one group in one receive, want 10", n)
	}
	h.wantNumbers(url, "7", "0", "16")
	h.clock.Advance(4 * 24 * time.Hour)
	h.settle(url, 0)
}

func TestFifoPurgeAndExpiry(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.fifoQueue("q.fifo", attrRetention, "600")
	h.sendTo(url, "a", "a1")
	h.sendTo(url, "b", "b1")
	h.get(url, atMost(1))
	if _, err := h.PurgeQueue(h.ctx, &shape.PurgeQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	h.wantNumbers(url, "0", "0", "0")
	h.sendTo(url, "a", "a1") // still a copy
	h.sendTo(url, "a", "a2")
	h.wantBodies(url, "a2")
	h.clock.Advance(599 * time.Second)
	h.sendTo(url, "a", "a3")
	h.clock.Advance(time.Second)
	h.wantBodies(url, "a3")
	h.clock.Advance(10 * time.Minute)
	h.settle(url, 0)
}
