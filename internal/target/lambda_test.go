package target_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mrand "math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/delivery/deliverytest"
	"stormbus/internal/function"
	"stormbus/internal/function/code"
	"stormbus/internal/lineage"
	lambdashape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/target"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// functions is Lambda with a function called "f" that notes its events.
type functions struct {
	*lambda.Service
	ctx      context.Context
	ran      chan function.Invocation
	accepted atomic.Int64
}

// runner notes what a function is invoked with.
type runner struct{ ran chan<- function.Invocation }

func (r runner) Invoke(_ context.Context, _ function.Spec, inv function.Invocation) (function.Result, error) {
	inv.Payload = bytes.Clone(inv.Payload)
	r.ran <- inv
	return function.Result{Payload: []byte("null")}, nil
}

func (runner) Retire(arn.ARN) {}

func newFunctions(tb testing.TB) *functions {
	tb.Helper()
	c := clock.NewVirtual(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
	st := storetest.Open(tb, func(o *store.Options) { o.Clock, o.Heads, o.MinFree = c, []string{delivery.Heads}, -1 })
	quiet := slog.New(slog.DiscardHandler)
	f := &functions{ctx: wire.NewContext(context.Background(), wire.Request{Scope: scope}), ran: make(chan function.Invocation, 1000)}
	log := lineage.New(lineage.Config{Store: st})
	engine := delivery.New(delivery.Config{Store: st, Lineage: log, Clock: c, Logger: quiet, Rand: mrand.New(mrand.NewPCG(1, 2))})
	cache, err := code.Open(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	f.Service = lambda.New(lambda.Config{
		Store: st, Engine: engine, Lineage: log, Runner: runner{f.ran}, Code: cache, DeadLetters: target.NewFunctionLetters(nil),
		Clock: c, Random: rand.Reader, Logger: quiet,
	})
	if err := errors.Join(f.Start(f.ctx), engine.Start(f.ctx)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		err := engine.Close(context.Background())
		f.Close()
		// The directories are read-only: only the cache can remove them.
		if err := errors.Join(err, cache.Keep(func(string) bool { return false })); err != nil {
			tb.Error(err)
		}
	})
	f.create(tb)
	return f
}

func (f *functions) create(tb testing.TB) {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create("app.py"); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	name, runtime, handler, role := "f", "python3.12", "app.run", "arn:aws:iam::123456789012:role/r"
	_, err := f.CreateFunction(f.ctx, &lambdashape.CreateFunctionInput{
		FunctionName: &name, Runtime: &runtime, Handler: &handler, Role: &role,
		Code: &lambdashape.FunctionCode{ZipFile: b.Bytes()},
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func functionTarget(tb testing.TB, f target.Functions, name string) delivery.Target {
	tb.Helper()
	t, err := target.Lambda(f)(scope.Function(name, ""), events.TargetParams{})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestLambdaSuite(t *testing.T) {
	t.Parallel()
	deliverytest.Run(t, func(tb testing.TB) deliverytest.Subject {
		f := newFunctions(tb)
		return deliverytest.Subject{
			Target:  functionTarget(tb, f, "f"),
			Missing: functionTarget(tb, f, "missing"),
			Payload: func(n int) []byte { return []byte(`{"n":` + strconv.Itoa(n) + `}`) },
			Arrived: func(tb testing.TB) [][]byte { return f.arrived(tb) },
		}
	})
}

// InvokeAsync counts what is accepted.
func (f *functions) InvokeAsync(ctx context.Context, fn arn.ARN, list []lambda.AsyncEvent) []error {
	errs := f.Service.InvokeAsync(ctx, fn, list)
	for _, err := range errs {
		if err == nil {
			f.accepted.Add(1)
		}
	}
	return errs
}

// arrived waits until everything that was accepted has run.
func (f *functions) arrived(tb testing.TB) (out [][]byte) {
	tb.Helper()
	for range f.accepted.Load() {
		out = append(out, f.awaitRun(tb).Payload)
	}
	return out
}

func (f *functions) awaitRun(tb testing.TB) function.Invocation {
	tb.Helper()
	giveUp := clock.Real().NewTimer(10 * time.Second)
	defer giveUp.Stop()
	select {
	case inv := <-f.ran:
		return inv
	case <-giveUp.C():
		tb.Fatal("no run")
		return function.Invocation{}
	}
}

// Delivered to a function is accepted by its queue; lineage tells the run, which
// carries on the trace, at the delivery of the rule.
func TestLambdaCarriesCauseAndTrace(t *testing.T) {
	t.Parallel()
	f := newFunctions(t)
	trace := telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793", Parent: "53995c3f42cd8ad8", Sampled: "1"}
	to := functionTarget(t, f, "f")
	if err := to.Deliver(f.ctx, []delivery.Delivery{{ID: "0000000000000001", EventID: "event", Payload: []byte("1"), Trace: trace}})[0]; err != nil {
		t.Fatal(err)
	}
	inv := f.awaitRun(t)
	if inv.Trace.Root != trace.Root || inv.Trace.Parent == trace.Parent || inv.InvokedARN != scope.Function("f", "").String() {
		t.Errorf("invocation = %+v", inv)
	}
	if inv.RequestID == "" || inv.RequestID == "event" {
		t.Errorf("request id = %q, want one of its own", inv.RequestID)
	}
}

func TestLambdaRefuses(t *testing.T) {
	t.Parallel()
	f := newFunctions(t)
	if _, err := target.Lambda(f)(scope.Queue("q"), events.TargetParams{}); err == nil {
		t.Error("a queue was taken for a function")
	}
	batch := []delivery.Delivery{
		{Payload: []byte(`{"good":1}`)},
		{Payload: []byte("not JSON")},
		{Payload: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)},
	}
	want := []*delivery.Failure{
		nil,
		{Code: "INVALID_JSON", Permanent: true, Message: "Could not parse request body into json: Could not parse payload into json: invalid character 'o' in literal null (expecting 'u')"},
		{Code: "INVALID_PARAMETER", Permanent: true, Message: "Request must be smaller than 1048576 bytes for the InvokeFunction operation"},
	}
	for i, err := range functionTarget(t, f, "f").Deliver(f.ctx, batch) {
		got, _ := errors.AsType[*delivery.Failure](err)
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("delivery %d (-want +got):\n%s", i, diff)
		}
	}
	if got := f.awaitRun(t); string(got.Payload) != `{"good":1}` {
		t.Errorf("payload = %s", got.Payload)
	}
}

// A dead letter of a function has Lambda's attributes, and arrives once.
func TestFunctionLetters(t *testing.T) {
	t.Parallel()
	q := newQueues(t)
	letters := target.NewFunctionLetters(q)
	l := lambda.Letter{
		Queue: scope.Queue("q"), Event: []byte("{\"a\":\"\uFFFF\"}"), RequestID: "r", ErrorCode: "200", ErrorMessage: "no\x00",
		Trace: telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793"}, Once: "function/1",
	}
	for range 2 {
		if err := letters.SendLetter(q.ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	got := q.receive(t)
	if len(got) != 1 || *got[0].Body != `{"a":"\uffff"}` || got[0].Attributes["AWSTraceHeader"] != "Root=1-5759e988-bd862e3fe1be46a994272793" {
		t.Fatalf("messages = %+v", got)
	}
	attributes := map[string]string{}
	for name, a := range got[0].MessageAttributes {
		attributes[name] = *a.DataType + " " + *a.StringValue
	}
	want := map[string]string{"RequestID": "String r", "ErrorCode": "Number 200", "ErrorMessage": "String no\uFFFD"}
	if diff := cmp.Diff(want, attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	l.Queue = scope.Queue("missing")
	if f, ok := errors.AsType[*delivery.Failure](letters.SendLetter(q.ctx, l)); !ok || !f.Permanent || f.Code != "NO_RESOURCE" {
		t.Errorf("letter to a missing queue = %v", f)
	}
}
