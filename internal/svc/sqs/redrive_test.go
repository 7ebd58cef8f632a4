package sqs

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/sqs"
)

func redrivePolicy(name string, count int) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":"%d"}`, scope.Queue(name), count)
}

// The values that stay and those that change were recorded on AWS.
func TestRedrive(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 2))
	h.send(url, "a")
	first := h.get(url)[0]
	h.clock.Advance(30 * time.Second)
	h.wantBodies(url, "a")
	h.clock.Advance(30 * time.Second)
	h.wantBodies(url) // the third receive moves it
	h.wantNumbers(url, "0", "0", "0")
	if n := h.rows(url); n != 0 {
		t.Errorf("%d rows are left in the source", n)
	}
	h.clock.Advance(time.Second)
	moved := h.wantBodies(dead, "a")[0]
	want := first.Attributes
	want["ApproximateReceiveCount"] = "3"
	want["DeadLetterQueueSourceArn"] = scope.Queue("q").String()
	if diff := cmp.Diff(want, moved.Attributes); diff != "" {
		t.Errorf("attributes in the dead-letter queue (-want +got):\n%s", diff)
	}
	if *moved.MessageId != *first.MessageId {
		t.Errorf("message id = %s, want that of the source, %s", *moved.MessageId, *first.MessageId)
	}
	// The handle from the source neither deletes nor hurts.
	h.deleteMessage(url, first)
	h.wantNumbers(dead, "0", "0", "1")
	h.deleteMessage(dead, moved)
	if n := h.rows(dead); n != 0 {
		t.Errorf("%d rows are left in the dead-letter queue", n)
	}
}

// Other messages are received while some are moved.
func TestRedriveBesideOthers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1))
	var msgs []Outgoing
	for range 2*takeBatch + 5 {
		msgs = append(msgs, Outgoing{Body: "bad"})
	}
	h.Send(h.ctx, scope.Queue("q"), msgs)
	for len(h.get(url)) > 0 {
	}
	h.clock.Advance(time.Minute)
	h.send(url, "good") // behind all the others
	h.wantBodies(url, "good")
	h.wantNumbers(dead, fmt.Sprint(len(msgs)), "0", "0")
}

func TestRedriveWakesReceivers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1))
	h.send(url, "a")
	h.get(url, hiddenFor(0))
	got := h.receiveLater(dead, waiting(20))
	h.clock.BlockUntil(1)
	h.wantBodies(url)
	if diff := cmp.Diff([]string{"a"}, bodies(<-got)); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
}

// Age counts from the first sending: a dead letter can be older than messages
// that were in the dead-letter queue before.
func TestRedriveKeepsAge(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead", attrRetention, "3600")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1), attrVisibility, "0")
	h.send(url, "old")
	h.clock.Advance(50 * time.Minute)
	h.send(dead, "young")
	h.get(url)
	h.wantBodies(url)
	h.wantNumbers(dead, "2", "0", "0")
	h.clock.Advance(10 * time.Minute)
	h.settle(dead, 2)
	h.wantBodies(dead, "young")
}

// A queue whose dead-letter queue is gone keeps its messages.
func TestRedriveWithoutTarget(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1), attrVisibility, "0")
	h.send(url, "a")
	h.get(url)
	if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: dead}); err != nil {
		t.Fatal(err)
	}
	h.wantBodies(url, "a")
	if got := h.get(url)[0].Attributes["ApproximateReceiveCount"]; got != "3" {
		t.Errorf("receive count = %s, want 3", got)
	}
}

// What was on its way when the process ended arrives after the next start, and
// goes back if the dead-letter queue has gone meanwhile.
func TestRedriveAfterCrash(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprintf("gone=%v", gone), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			dead := h.createQueue("dead")
			url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1), attrVisibility, "0")
			h.send(url, "a")
			h.get(url)
			h.intoOutbox("q")
			h.wantNumbers(url, "0", "0", "0")
			if gone {
				if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: dead}); err != nil {
					t.Fatal(err)
				}
			}
			h.boot()
			if gone {
				h.wantBodies(url, "a")
				return
			}
			h.wantBodies(url)
			h.wantBodies(dead, "a")
		})
	}
}

// intoOutbox does the first half of what a receive does with messages that were
// received too often, as if the process had ended there.
func (h *harness) intoOutbox(name string) {
	h.Helper()
	l, _ := h.queues.get(key{scope, name})
	t := taking{wanted: wanted{max: 10}, redrive: l.config.Load().Settings.Redrive, allowed: inFlightAllowed}
	if err := h.update(h.ctx, l, t.run); err != nil {
		h.Fatal(err)
	}
	if !t.moved {
		h.Fatal("nothing went into the outbox")
	}
}

// A move that is done twice, because the process ended before it could take
// note, arrives once.
func TestRedriveTwice(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead")
	url := h.createQueue("q", attrRedrive, redrivePolicy("dead", 1), attrVisibility, "0")
	h.send(url, "a")
	h.get(url)
	h.intoOutbox("q")
	source, _ := h.queues.get(key{scope, "q"})
	target, _ := h.queues.get(key{scope, "dead"})
	letters, err := h.outbox(h.ctx, source.config.Load())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.receiveMoved(h.ctx, source.config.Load(), target, letters); err != nil {
		t.Fatal(err)
	}
	h.boot()
	h.wantNumbers(dead, "1", "0", "0")
	if n := h.rows(url); n != 0 {
		t.Errorf("%d rows are left in the source", n)
	}
}

func TestRedriveAllowPolicy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		policy string
		want   bool
	}{
		{`{"redrivePermission":"allowAll"}`, true},
		{`{"redrivePermission":"denyAll"}`, false},
		{`{"redrivePermission":"byQueue","sourceQueueArns":["` + scope.Queue("q").String() + `"]}`, true},
		{`{"redrivePermission":"byQueue","sourceQueueArns":["` + scope.Queue("other").String() + `"]}`, false},
	}
	for i, tt := range tests {
		h := newHarness(t)
		h.createQueue("dead", attrRedriveAllow, tt.policy)
		name := "q"
		_, err := h.CreateQueue(h.ctx, &shape.CreateQueueInput{
			QueueName: &name, Attributes: map[string]string{attrRedrive: redrivePolicy("dead", 1)},
		})
		if (err == nil) != tt.want {
			t.Errorf("%d: CreateQueue with %s = %v, want ok %v", i, tt.policy, err, tt.want)
		}
	}
}

func TestListDeadLetterSourceQueues(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead")
	h.createQueue("a", attrRedrive, redrivePolicy("dead", 1))
	h.createQueue("b")
	h.createQueue("c", attrRedrive, redrivePolicy("dead", 1))
	out, err := h.ListDeadLetterSourceQueues(h.ctx, &shape.ListDeadLetterSourceQueuesInput{QueueUrl: dead})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"http://localhost:4566/123456789012/a", "http://localhost:4566/123456789012/c"}
	if diff := cmp.Diff(want, out.QueueUrls); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func FuzzParseRedrive(f *testing.F) {
	f.Add(redrivePolicy("dead", 5))
	f.Add(`{"deadLetterTargetArn":1,"maxReceiveCount":1.5}`)
	f.Add(`{"redrivePermission":"byQueue","sourceQueueArns":["x"]}`)
	f.Add("null")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := parseRedrive(s, scope, false); err == nil && (r.MaxReceives < 1 || r.MaxReceives > 1000) {
			t.Errorf("parseRedrive(%q) = %v", s, r)
		}
		_, _ = parseRedriveAllow(s)
	})
}
