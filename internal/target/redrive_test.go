package target_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	eventsshape "stormbus/internal/shape/events"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/target"
)

// workshop is a house with a function in it, and what delivers its letters again.
type workshop struct {
	*house
	*target.Redriver
	dead *string // the URL of the dead-letter queue
	fn   *workers
}

// workers stand for the functions: their lanes, and what they get.
type workers struct {
	lanes map[string]delivery.LaneID // by name
	dead  *target.FunctionLetters

	mu  sync.Mutex
	got []delivery.Delivery
	run chan struct{}
}

func (f *workers) Requeue(fn arn.ARN, e lambda.AsyncEvent) (delivery.LaneID, delivery.Job, error) {
	name, _, _ := fn.FunctionName()
	if f.lanes[name] == 0 {
		return 0, delivery.Job{}, lambda.ErrNoFunction
	}
	return f.lanes[name], delivery.Job{
		EventID: e.RequestID, Cause: e.Cause, Body: delivery.Body{Event: e.Payload, Trace: e.Trace.String(), Meta: []byte(fn.String())},
	}, nil
}

func (f *workers) SendersTo(arn.ARN) (out []arn.ARN) {
	for _, name := range []string{"clean", "wash"} {
		if f.lanes[name] > 0 {
			out = append(out, scope.Function(name, ""))
		}
	}
	return out
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	h := newHouse(t, memory(t))
	f := &workers{lanes: map[string]delivery.LaneID{}, dead: target.NewFunctionLetters(h.queues), run: make(chan struct{}, 100)}
	w := &workshop{house: h, fn: f, dead: h.queue("dead")}
	w.Redriver = &target.Redriver{Queues: h.queues, Rules: h.events, Functions: f, Lanes: h.engine, Clock: clock.Real()}
	return w
}

// employ makes a function that does what it gets.
func (w *workshop) employ(name string) {
	lane := delivery.LaneID(1000 + len(w.fn.lanes))
	w.fn.lanes[name] = lane
	w.engine.Define(lane, delivery.Lane{TargetARN: scope.Function(name, "").String(), Target: w.fn})
}

func (f *workers) Deliver(_ context.Context, batch []delivery.Delivery) []error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range batch {
		f.got = append(f.got, d)
		f.run <- struct{}{}
	}
	return make([]error, len(batch))
}

// fails makes a rule whose target is a queue that does not exist, and publishes
// events; it returns when their letters have come.
func (w *workshop) fails(rule, queue string, n int) (events []string) {
	w.Helper()
	to := to(scope.Queue(queue))
	to.DeadLetterConfig = &eventsshape.DeadLetterConfig{Arn: new(scope.Queue("dead").String())}
	w.rule("default", rule, to)
	before := w.count(w.dead)
	for i := range n {
		events = append(events, w.publish("default", fmt.Sprintf(`{"n":%d}`, i))...)
	}
	w.wait(func() bool { return w.count(w.dead) == before+n })
	return events
}

func (w *workshop) count(url *string) (n int) {
	w.Helper()
	_, err := fmt.Sscan(w.visible(url), &n)
	w.must(err)
	return n
}

// wait waits until something is so, which it will be soon.
func (w *workshop) wait(until func() bool) {
	w.Helper()
	give := clock.Real().Now().Add(20 * time.Second)
	for !until() {
		if clock.Real().Now().After(give) {
			w.Fatal("waited for 20 s")
		}
		w.must(clock.Sleep(w.ctx, clock.Real(), time.Millisecond))
	}
}

func (w *workshop) redrive(o delivery.RedriveOptions) (all []delivery.Redriven) {
	w.Helper()
	for r, err := range w.Redrive(w.ctx, scope.Queue("dead"), o) {
		w.must(err)
		all = append(all, r)
	}
	return all
}

// stays are the reasons why messages stay, "" for those that do not.
func stays(all []delivery.Redriven) (reasons []string) {
	for _, r := range all {
		reasons = append(reasons, r.Stays)
	}
	return reasons
}

// send puts a message into the dead-letter queue by hand; attributes come in pairs
// of name and value.
func (w *workshop) send(body string, kv ...string) {
	w.Helper()
	in := &shape.SendMessageInput{QueueUrl: w.dead, MessageBody: &body, MessageAttributes: map[string]shape.MessageAttributeValue{}}
	for i := 0; i < len(kv); i += 2 {
		in.MessageAttributes[kv[i]] = shape.MessageAttributeValue{DataType: new("String"), StringValue: &kv[i+1]}
	}
	_, err := w.queues.SendMessage(w.ctx, in)
	w.must(err)
}

// TestRedriveOfARule: the target is repaired, and gets what it missed; a letter
// that fails again is in the queue again, and only once.
func TestRedriveOfARule(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	ids := w.fails("orders", "work", 3)
	slices.Sort(ids)

	dry := w.redrive(delivery.RedriveOptions{DryRun: true})
	if len(dry) != 3 || w.count(w.dead) != 3 {
		t.Fatalf("a dry run tells of %+v", dry)
	}
	told := []string{dry[0].EventID, dry[1].EventID, dry[2].EventID}
	slices.Sort(told)
	if diff := cmp.Diff(ids, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	first := dry[0].EventID // events in several partitions fail in no order
	want := delivery.Redriven{
		EventID: first, Rule: scope.Rule("default", "orders").String(), Target: scope.Queue("work").String(),
	}
	if diff := cmp.Diff(want, dry[0], cmpopts.IgnoreFields(delivery.Redriven{}, "MessageID", "Sent")); diff != "" {
		t.Errorf("dry run (-want +got):\n%s", diff)
	}

	again := w.redrive(delivery.RedriveOptions{Limit: 1}) // the queue is still missing
	if len(again) != 1 || again[0].EventID != first || again[0].Delivery == "" {
		t.Fatalf("redriven: %+v", again)
	}
	w.wait(func() bool { return w.count(w.dead) == 3 })

	work := w.queue("work")
	all := w.redrive(delivery.RedriveOptions{})
	if diff := cmp.Diff([]string{"", "", ""}, stays(all)); diff != "" || w.count(w.dead) != 0 {
		t.Errorf("%d letters are left (-want +got):\n%s", w.count(w.dead), diff)
	}
	w.wait(func() bool { return w.count(work) == 3 })
	if all[2].EventID != first || all[2].MessageID == again[0].MessageID {
		t.Errorf("the letter that failed again is %+v, the first was %+v", all[2], again[0])
	}
	tree, err := w.lineage.Tree(w.ctx, first)
	w.must(err)
	var text strings.Builder
	w.must(lineage.WriteTree(&text, tree, lineage.TextOptions{}))
	if n := strings.Count(text.String(), "redriven "); n != 2 || !tree.Done {
		t.Errorf("the tree tells of %d redeliveries:\n%s", n, &text)
	}
}

// TestRedriveOfAFunction: the letter goes back into the queue of the function that
// it is of, although nothing that receivers see says which.
func TestRedriveOfAFunction(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	w.employ("wash")
	w.employ("clean")
	letter := lambda.Letter{
		Queue: scope.Queue("dead"), Function: scope.Function("wash", "$LATEST").String(), Event: []byte(`{"n":1}`),
		RequestID: "r1", ErrorCode: "200", Once: "1", Cause: lineage.Cause{EventID: "e", Delivery: "d"},
	}
	w.must(w.fn.dead.SendLetter(w.ctx, letter))
	gone := letter
	gone.Function, gone.Once = scope.Function("dry", "").String(), "2"
	w.must(w.fn.dead.SendLetter(w.ctx, gone))
	w.send(`{"n":2}`, "RequestID", "r2", "ErrorCode", "200") // of before there were notes

	want := []string{
		"", "there is no such function any more: make it again",
		"it does not name its function, and several have this queue for their dead letters: clean, wash",
	}
	if diff := cmp.Diff(want, stays(w.redrive(delivery.RedriveOptions{}))); diff != "" {
		t.Errorf("stays (-want +got):\n%s", diff)
	}
	<-w.fn.run
	got := w.fn.got[0]
	if got.EventID != "r1" || string(got.Event) != `{"n":1}` || string(got.Meta) != letter.Function || got.Cause != letter.Cause || got.Trace.Root == "" {
		t.Errorf("the function gets %+v", got)
	}
	delete(w.fn.lanes, "clean")
	if got := stays(w.redrive(delivery.RedriveOptions{}))[1]; got != "" {
		t.Errorf("with one function, the letter stays: %s", got)
	}
	<-w.fn.run
	delete(w.fn.lanes, "wash")
	w.send(`{"n":2}`, "RequestID", "r2", "ErrorCode", "200")
	if got := stays(w.redrive(delivery.RedriveOptions{}))[1]; !strings.Contains(got, "no function has this queue") {
		t.Errorf("without a function: %s", got)
	}
}

// anEvent is the body of a letter that somebody brings along.
const anEvent = `{"version":"0","id":"e","detail-type":"D","source":"shop.orders","account":"123456789012","time":"2026-11-24T10:00:00Z","region":"eu-west-1","resources":[],"detail":{}}`

// TestWhatStays: everything that cannot be delivered stays, with a reason, and is
// in nobody's way; it does not count towards a limit.
func TestWhatStays(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	work := w.queue("work")
	w.rule("default", "orders", to(scope.Queue("work")))
	rule, none, queue := scope.Rule("default", "orders").String(), scope.Rule("default", "none").String(), scope.Queue("work").String()
	messages := []struct {
		body string
		kv   []string
		want string
	}{
		{"hello", nil, "it is no dead letter"},
		{anEvent, []string{"RULE_ARN", "x", "TARGET_ARN", queue}, "RULE_ARN is not an ARN"},
		{"hello", []string{"RULE_ARN", rule, "TARGET_ARN", queue}, "its body is not an event"},
		{anEvent, []string{"RULE_ARN", arn.Scope{Region: scope.Region, Account: "000000000000"}.Rule("default", "orders").String(), "TARGET_ARN", queue}, "its rule is of another account"},
		{anEvent, []string{"RULE_ARN", none, "TARGET_ARN", queue}, "there is no rule none"},
		{anEvent, []string{"RULE_ARN", rule, "TARGET_ARN", scope.Queue("play").String()}, "does not have this target any more"},
		{"1", []string{"SCHEDULE_ARN", "x", "ERROR_CODE", "y"}, "dead letters of schedules are not supported yet"},
		{"1", []string{"SUBSCRIBER_ARN", "x", "ERROR_CODE", "y"}, "dead letters of subscribers"},
		{`{"version":"1.0","requestContext":{"functionArn":"arn"},"requestPayload":{}}`, nil, "records of on-failure destinations"},
		{anEvent, []string{"RULE_ARN", rule, "TARGET_ARN", queue}, ""},
		{anEvent, []string{"RULE_ARN", rule, "TARGET_ARN", queue}, "not reached"},
	}
	for _, m := range messages {
		w.send(m.body, m.kv...)
	}
	got := w.redrive(delivery.RedriveOptions{Limit: 1})
	if len(got) != len(messages)-1 {
		t.Fatalf("with a limit of 1: %+v", got)
	}
	for i, r := range got {
		if want := messages[i].want; !strings.Contains(r.Stays, want) || (r.Stays == "") != (want == "") {
			t.Errorf("%s %v stays: %q, want %q", messages[i].body, messages[i].kv, r.Stays, want)
		}
	}
	w.wait(func() bool { return w.count(work) == 1 })
	if n := w.count(w.dead); n != len(messages)-1 {
		t.Errorf("%d messages are left, want %d", n, len(messages)-1)
	}
}

// TestRedriveWhatIsInFlight: a letter that somebody has received is his.
func TestRedriveWhatIsInFlight(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	w.fails("orders", "work", 1)
	w.one(w.dead)
	if got := w.redrive(delivery.RedriveOptions{}); len(got) != 1 || !strings.Contains(got[0].Stays, "it is in flight or delayed until 20") {
		t.Errorf("in flight: %+v", got)
	}
}

// TestRedriveOfAQueue: what a queue gave up is for SQS to move, unless a rule gave
// it up before.
func TestRedriveOfAQueue(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	policy := fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":1}`, scope.Queue("dead"))
	first, err := w.queues.CreateQueue(w.ctx, &shape.CreateQueueInput{QueueName: new("first"), Attributes: map[string]string{"RedrivePolicy": policy, "VisibilityTimeout": "0"}})
	w.must(err)
	out := w.queues.Send(w.ctx, scope.Queue("first"), []sqs.Outgoing{{Body: "plain"}, {Body: anEvent, Attributes: map[string]sqs.Attribute{
		"RULE_ARN":   {DataType: "String", Text: scope.Rule("default", "orders").String()},
		"TARGET_ARN": {DataType: "String", Text: scope.Queue("work").String()},
	}}})
	w.must(errors.Join(out...))
	w.rule("default", "orders", to(scope.Queue("work")))
	w.queue("work")
	for range 4 {
		_, err := w.queues.ReceiveMessage(w.ctx, &shape.ReceiveMessageInput{QueueUrl: first.QueueUrl})
		w.must(err)
	}
	w.wait(func() bool { return w.count(w.dead) == 2 })
	want := []string{"it is a dead letter of the queue " + scope.Queue("first").String() + ": a move task (StartMessageMoveTask) brings it back", ""}
	if diff := cmp.Diff(want, stays(w.redrive(delivery.RedriveOptions{}))); diff != "" {
		t.Errorf("stays (-want +got):\n%s", diff)
	}
}

// TestRedriveIsNoSecondHop: an event that came from another bus goes no further
// either when its letter is delivered again, with or without a note.
func TestRedriveIsNoSecondHop(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	_, err := w.events.CreateEventBus(w.ctx, &eventsshape.CreateEventBusInput{Name: new("second")})
	w.must(err)
	w.rule("default", "on", to(scope.EventBus("second")))
	further := to(scope.EventBus("third"))
	further.DeadLetterConfig = &eventsshape.DeadLetterConfig{Arn: new(scope.Queue("dead").String())}
	w.rule("second", "further", further)
	w.publish("default", `{}`)
	w.wait(func() bool { return w.count(w.dead) == 1 }) // there is no third bus
	_, err = w.events.CreateEventBus(w.ctx, &eventsshape.CreateEventBusInput{Name: new("third")})
	w.must(err)
	w.send(anEvent, "RULE_ARN", scope.Rule("second", "further").String(), "TARGET_ARN", scope.EventBus("third").String(),
		"ERROR_CODE", delivery.CodeThirdAccountHopDetected)
	if diff := cmp.Diff([]string{"", ""}, stays(w.redrive(delivery.RedriveOptions{}))); diff != "" {
		t.Errorf("stays (-want +got):\n%s", diff)
	}
	for range 2 {
		if code := w.one(w.dead).MessageAttributes["ERROR_CODE"]; code.StringValue == nil || *code.StringValue != delivery.CodeThirdAccountHopDetected {
			t.Errorf("the second hop ended with %v", code)
		}
	}
}

// TestRedriveOfNoQueue and of one that is deleted while it goes on end with an error.
func TestRedriveOfNoQueue(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for r, err := range w.Redrive(w.ctx, scope.Queue("none"), delivery.RedriveOptions{}) {
		if !errors.Is(err, sqs.ErrNoQueue) {
			t.Errorf("no queue: %+v, %v", r, err)
		}
	}
	w.send("hello")
	w.send("hello")
	told := 0
	for _, err := range w.Redrive(w.ctx, scope.Queue("dead"), delivery.RedriveOptions{}) {
		w.must(err)
		told++
		break // the caller leaves
	}
	if told != 1 {
		t.Errorf("told of %d messages", told)
	}
}

// TestRedriveManyAtOnce: several who redrive the same queue deliver each letter once.
func TestRedriveManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	const letters = 250
	w.rule("default", "orders", to(scope.Queue("work")))
	work := w.queue("work")
	var msgs []sqs.Outgoing
	for range letters {
		msgs = append(msgs, sqs.Outgoing{Body: anEvent, Attributes: map[string]sqs.Attribute{
			"RULE_ARN":   {DataType: "String", Text: scope.Rule("default", "orders").String()},
			"TARGET_ARN": {DataType: "String", Text: scope.Queue("work").String()},
		}})
	}
	w.must(errors.Join(w.queues.Send(w.ctx, scope.Queue("dead"), msgs)...))
	var all sync.WaitGroup
	var delivered [4]int
	for i := range delivered {
		all.Go(func() {
			for r, err := range w.Redrive(w.ctx, scope.Queue("dead"), delivery.RedriveOptions{}) {
				if err != nil {
					t.Error(err)
				}
				if r.Stays == "" {
					delivered[i]++
				}
			}
		})
	}
	all.Wait()
	if sum := delivered[0] + delivered[1] + delivered[2] + delivered[3]; sum != letters || w.count(w.dead) != 0 {
		t.Errorf("%d deliveries of %d letters, %d left", sum, letters, w.count(w.dead))
	}
	w.wait(func() bool { return w.count(work) == letters })
}
