package lambda

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/function"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

func TestAsyncRunsOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	out, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn"), InvocationType: new(shape.InvocationTypeEvent), Payload: []byte(`{"a": 1}`)})
	if err != nil || *out.StatusCode != 202 || out.Payload != nil {
		t.Errorf("Invoke = %+v, %v", out, err)
	}
	r := h.awaitRun()
	if r.inv.RequestID != "11111111-2222-4333-8444-555555555555" || string(r.inv.Payload) != `{"a": 1}` || r.inv.InvokedARN != scope.Function("fn", "").String() {
		t.Errorf("run = %+v", r.inv)
	}
}

func TestRetriesAndDeadLetter(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.world.answers(raises)
	trace := telemetry.ParseTrace("Root=1-5f84c7a1-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=bbbbbbbbbbbbbbbb;Sampled=1")
	err := h.InvokeAsync(h.ctx, scope.Function("fn", ""), []AsyncEvent{{RequestID: "r1", Payload: []byte(`{"n": 1}`), Trace: trace}})[0]
	if err != nil {
		t.Fatal(err)
	}
	var at []time.Duration
	spans := map[string]bool{}
	for range 3 {
		r := h.awaitRun()
		at = append(at, r.at.Sub(start))
		if r.inv.RequestID != "r1" || r.inv.Trace.Root != trace.Root {
			t.Errorf("run = %+v", r.inv)
		}
		spans[r.inv.Trace.Parent] = true
	}
	if diff := cmp.Diff([]time.Duration{0, time.Minute, 3 * time.Minute}, at); diff != "" {
		t.Errorf("times of the attempts (-want +got):\n%s", diff)
	}
	if len(spans) != 3 || spans[trace.Parent] {
		t.Errorf("spans = %v, want a new one for each run", spans)
	}
	letter := await(h, h.world.sent, "dead letter")
	letter.Once = ""
	want := Letter{Queue: scope.Queue("dead"), Function: scope.Function("fn", "").String(), Event: []byte(`{"n": 1}`), RequestID: "r1", ErrorCode: "200", ErrorMessage: "no", Trace: trace}
	if diff := cmp.Diff(want, letter); diff != "" {
		t.Errorf("dead letter (-want +got):\n%s", diff)
	}
}

// TestDeadLetterKnowsItsEvent: the event that a delivery brought is the cause of
// the letter, and the delivery is that of the function's queue.
func TestDeadLetterKnowsItsEvent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.world.answers(raises)
	cause := lineage.Cause{EventID: "e", Delivery: "d"}
	if err := h.InvokeAsync(h.ctx, scope.Function("fn", ""), []AsyncEvent{{RequestID: "r1", Payload: []byte(`1`), Cause: cause}})[0]; err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.awaitRun()
	}
	letter := await(h, h.world.sent, "dead letter")
	if letter.Cause.EventID != "e" || "function/"+letter.Cause.Delivery != letter.Once {
		t.Errorf("cause of the letter %s = %+v", letter.Once, letter.Cause)
	}
}

func TestRetrySettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   shape.PutFunctionEventInvokeConfigInput
		want int // runs
	}{
		{"no retries", shape.PutFunctionEventInvokeConfigInput{MaximumRetryAttempts: new(int64(0))}, 1},
		{"one retry", shape.PutFunctionEventInvokeConfigInput{MaximumRetryAttempts: new(int64(1))}, 2},
		// The last attempt is made when the age is reached.
		{"short life", shape.PutFunctionEventInvokeConfigInput{MaximumEventAgeInSeconds: new(int64(60))}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.create("fn", withDeadLetters)
			h.world.answers(raises)
			tt.in.FunctionName = new("fn")
			if _, err := h.PutFunctionEventInvokeConfig(h.ctx, &tt.in); err != nil {
				t.Fatal(err)
			}
			h.enqueue("fn", "r", `1`)
			for range tt.want {
				h.awaitRun()
			}
			await(h, h.world.sent, "dead letter")
			if len(h.world.runs) > 0 {
				t.Errorf("%d more runs than %d", len(h.world.runs), tt.want)
			}
		})
	}
}

// TestThrottled: attempts that are throttled do not count, pauses double from
// one second to five minutes, and the event gives up when it is six hours old.
func TestThrottled(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.world.answers(func(function.Spec, function.Invocation) (function.Result, error) {
		return function.Result{}, function.ErrThrottled
	})
	h.enqueue("fn", "r", `1`)
	last := h.awaitRun().at
	var pauses []time.Duration
	for len(h.world.sent) == 0 || len(h.world.runs) > 0 {
		select {
		case r := <-h.world.runs:
			pauses = append(pauses, r.at.Sub(last))
			last = r.at
		default:
			h.tick()
		}
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}
	for i := range want {
		want[i] *= time.Second
	}
	if diff := cmp.Diff(want, pauses[:len(want)]); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	if age := last.Sub(start); age != 6*time.Hour {
		t.Errorf("last attempt after %v, want 6 h", age)
	}
	if l := <-h.world.sent; l.ErrorCode != "429" {
		t.Errorf("dead letter = %+v", l)
	}
}

// TestThrottledThenRun: a throttled event is run as soon as there is room.
func TestThrottledThenRun(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	h.world.answers(func(function.Spec, function.Invocation) (function.Result, error) {
		h.world.answers(nil)
		return function.Result{}, function.ErrThrottled
	})
	h.enqueue("fn", "r", `1`)
	h.awaitRun()
	if r := h.awaitRun(); r.at.Sub(start) != time.Second {
		t.Errorf("second attempt after %v", r.at.Sub(start))
	}
}

// TestRestart: what was accepted is run by the next process, also a retry that
// was waiting.
func TestRestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.world.answers(raises)
	h.enqueue("fn", "r", `1`)
	h.awaitRun()
	h.boot()
	if r := h.awaitRun(); r.at.Sub(start) != time.Minute || r.inv.RequestID != "r" {
		t.Errorf("after a restart: %+v", r)
	}
	h.boot()
	h.awaitRun()
	await(h, h.world.sent, "dead letter")
}

func TestUnknownFunction(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	for _, fn := range []string{"arn:aws:lambda:eu-west-1:123456789012:function:none", "arn:aws:lambda:eu-west-1:123456789012:function:fn:7", "arn:aws:lambda:us-east-1:123456789012:function:fn", "arn:aws:sqs:eu-west-1:123456789012:fn"} {
		a := mustParse(t, fn)
		for _, err := range h.InvokeAsync(h.ctx, a, []AsyncEvent{{Payload: []byte("1")}, {Payload: []byte("2")}}) {
			if !errors.Is(err, ErrNoFunction) {
				t.Errorf("InvokeAsync(%s) = %v", fn, err)
			}
		}
	}
	if errs := h.InvokeAsync(h.ctx, scope.Function("fn", "$LATEST"), []AsyncEvent{{Payload: []byte("1")}}); errs[0] != nil {
		t.Errorf("InvokeAsync($LATEST) = %v", errs)
	}
	if r := h.awaitRun(); r.inv.RequestID == "" || r.inv.InvokedARN != scope.Function("fn", "$LATEST").String() {
		t.Errorf("run = %+v", r.inv)
	}
	if errs := h.InvokeAsync(h.ctx, scope.Function("none", ""), nil); len(errs) != 0 {
		t.Errorf("InvokeAsync of nothing = %v", errs)
	}
}

// TestDeletedFunction: deleting a function takes its queue along.
func TestDeletedFunction(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.world.answers(raises)
	h.enqueue("fn", "r", `1`)
	h.awaitRun()
	if _, err := h.DeleteFunction(h.ctx, &shape.DeleteFunctionInput{FunctionName: new("fn")}); err != nil {
		t.Fatal(err)
	}
	h.create("fn") // it is another one
	h.clock.Advance(time.Hour)
	h.world.answers(nil)
	h.enqueue("fn", "new", `2`)
	if r := h.awaitRun(); r.inv.RequestID != "new" {
		t.Errorf("run = %+v", r.inv)
	}
	if len(h.world.sent) > 0 {
		t.Errorf("dead letter = %+v", <-h.world.sent)
	}
}

// TestLineage: the tree of an event shows what its function did, attempt by
// attempt, and what that published.
func TestLineage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	cause := lineage.Cause{EventID: "event-1", Delivery: "0000000000000001"}
	h.publish("event-1", "", cause.Delivery)
	h.world.answers(func(s function.Spec, inv function.Invocation) (function.Result, error) {
		h.world.answers(func(_ function.Spec, inv function.Invocation) (function.Result, error) {
			h.publish("event-2", inv.Trace.Parent)
			return function.Result{Payload: []byte("1"), Duration: 2 * time.Millisecond}, nil
		})
		return function.Result{FunctionError: function.Unhandled, ErrorType: "Sandbox.Timedout", ErrorMessage: "late", TimedOut: true, InitDuration: time.Second}, nil
	})
	err := h.InvokeAsync(h.ctx, scope.Function("fn", ""), []AsyncEvent{{RequestID: "r", Payload: []byte("1"), Cause: cause}})[0]
	if err != nil {
		t.Fatal(err)
	}
	h.awaitRun()
	h.awaitRun()
	var node *lineage.Node
	for node == nil || !node.Done {
		if node, err = h.lineage.Tree(h.ctx, "event-1"); err != nil {
			t.Fatal(err)
		}
	}
	got := node.Rules[0].Deliveries[0].Runs
	want := []lineage.Run{
		{RequestID: "r", Function: scope.Function("fn", "").String(), Attempt: 1, Started: start, InitMS: 1000, Outcome: lineage.Timeout, ErrorType: "Sandbox.Timedout", Error: "late"},
		{RequestID: "r", Function: scope.Function("fn", "").String(), Attempt: 2, Started: start.Add(time.Minute), DurationMS: 2, Outcome: lineage.OK, Caused: []*lineage.Node{{EventID: "event-2", Rules: []lineage.Rule{}, Done: true}}},
	}
	for _, r := range got {
		for _, n := range r.Caused {
			n.Published, n.Time = time.Time{}, time.Time{}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

// TestSyncLineage: a synchronous run is known too, without the caller waiting.
func TestSyncLineage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	if _, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn")}); err != nil {
		t.Fatal(err)
	}
	r := h.awaitRun()
	if r.inv.Trace.Root == "" || r.inv.Trace.Parent == "" || r.inv.Trace.Sampled != "1" {
		t.Errorf("trace = %+v", r.inv.Trace)
	}
	h.boot() // Close writes what is waiting
	if n := h.spans(r.inv.Trace.Parent); n != 1 {
		t.Errorf("%d records of the run's span, want 1", n)
	}
}

// TestRequeue: an event that was given up goes into the queue of the function, as
// it was invoked, again.
func TestRequeue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.create("other", withDeadLetters)
	h.create("quiet")
	fn := scope.Function("fn", Latest)
	lane, job, err := h.Requeue(fn, AsyncEvent{RequestID: "r1", Payload: []byte(`{"n": 1}`)})
	if err != nil {
		t.Fatal(err)
	}
	err = h.store.Update(h.ctx, h.store.Parts()[0], func(tx store.Tx) error {
		h.engine.Enqueue(tx, lane, job)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := h.awaitRun(); r.inv.RequestID != "r1" || string(r.inv.Payload) != `{"n": 1}` || r.inv.InvokedARN != fn.String() || r.spec.Name != "fn" {
		t.Errorf("run = %+v", r.inv)
	}
	if diff := cmp.Diff([]arn.ARN{scope.Function("fn", ""), scope.Function("other", "")}, h.SendersTo(scope.Queue("dead"))); diff != "" {
		t.Errorf("functions whose dead letters go to the queue (-want +got):\n%s", diff)
	}
	if got := h.SendersTo(scope.Queue("none")); len(got) > 0 {
		t.Errorf("functions whose dead letters go nowhere: %v", got)
	}
	if _, _, err := h.Requeue(scope.Function("none", ""), AsyncEvent{Payload: []byte(`1`)}); !errors.Is(err, ErrNoFunction) {
		t.Errorf("no function: %v", err)
	}
	if _, _, err := h.Requeue(fn, AsyncEvent{Payload: []byte(`no JSON`)}); err == nil || errors.Is(err, ErrNoFunction) {
		t.Errorf("no JSON: %v", err)
	}
}
