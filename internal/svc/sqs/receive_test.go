package sqs

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/sqs"
)

func TestVisibility(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a", "b")

	first := h.wantBodies(url, "a", "b")
	h.wantNumbers(url, "0", "0", "2")
	h.wantBodies(url)

	h.clock.Advance(29 * time.Second)
	h.wantBodies(url)
	h.clock.Advance(time.Second)
	h.wantNumbers(url, "2", "0", "0")
	second := h.wantBodies(url, "a", "b")
	if *first[0].ReceiptHandle == *second[0].ReceiptHandle {
		t.Error("the receipt handle did not change on the second receive")
	}
	if *first[0].MessageId != *second[0].MessageId {
		t.Error("the message id changed on the second receive")
	}

	// A standard queue deletes by any handle that it gave out, old ones too.
	h.deleteMessage(url, first[0])
	h.deleteMessage(url, first[0])
	h.deleteMessage(url, second[1])
	h.wantNumbers(url, "0", "0", "0")
	if n := h.rows(url); n != 0 {
		t.Errorf("%d rows are left of an empty queue", n)
	}
	h.clock.Advance(time.Hour)
	h.wantBodies(url)
}

func TestVisibilityOfReceive(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrVisibility, "100")
	h.send(url, "a")
	h.get(url, hiddenFor(0))
	h.get(url, hiddenFor(5)) // visible again at once
	h.clock.Advance(5 * time.Second)
	if got := h.get(url); len(got) != 1 { // the queue's own 100 s
		t.Fatalf("received %d messages after the timeout of the receive, want 1", len(got))
	}
	h.clock.Advance(99 * time.Second)
	h.wantBodies(url)
	h.clock.Advance(time.Second)
	h.wantBodies(url, "a")
}

func TestSystemAttributes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.clock.Advance(1500 * time.Millisecond)
	body, group, trace, text := "a", "g1", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", "String"
	out, err := h.SendMessage(h.ctx, &shape.SendMessageInput{
		QueueUrl: url, MessageBody: &body, MessageGroupId: &group,
		MessageSystemAttributes: map[string]shape.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: &text, StringValue: &trace}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.MD5OfMessageSystemAttributes == nil || *out.MD5OfMessageSystemAttributes != "5ae4d5d7636402d80f4eb6d213245a88" {
		t.Errorf("digest of the system attributes = %v", out.MD5OfMessageSystemAttributes)
	}
	sent := strconv.FormatInt(start.Add(1500*time.Millisecond).UnixMilli(), 10)
	first := strconv.FormatInt(start.Add(2500*time.Millisecond).UnixMilli(), 10)
	want := map[string]string{
		"SenderId": scope.Account, "SentTimestamp": sent, "ApproximateReceiveCount": "1",
		"ApproximateFirstReceiveTimestamp": first, "AWSTraceHeader": trace, "MessageGroupId": group,
	}
	h.clock.Advance(time.Second)
	if diff := cmp.Diff(want, h.get(url)[0].Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	h.clock.Advance(time.Minute)
	want["ApproximateReceiveCount"] = "2"
	if diff := cmp.Diff(want, h.get(url)[0].Attributes); diff != "" {
		t.Errorf("attributes of the second receive (-want +got):\n%s", diff)
	}
	h.clock.Advance(time.Minute)
	some := h.get(url, func(in *shape.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []string{"SenderId"}
		in.AttributeNames = []string{"MessageGroupId", "Policy"}
	})
	if diff := cmp.Diff(map[string]string{"SenderId": scope.Account, "MessageGroupId": group}, some[0].Attributes); diff != "" {
		t.Errorf("chosen attributes (-want +got):\n%s", diff)
	}
	h.clock.Advance(time.Minute)
	none := h.get(url, func(in *shape.ReceiveMessageInput) { in.MessageSystemAttributeNames = nil })
	if none[0].Attributes != nil {
		t.Errorf("attributes = %v, want none", none[0].Attributes)
	}
}

// What is chosen, and its digest, were recorded on AWS.
func TestMessageAttributeNames(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrVisibility, "0")
	text := "String"
	body := "msg"
	attributes := map[string]shape.MessageAttributeValue{}
	for name, value := range map[string]string{"Hello": "There", "General": "Kenobi", "Help.Me": "Me"} {
		attributes[name] = shape.MessageAttributeValue{DataType: &text, StringValue: &value}
	}
	if _, err := h.SendMessage(h.ctx, &shape.SendMessageInput{QueueUrl: url, MessageBody: &body, MessageAttributes: attributes}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		names  []string
		want   []string
		digest string
	}{
		{"none", nil, nil, ""},
		{"all", []string{"All"}, []string{"General", "Hello", "Help.Me"}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"star", []string{".*"}, []string{"General", "Hello", "Help.Me"}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"unknown", []string{"Foo", "Help"}, nil, ""},
		{"some", []string{"Hello", "General"}, []string{"General", "Hello"}, "fca026605781cb4126a1e9044df24232"},
		{"one and unknown", []string{"Hello", "Foo"}, []string{"Hello"}, "a311262e065454b75da111d535b8dacd"},
		{"prefix", []string{"Hel.*"}, []string{"Hello", "Help.Me"}, "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{"reserved", []string{"AWS."}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h.get(url, func(in *shape.ReceiveMessageInput) { in.MessageAttributeNames = tt.names })
			var names []string
			for _, name := range []string{"General", "Hello", "Help.Me"} {
				if _, ok := got[0].MessageAttributes[name]; ok {
					names = append(names, name)
				}
			}
			digest := ""
			if got[0].MD5OfMessageAttributes != nil {
				digest = *got[0].MD5OfMessageAttributes
			}
			if !cmp.Equal(names, tt.want) || digest != tt.digest {
				t.Errorf("MessageAttributeNames %v: got %v %q, want %v %q", tt.names, names, digest, tt.want, tt.digest)
			}
		})
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrDelay, "60")
	h.send(url, "queue's delay")
	h.sendDelayed(url, "own delay", 10)
	h.sendDelayed(url, "no delay", 0)
	h.wantNumbers(url, "1", "2", "0")
	h.wantBodies(url, "no delay")
	h.clock.Advance(10 * time.Second)
	h.wantBodies(url, "own delay")
	h.clock.Advance(50 * time.Second)
	h.wantBodies(url, "no delay", "own delay", "queue's delay")
}

// A receive that waits is answered by the send, without any time passing.
func TestLongPollWokenBySend(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	got := h.receiveLater(url, waiting(20))
	h.clock.BlockUntil(1) // it waits
	h.send(url, "a")
	if diff := cmp.Diff([]string{"a"}, bodies(<-got)); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
}

// receiveLater receives in another goroutine.
func (h *harness) receiveLater(url *string, change ...func(*shape.ReceiveMessageInput)) <-chan []shape.Message {
	c := make(chan []shape.Message, 1)
	go func() { c <- h.get(url, change...) }()
	return c
}

func TestLongPollEndsEmpty(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrWait, "7")
	got := h.receiveLater(url)
	h.clock.BlockUntil(1)
	h.clock.Advance(6 * time.Second)
	select {
	case ms := <-got:
		t.Fatalf("received %v before the wait was over", bodies(ms))
	default:
	}
	h.clock.Advance(time.Second)
	if ms := <-got; len(ms) != 0 {
		t.Errorf("received %v, want nothing", bodies(ms))
	}
}

// Hidden messages that become due while a receive waits are given to it.
func TestLongPollWokenByTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		hide func(h *harness, url *string)
	}{
		{"delay", func(h *harness, url *string) { h.sendDelayed(url, "a", 5) }},
		{"visibility timeout", func(h *harness, url *string) {
			h.send(url, "a")
			h.get(url, hiddenFor(5))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name+" begun before", func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			url := h.createQueue("q")
			tt.hide(h, url)
			got := h.receiveLater(url, waiting(20))
			h.clock.BlockUntil(2) // its deadline, and the alarm
			h.clock.Advance(5 * time.Second)
			if diff := cmp.Diff([]string{"a"}, bodies(<-got)); diff != "" {
				t.Errorf("received (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("delay begun meanwhile", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		url := h.createQueue("q")
		got := h.receiveLater(url, waiting(20))
		h.clock.BlockUntil(1)
		h.sendDelayed(url, "a", 5)
		h.clock.BlockUntil(2)
		h.clock.Advance(5 * time.Second)
		if diff := cmp.Diff([]string{"a"}, bodies(<-got)); diff != "" {
			t.Errorf("received (-want +got):\n%s", diff)
		}
	})
}

func TestLongPollWokenByVisibilityChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a")
	m := h.get(url)[0]
	got := h.receiveLater(url, waiting(20))
	h.clock.BlockUntil(2)
	if err := h.hide(url, m, 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, bodies(<-got)); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
}

func TestLongPollOfDeletedQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	failed := make(chan error, 1)
	go func() {
		twenty := int64(20)
		_, err := h.ReceiveMessage(h.ctx, &shape.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: &twenty})
		failed <- err
	}()
	h.clock.BlockUntil(1)
	if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, <-failed, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

// One message wakes one receiver, and every message finds one.
func TestLongPollMany(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	const n = 8
	var answers []<-chan []shape.Message
	for range n {
		answers = append(answers, h.receiveLater(url, waiting(20), atMost(1)))
	}
	h.clock.BlockUntil(n)
	for i := range n {
		h.send(url, strconv.Itoa(i))
	}
	seen := map[string]bool{}
	for _, a := range answers {
		for _, m := range <-a {
			seen[*m.Body] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%d receivers got %d different messages, want %d", n, len(seen), n)
	}
}

// A receiver that leaves at the moment it is signalled passes the signal on.
func TestLongPollAbandoned(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	ctx, cancel := context.WithCancel(h.ctx)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		twenty := int64(20)
		_, _ = h.ReceiveMessage(ctx, &shape.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: &twenty})
	}()
	h.clock.BlockUntil(1)
	got := h.receiveLater(url, waiting(20))
	h.clock.BlockUntil(2)
	cancel()
	<-gone
	h.send(url, "a")
	if diff := cmp.Diff([]string{"a"}, bodies(<-got)); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	got := h.receiveLater(url, waiting(20))
	h.clock.BlockUntil(1)
	h.Service.Close()
	if ms := <-got; len(ms) != 0 {
		t.Errorf("received %v, want nothing", bodies(ms))
	}
}

func TestChangeVisibility(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a")
	m := h.get(url)[0]
	const gone = " for parameter ReceiptHandle is invalid. Reason: " +
		"Message does not exist or is not available for visibility timeout change."

	if err := h.hide(url, m, 100); err != nil {
		t.Fatalf("lengthen: %v", err)
	}
	h.clock.Advance(99 * time.Second)
	h.wantBodies(url)
	h.clock.Advance(time.Second)
	// Expired: that is no error, but the message stays where others get it.
	if err := h.hide(url, m, 50); err != nil {
		t.Fatalf("after the timeout: %v", err)
	}
	m = h.wantBodies(url, "a")[0]
	// Twelve hours in all, from the receive.
	if err := h.hide(url, m, 100); err != nil {
		t.Fatalf("lengthen again: %v", err)
	}
	h.clock.Advance(99 * time.Second)
	if err := h.hide(url, m, 43_200-99); err != nil {
		t.Fatalf("up to twelve hours: %v", err)
	}
	wantCode(t, h.hide(url, m, 43_200-98), "InvalidParameterValue", "Value 43102 for parameter VisibilityTimeout is invalid. "+
		"Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	wantCode(t, h.hide(url, m, 43_201), "InvalidParameterValue", "Value 43201 for parameter VisibilityTimeout is invalid. "+
		"Reason: Must be >= 0 and <= 43200, if provided.")
	if err := h.hide(url, m, 0); err != nil {
		t.Fatalf("show again: %v", err)
	}
	again := h.wantBodies(url, "a")[0]
	wantCode(t, h.hide(url, m, 10), "InvalidParameterValue", "Value "+*m.ReceiptHandle+gone)
	h.deleteMessage(url, again)
	wantCode(t, h.hide(url, again, 10), "InvalidParameterValue", "Value "+*again.ReceiptHandle+gone)
}
