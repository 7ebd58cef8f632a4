package sqs

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/sqs"
)

const arnOf = "arn:aws:sqs:eu-west-1:123456789012:"

// deadLetters fills a dead-letter queue from a source queue.
func (h *harness) deadLetters(n int) (source, dead *string) {
	h.Helper()
	dead = h.createQueue("dead")
	source = h.createQueue("q", attrVisibility, "0", attrRedrive, redrivePolicy("dead", 1))
	for i := range n {
		h.send(source, fmt.Sprint(i))
	}
	for range 2 * n {
		h.get(source)
	}
	h.wantNumbers(dead, fmt.Sprint(n), "0", "0")
	return source, dead
}

func (h *harness) startTask(in shape.StartMessageMoveTaskInput) *string {
	h.Helper()
	source := arnOf + "dead"
	in.SourceArn = &source
	out, err := h.StartMessageMoveTask(h.ctx, &in)
	if err != nil {
		h.Fatalf("StartMessageMoveTask: %v", err)
	}
	return out.TaskHandle
}

func (h *harness) lastTask() shape.ListMessageMoveTasksResultEntry {
	h.Helper()
	source := arnOf + "dead"
	out, err := h.ListMessageMoveTasks(h.ctx, &shape.ListMessageMoveTasksInput{SourceArn: &source})
	if err != nil || len(out.Results) != 1 {
		h.Fatalf("ListMessageMoveTasks: %v, %v, want one task", out, err)
	}
	return out.Results[0]
}

// await waits for the last task to have the wanted state.
func (h *harness) await(status string) shape.ListMessageMoveTasksResultEntry {
	h.Helper()
	h.eventually("the task is "+status, func() bool { return *h.lastTask().Status == status })
	return h.lastTask()
}

func TestMoveTask(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	source, dead := h.deadLetters(250)
	before := h.get(dead, atMost(1), hiddenFor(0))[0]
	h.clock.Advance(time.Minute)
	h.startTask(shape.StartMessageMoveTaskInput{})
	task := h.await(taskCompleted)
	if *task.ApproximateNumberOfMessagesMoved != 250 || *task.ApproximateNumberOfMessagesToMove != 250 ||
		task.TaskHandle != nil || task.DestinationArn != nil || *task.SourceArn != arnOf+"dead" ||
		*task.StartedTimestamp != start.Add(time.Minute).UnixMilli() {
		t.Errorf("task = %+v", task)
	}
	h.wantNumbers(dead, "0", "0", "0")
	h.wantNumbers(source, "250", "0", "0")
	// They are new messages.
	m := h.get(source, atMost(1))[0]
	if *m.MessageId == *before.MessageId || m.Attributes["ApproximateReceiveCount"] != "1" ||
		m.Attributes["SentTimestamp"] != unixMillis(start.Add(time.Minute)) || m.Attributes["DeadLetterQueueSourceArn"] != "" {
		t.Errorf("a message that was moved back: %v", m.Attributes)
	}
}

func TestMoveTaskToAnotherQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	_, dead := h.deadLetters(3)
	h.send(dead, "was never anywhere else")
	other := h.createQueue("other")
	to := arnOf + "other"
	h.startTask(shape.StartMessageMoveTaskInput{DestinationArn: &to})
	if task := h.await(taskCompleted); *task.DestinationArn != to {
		t.Errorf("destination = %s, want %s", *task.DestinationArn, to)
	}
	h.wantNumbers(dead, "0", "0", "0")
	h.wantNumbers(other, "4", "0", "0")
}

func TestMoveTaskFails(t *testing.T) {
	t.Parallel()
	t.Run("no source", func(t *testing.T) {
		h := newHarness(t)
		_, dead := h.deadLetters(0)
		h.send(dead, "sent to it directly")
		h.startTask(shape.StartMessageMoveTaskInput{})
		if task := h.await(taskFailed); *task.FailureReason != "CouldNotDetermineMessageSource" {
			t.Errorf("reason = %s", *task.FailureReason)
		}
		h.wantBodies(dead, "sent to it directly")
	})
	t.Run("destination deleted", func(t *testing.T) {
		h := newHarness(t)
		_, dead := h.deadLetters(3)
		to, one := arnOf+"other", int64(1)
		other := h.createQueue("other")
		h.startTask(shape.StartMessageMoveTaskInput{DestinationArn: &to, MaxNumberOfMessagesPerSecond: &one})
		if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: other}); err != nil {
			t.Fatal(err)
		}
		h.eventually("the task fails", func() bool {
			h.clock.Advance(time.Second)
			return *h.lastTask().Status == taskFailed
		})
		if task := h.await(taskFailed); *task.FailureReason != "AWS.SimpleQueueService.NonExistentQueue" {
			t.Errorf("reason = %s", *task.FailureReason)
		}
		h.wantNumbers(dead, "3", "0", "0")
	})
}

// A task keeps to its rate, goes on after a restart, and can be cancelled.
func TestMoveTaskRateRestartCancel(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	source, dead := h.deadLetters(10)
	two := int64(2)
	handle := h.startTask(shape.StartMessageMoveTaskInput{MaxNumberOfMessagesPerSecond: &two})
	task := h.lastTask()
	if *task.Status != taskRunning || *task.TaskHandle != *handle || *task.MaxNumberOfMessagesPerSecond != 2 || *task.ApproximateNumberOfMessagesMoved != 0 {
		t.Errorf("task = %+v", task)
	}
	step := func(want int64) {
		t.Helper()
		h.eventually("it moves one more", func() bool {
			h.clock.Advance(10 * time.Millisecond)
			n := *h.lastTask().ApproximateNumberOfMessagesMoved
			if most := int64(2 * h.clock.Now().Sub(start) / time.Second); n > most {
				t.Fatalf("moved %d after %s, at most %d may be", n, h.clock.Now().Sub(start), most)
			}
			return n == want
		})
	}
	step(1)
	step(2)
	h.boot()
	step(3)
	moved := *h.lastTask().ApproximateNumberOfMessagesMoved
	out, err := h.CancelMessageMoveTask(h.ctx, &shape.CancelMessageMoveTaskInput{TaskHandle: handle})
	if err != nil || *out.ApproximateNumberOfMessagesMoved != moved {
		t.Fatalf("CancelMessageMoveTask = %v, %v, want %d moved", out, err, moved)
	}
	task = h.await(taskCancelled)
	if n := *task.ApproximateNumberOfMessagesMoved; n != moved {
		t.Errorf("moved %d after it was cancelled at %d", n, moved)
	}
	h.wantNumbers(source, fmt.Sprint(moved), "0", "0")
	h.wantNumbers(dead, fmt.Sprint(10-moved), "0", "0")
	_, err = h.CancelMessageMoveTask(h.ctx, &shape.CancelMessageMoveTaskInput{TaskHandle: handle})
	wantCode(t, err, "ResourceNotFoundException", "Task does not exist.")
}

// The messages of a FIFO queue come back in their order.
func TestMoveTaskKeepsOrder(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.fifoQueue("dead.fifo")
	url := h.fifoQueue("q.fifo", attrVisibility, "0", attrRedrive, redrivePolicy("dead.fifo", 1))
	var want []string
	for i := range 9 {
		h.sendTo(url, "a", fmt.Sprint(i))
		want = append(want, fmt.Sprint(i))
	}
	h.get(url)
	h.wantBodies(url)
	h.wantNumbers(dead, "9", "0", "0")
	from := arnOf + "dead.fifo"
	if _, err := h.StartMessageMoveTask(h.ctx, &shape.StartMessageMoveTaskInput{SourceArn: &from}); err != nil {
		t.Fatal(err)
	}
	h.eventually("all are back", func() bool { return h.numbers(url)[0] == "9" })
	h.wantBodies(url, want...)
}

func TestMoveTaskRefusals(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.deadLetters(3)
	h.createQueue("other")
	h.fifoQueue("other.fifo")
	text := func(s string) *string { return &s }
	number := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		name          string
		source, to    string
		rate          int64
		code, message string
	}{
		{"no queue", arnOf + "none", "", 1, "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist."},
		{"no ARN", "x", "", 1, "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist."},
		{"no dead letters", arnOf + "q", "", 1, "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."},
		{"no destination", arnOf + "dead", arnOf + "none", 1, "ResourceNotFoundException", "The resource that you specified for the DestinationArn parameter doesn't exist."},
		{"to itself", arnOf + "dead", arnOf + "dead", 1, "InvalidParameterValue", "Source queue arn and destination queue arn cannot be the same."},
		{"other type", arnOf + "dead", arnOf + "other.fifo", 1, "InvalidParameterValue", "Source queue and destination queue must be of the same type."},
		{"rate", arnOf + "dead", "", 501, "InvalidParameterValue", "Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.StartMessageMoveTask(h.ctx, &shape.StartMessageMoveTaskInput{
				SourceArn: &tt.source, DestinationArn: optional(tt.to), MaxNumberOfMessagesPerSecond: &tt.rate,
			})
			wantCode(t, err, tt.code, tt.message)
		})
	}
	h.startTask(shape.StartMessageMoveTaskInput{MaxNumberOfMessagesPerSecond: number(1)})
	_, err := h.StartMessageMoveTask(h.ctx, &shape.StartMessageMoveTaskInput{SourceArn: text(arnOf + "dead")})
	wantCode(t, err, "InvalidParameterValue", "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	_, err = h.ListMessageMoveTasks(h.ctx, &shape.ListMessageMoveTasksInput{SourceArn: text(arnOf + "none")})
	wantCode(t, err, "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
	_, err = h.ListMessageMoveTasks(h.ctx, &shape.ListMessageMoveTasksInput{SourceArn: text(arnOf + "dead"), MaxResults: number(11)})
	wantCode(t, err, "InvalidParameterValue", "Value 11 for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.")

	encode := func(s string) *string { return text(base64.StdEncoding.EncodeToString([]byte(s))) }
	for _, tt := range []struct {
		handle        *string
		code, message string
	}{
		{text("x"), "InvalidParameterValue", "Value for parameter TaskHandle is invalid."},
		{encode("{}"), "InvalidParameterValue", "Value for parameter TaskHandle is invalid."},
		{encode(`{"taskId":"x","sourceArn":"` + arnOf + `none"}`), "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist."},
		{encode(`{"taskId":"x","sourceArn":"` + arnOf + `dead"}`), "ResourceNotFoundException", "Task does not exist."},
	} {
		_, err := h.CancelMessageMoveTask(h.ctx, &shape.CancelMessageMoveTaskInput{TaskHandle: tt.handle})
		wantCode(t, err, tt.code, tt.message)
	}
}

func FuzzParseTaskHandle(f *testing.F) {
	f.Add(taskHandle{"id", arnOf + "q"}.String())
	f.Add("x")
	f.Fuzz(func(t *testing.T, s string) {
		h, _, err := parseTaskHandle(s)
		if err == nil && (h.TaskID == "" || !strings.Contains(h.SourceARN, ":")) {
			t.Errorf("parseTaskHandle(%q) = %+v", s, h)
		}
	})
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	text := func(s string) *string { return &s }
	add := func(label string, accounts, actions []string) error {
		_, err := h.AddPermission(h.ctx, &shape.AddPermissionInput{QueueUrl: url, Label: &label, AWSAccountIds: accounts, Actions: actions})
		return err
	}
	remove := func(label string) error {
		_, err := h.RemovePermission(h.ctx, &shape.RemovePermissionInput{QueueUrl: url, Label: text(label)})
		return err
	}
	if err := add("one", []string{"111122223333"}, []string{"SendMessage"}); err != nil {
		t.Fatal(err)
	}
	if err := add("two", []string{"111122223333", "444455556666"}, []string{"SendMessage", "DeleteMessage"}); err != nil {
		t.Fatal(err)
	}
	const first = `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"SQS:SendMessage","Resource":"` + arnOf + `q"}`
	const second = `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::444455556666:root"]},"Action":["SQS:SendMessage","SQS:DeleteMessage"],"Resource":"` + arnOf + `q"}`
	const head = `{"Version":"2008-10-17","Id":"` + arnOf + `q/SQSDefaultPolicy","Statement":[`
	if diff := cmp.Diff(head+first+","+second+"]}", h.attributes(url)[attrPolicy]); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	wantCode(t, add("one", []string{"111122223333"}, []string{"SendMessage"}), "InvalidParameterValue", "Value one for parameter Label is invalid. Reason: Already exists.")
	wantCode(t, add("a b", []string{"111122223333"}, []string{"SendMessage"}), "InvalidParameterValue", "Value a b for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	wantCode(t, add("x", []string{"1"}, []string{"SendMessage"}), "InvalidParameterValue", "Value 1 for parameter PrincipalId is invalid. Reason: Unable to verify.")
	wantCode(t, add("x", []string{"111122223333"}, []string{"DeleteQueue"}), "InvalidParameterValue", "Value DeleteQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.")
	wantCode(t, add("x", nil, []string{"SendMessage"}), "MissingParameter", "The request must contain the parameter AWSAccountIds.")
	wantCode(t, add("x", []string{"111122223333"}, nil), "MissingParameter", "The request must contain the parameter Actions.")
	wantCode(t, add("x", []string{"111122223333"}, shareable()[:8]), "OverLimit", "A statement can have at most 7 actions.")
	wantCode(t, remove("three"), "InvalidParameterValue", "Value three for parameter Label is invalid. Reason: can't find label.")
	if err := remove("one"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(head+second+"]}", h.attributes(url)[attrPolicy]); diff != "" {
		t.Errorf("policy after removing (-want +got):\n%s", diff)
	}
	if err := remove("two"); err != nil {
		t.Fatal(err)
	}
	if p, ok := h.attributes(url)[attrPolicy]; ok {
		t.Errorf("policy without statements = %s, want none", p)
	}
	for i := range maxStatements {
		if err := add(fmt.Sprint("l", i), []string{"111122223333"}, []string{"*"}); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, add("more", []string{"111122223333"}, []string{"*"}), "OverLimit", "The policy of a queue can have at most 20 statements.")
}

func TestInFlightLimit(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if h.inFlight != 120_000 {
		t.Errorf("%d messages may be in flight, want AWS's 120000", h.inFlight)
	}
	h.inFlight = 3
	url, fifo := h.createQueue("q"), h.fifoQueue("q.fifo")
	for i := range 5 {
		h.send(url, fmt.Sprint(i))
		h.sendTo(fifo, fmt.Sprint(i), fmt.Sprint(i))
	}
	for _, u := range []*string{url, fifo} {
		if n := len(h.get(u)); n != 3 {
			t.Errorf("%d messages are in flight, want 3", n)
		}
	}
	_, err := h.ReceiveMessage(h.ctx, &shape.ReceiveMessageInput{QueueUrl: url})
	if err == nil || !strings.Contains(err.Error(), "OverLimit") {
		t.Errorf("a fourth message: %v, want OverLimit", err)
	}
	h.wantBodies(fifo) // FIFO queues say nothing
	// A long poll waits for room: here until the first are visible again.
	got := h.receiveLater(url, waiting(20))
	h.busy(url)
	h.clock.Advance(10 * time.Second)
	h.clock.Advance(10 * time.Second)
	if ms := <-got; len(ms) != 0 {
		t.Errorf("a long poll got %v over the limit", bodies(ms))
	}
	h.clock.Advance(10 * time.Second)
	ms := h.get(url)
	if len(ms) != 3 {
		t.Fatalf("%d messages after the timeout, want 3", len(ms))
	}
	got = h.receiveLater(url, waiting(20))
	h.busy(url)
	h.deleteMessage(url, ms[0])
	if ms := <-got; len(ms) != 1 {
		t.Errorf("a deletion made room for %d messages, want 1", len(ms))
	}
}
