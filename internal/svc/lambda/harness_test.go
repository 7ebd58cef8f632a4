package lambda

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	mathrand "math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/function"
	"stormbus/internal/function/code"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is when virtual clocks begin.
var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

var scope = arn.Scope{Region: "eu-west-1", Account: "123456789012"}

const role = "arn:aws:iam::123456789012:role/runner"

// run is one run of a function that a test sees.
type seen struct {
	spec function.Spec
	inv  function.Invocation
	at   time.Time
}

// stage stands for what runs functions and what takes dead letters.
type stage struct {
	clock clock.Clock
	runs  chan seen
	sent  chan Letter

	// mu guards what follows.
	mu      sync.Mutex
	act     func(function.Spec, function.Invocation) (function.Result, error) // nil: echo
	retired []arn.ARN
	refuse  error // of dead letters
}

func (g *stage) Invoke(_ context.Context, s function.Spec, inv function.Invocation) (function.Result, error) {
	g.mu.Lock()
	act := g.act
	g.mu.Unlock()
	g.runs <- seen{s, inv, g.clock.Now()}
	if act != nil {
		return act(s, inv)
	}
	return function.Result{Payload: inv.Payload, Log: []byte("the log"), Duration: time.Millisecond, InitDuration: time.Second}, nil
}

func (g *stage) Retire(a arn.ARN) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retired = append(g.retired, a)
}

func (g *stage) SendLetter(_ context.Context, l Letter) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse != nil {
		return g.refuse
	}
	l.Event = bytes.Clone(l.Event)
	g.sent <- l
	return nil
}

// answers makes every run end like this.
func (g *stage) answers(act func(function.Spec, function.Invocation) (function.Result, error)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.act = act
}

// raises is a function that fails.
func raises(function.Spec, function.Invocation) (function.Result, error) {
	return function.Result{
		Payload: []byte(`{"errorMessage":"no","errorType":"ValueError"}`), FunctionError: function.Unhandled,
		ErrorType: "ValueError", ErrorMessage: "no", Duration: time.Millisecond,
	}, nil
}

// harness is a service with its queues, on a store in memory and a clock that
// stands still.
type harness struct {
	testing.TB
	*Service
	world   *stage
	clock   *clock.Virtual
	ctx     context.Context
	store   *store.Store
	lineage *lineage.Log
	dir     string
	change  []func(*Config)
	down    func()
}

func newHarness(tb testing.TB, change ...func(*Config)) *harness {
	tb.Helper()
	c := clock.NewVirtual(start)
	st := storetest.Open(tb, func(o *store.Options) { o.Clock, o.Heads, o.MinFree = c, []string{delivery.Heads}, -1 })
	h := &harness{
		TB: tb, clock: c, store: st, dir: filepath.Join(tb.TempDir(), "code"),
		world: &stage{clock: c, runs: make(chan seen, 1000), sent: make(chan Letter, 1000)},
	}
	h.ctx = wire.NewContext(tb.Context(), wire.Request{Scope: scope, ID: "11111111-2222-4333-8444-555555555555"})
	h.change = change
	h.boot()
	tb.Cleanup(func() { h.down() })
	return h
}

// boot starts the service and its queues on the store, as after a restart of the
// process.
func (h *harness) boot() {
	h.Helper()
	if h.down != nil {
		h.down()
	}
	log := slog.New(slog.DiscardHandler)
	cache, err := code.Open(h.dir)
	if err != nil {
		h.Fatal(err)
	}
	h.lineage = lineage.New(lineage.Config{Store: h.store})
	engine := delivery.New(delivery.Config{
		Store: h.store, Lineage: h.lineage, Clock: h.clock, Logger: log, Rand: mathrand.New(mathrand.NewPCG(1, 2)),
	})
	c := Config{
		Store: h.store, Engine: engine, Lineage: h.lineage, Runner: h.world, Code: cache, DeadLetters: h.world,
		Clock: h.clock, Random: rand.Reader, Logger: log,
	}
	for _, f := range h.change {
		f(&c)
	}
	h.Service = New(c)
	if err := h.Start(h.ctx); err != nil {
		h.Fatalf("Start: %v", err)
	}
	if err := engine.Start(h.ctx); err != nil {
		h.Fatalf("start engine: %v", err)
	}
	h.down = func() {
		if err := engine.Close(context.Background()); err != nil {
			h.Errorf("close engine: %v", err)
		}
		h.Service.Close()
	}
	h.Cleanup(func() {
		// The directories are read-only: only the cache can remove them.
		if err := cache.Keep(func(string) bool { return false }); err != nil {
			h.Error(err)
		}
	})
}

// zipped makes a zip file of names and contents.
func zipped(tb testing.TB, files ...string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// bomb makes a zip file of n files with a megabyte of zeros each. They are
// compressed once.
func bomb(tb testing.TB, n int) []byte {
	tb.Helper()
	zeros := make([]byte, 1<<20)
	var packed, b bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = deflate.Write(zeros)
	}
	if err == nil {
		err = deflate.Close()
	}
	w := zip.NewWriter(&b)
	for i := range n {
		f, failed := w.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf("%d.bin", i), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(zeros),
			UncompressedSize64: uint64(len(zeros)), CompressedSize64: uint64(packed.Len()),
		})
		if failed == nil {
			_, failed = f.Write(packed.Bytes())
		}
		err = errors.Join(err, failed)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// input is the input for a function that can be made.
func input(tb testing.TB, name string) *shape.CreateFunctionInput {
	tb.Helper()
	return &shape.CreateFunctionInput{
		FunctionName: &name, Runtime: new(shape.RuntimePython312), Role: new(role), Handler: new("app.run"),
		Code: &shape.FunctionCode{ZipFile: zipped(tb, "app.py", "def run(event, context): return event\n")},
	}
}

// create makes a function.
func (h *harness) create(name string, change ...func(*shape.CreateFunctionInput)) *shape.FunctionConfiguration {
	h.Helper()
	in := input(h, name)
	for _, f := range change {
		f(in)
	}
	out, err := h.CreateFunction(h.ctx, in)
	if err != nil {
		h.Fatalf("CreateFunction(%s): %v", name, err)
	}
	return out
}

func withDeadLetters(in *shape.CreateFunctionInput) {
	in.DeadLetterConfig = &shape.DeadLetterConfig{TargetArn: new(scope.Queue("dead").String())}
}

// accept puts an event into a function's queue.
func (h *harness) enqueue(name, id, payload string) {
	h.Helper()
	err := h.InvokeAsync(h.ctx, scope.Function(name, ""), []AsyncEvent{{RequestID: id, Payload: []byte(payload)}})[0]
	if err != nil {
		h.Fatalf("InvokeAsync(%s): %v", name, err)
	}
}

// patience is how long a test waits for something to happen in host time.
const patience = 10 * time.Second

// await returns the next value of a channel.
func await[T any](h *harness, c <-chan T, what string) T {
	h.Helper()
	t := clock.Real().NewTimer(patience)
	defer t.Stop()
	select {
	case v := <-c:
		return v
	case <-t.C():
		h.Fatalf("no %s", what)
		panic("unreachable")
	}
}

// awaitRun returns the next run, moving the clock to when it is due if it is not
// due yet.
func (h *harness) awaitRun() seen {
	h.Helper()
	give := clock.Real().NewTimer(patience)
	defer give.Stop()
	for {
		select {
		case r := <-h.world.runs:
			return r
		case <-give.C():
			h.Fatal("no run")
		default:
			h.tick()
		}
	}
}

// tick moves the clock to the next timer if nothing happens before: a timer is
// pending only while a settled attempt waits for the next one.
func (h *harness) tick() {
	if err := clock.Sleep(h.ctx, clock.Real(), time.Millisecond); err != nil {
		h.Fatal(err)
	}
	for _, l := range h.engine.Stats().Lanes {
		if l.InFlight > 0 {
			return
		}
	}
	if due, ok := h.clock.Next(); ok && len(h.world.runs) == 0 {
		h.clock.Set(due)
	}
}

// wantCode checks code and text of an error.
func wantCode(tb testing.TB, err error, code, message string) {
	tb.Helper()
	e, ok := errors.AsType[*wire.Error](err)
	if !ok {
		tb.Fatalf("error = %v, want %s", err, code)
	}
	if e.Code != code || e.Message != message && !(strings.HasSuffix(message, "…") && strings.HasPrefix(e.Message, strings.TrimSuffix(message, "…"))) {
		tb.Errorf("error = %s: %s\nwant    %s: %s", e.Code, e.Message, code, message)
	}
}
