package sqs

import (
	"context"
	"crypto/rand"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
	"stormbus/internal/wire"
)

// start is when virtual clocks begin.
var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

var scope = arn.Scope{Region: "eu-west-1", Account: "123456789012"}

// harness is a service on a store in memory and a clock that stands still.
type harness struct {
	*testing.T
	*Service
	clock *clock.Virtual
	disk  *vfs.MemFS
	ctx   context.Context
	store *store.Store

	strict bool // see Config
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{T: t, clock: clock.NewVirtual(start), disk: vfs.NewCrashableMem()}
	h.open()
	h.ctx = wire.NewContext(t.Context(), wire.Request{Scope: scope, BaseURL: "http://localhost:4566"})
	h.boot()
	t.Cleanup(func() { h.Service.Close() })
	return h
}

func (h *harness) open() {
	h.Helper()
	h.store = storetest.Open(h.T, func(o *store.Options) {
		o.Clock, o.FS = h.clock, h.disk
		o.Heads = []string{Heads}
		o.MinFree = -1
	})
}

// crash takes the power away: what was not synced is lost, and everything starts
// again on what is left.
func (h *harness) crash() {
	h.Helper()
	left := h.disk.CrashClone(vfs.CrashCloneCfg{})
	h.Service.Close()
	if err := h.store.Close(); err != nil {
		h.Fatal(err)
	}
	h.disk = left
	h.open()
	h.boot()
}

// boot starts a service on the store, as after a restart of the process.
func (h *harness) boot() {
	h.Helper()
	if h.Service != nil {
		h.Service.Close()
	}
	h.Service = New(Config{Store: h.store, Lineage: lineage.New(lineage.Config{Store: h.store}), Clock: h.clock, Random: rand.Reader, Logger: slog.New(slog.NewTextHandler(testWriter{h.T}, nil)), Strict: h.strict})
	if err := h.Service.Start(h.ctx); err != nil {
		h.Fatalf("Start: %v", err)
	}
}

// testWriter makes what is logged part of the test's output.
type testWriter struct{ *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// createQueue makes a queue; attributes come in pairs of name and value.
func (h *harness) createQueue(name string, attributes ...string) *string {
	h.Helper()
	in := &shape.CreateQueueInput{QueueName: &name, Attributes: pairs(attributes)}
	out, err := h.CreateQueue(h.ctx, in)
	if err != nil {
		h.Fatalf("CreateQueue(%s): %v", name, err)
	}
	return out.QueueUrl
}

func pairs(kv []string) map[string]string {
	if len(kv) == 0 {
		return nil
	}
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

func (h *harness) send(url *string, bodies ...string) {
	h.Helper()
	for _, body := range bodies {
		if _, err := h.SendMessage(h.ctx, &shape.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
			h.Fatalf("SendMessage(%q): %v", body, err)
		}
	}
}

func (h *harness) sendDelayed(url *string, body string, seconds int64) {
	h.Helper()
	in := &shape.SendMessageInput{QueueUrl: url, MessageBody: &body, DelaySeconds: &seconds}
	if _, err := h.SendMessage(h.ctx, in); err != nil {
		h.Fatalf("SendMessage(%q): %v", body, err)
	}
}

// get receives up to ten messages with all attributes.
func (h *harness) get(url *string, change ...func(*shape.ReceiveMessageInput)) []shape.Message {
	h.Helper()
	ten := int64(10)
	in := &shape.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: &ten,
		MessageSystemAttributeNames: []string{"All"}, MessageAttributeNames: []string{"All"},
	}
	for _, f := range change {
		f(in)
	}
	out, err := h.ReceiveMessage(h.ctx, in)
	if err != nil {
		h.Fatalf("ReceiveMessage: %v", err)
	}
	return out.Messages
}

func atMost(n int64) func(*shape.ReceiveMessageInput) {
	return func(in *shape.ReceiveMessageInput) { in.MaxNumberOfMessages = &n }
}

func hiddenFor(seconds int64) func(*shape.ReceiveMessageInput) {
	return func(in *shape.ReceiveMessageInput) { in.VisibilityTimeout = &seconds }
}

func waiting(seconds int64) func(*shape.ReceiveMessageInput) {
	return func(in *shape.ReceiveMessageInput) { in.WaitTimeSeconds = &seconds }
}

func bodies(ms []shape.Message) []string {
	var out []string
	for _, m := range ms {
		out = append(out, *m.Body)
	}
	return out
}

func (h *harness) wantBodies(url *string, want ...string) []shape.Message {
	h.Helper()
	got := h.get(url)
	if diff := cmp.Diff(want, bodies(got)); diff != "" {
		h.Errorf("received bodies (-want +got):\n%s", diff)
	}
	return got
}

func (h *harness) deleteMessage(url *string, m shape.Message) {
	h.Helper()
	in := &shape.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}
	if _, err := h.DeleteMessage(h.ctx, in); err != nil {
		h.Fatalf("DeleteMessage: %v", err)
	}
}

// hide changes the visibility of a message.
func (h *harness) hide(url *string, m shape.Message, seconds int64) error {
	_, err := h.ChangeMessageVisibility(h.ctx, &shape.ChangeMessageVisibilityInput{
		QueueUrl: url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: &seconds,
	})
	return err
}

// numbers are the three counters of a queue: visible, delayed, in flight.
func (h *harness) numbers(url *string) [3]string {
	h.Helper()
	a := h.attributes(url)
	return [3]string{a[attrVisible], a[attrDelayed], a[attrInFlight]}
}

func (h *harness) wantNumbers(url *string, visible, delayed, inFlight string) {
	h.Helper()
	if diff := cmp.Diff([3]string{visible, delayed, inFlight}, h.numbers(url)); diff != "" {
		h.Errorf("visible, delayed, in flight (-want +got):\n%s", diff)
	}
}

func (h *harness) attributes(url *string) map[string]string {
	h.Helper()
	out, err := h.GetQueueAttributes(h.ctx, &shape.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []string{"All"}})
	if err != nil {
		h.Fatalf("GetQueueAttributes: %v", err)
	}
	return out.Attributes
}

// rows counts what a queue has in the store, its stats aside.
func (h *harness) rows(url *string) (n int) {
	for _, rows := range h.tables(url) {
		n += rows
	}
	return n
}

// tables counts the rows of a queue by table, its stats aside.
func (h *harness) tables(url *string) (tables map[string]int) {
	h.Helper()
	k, err := parseURL(*url, scope.Region)
	if err != nil {
		h.Fatal(err)
	}
	l, ok := h.queues.get(k)
	if !ok {
		h.Fatalf("no queue %s", *url)
	}
	q := l.config.Load()
	err = h.store.View(h.ctx, q.Part, func(v store.View) error {
		tables = map[string]int{}
		lo := store.AppendUint32([]byte(queuePrefix), q.ID)
		for k := range v.Scan(lo, store.PrefixEnd(lo)) {
			if table := string(k[len(lo):][:2]); table != rowStats {
				tables[table]++
			}
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return tables
}

// settle lets timers of the store that are due fire: it waits until the queue
// has the wanted number of rows.
func (h *harness) settle(url *string, want int) {
	h.Helper()
	host := clock.Real()
	for deadline := host.Now().Add(10 * time.Second); host.Now().Before(deadline); {
		if h.rows(url) == want {
			return
		}
		h.nudge()
	}
	h.Fatalf("queue has %d rows, want %d: %v", h.rows(url), want, h.tables(url))
}

// nudge gives timers of the store that are due their turn: registering a handler
// makes the store look at them, and an Update waits until it had its turn.
func (h *harness) nudge() {
	h.Helper()
	h.store.OnTimer("test.nudge", func(store.Tx, store.Fired) error { return nil })
	for _, p := range h.store.Parts() {
		if err := h.store.Update(h.ctx, p, func(store.Tx) error { return nil }); err != nil {
			h.Fatal(err)
		}
	}
}

// eventually waits until ok, for things that happen in the background.
func (h *harness) eventually(what string, ok func() bool) {
	h.Helper()
	host := clock.Real()
	for deadline := host.Now().Add(10 * time.Second); host.Now().Before(deadline); runtime.Gosched() {
		if ok() {
			return
		}
	}
	h.Fatalf("waited in vain until %s", what)
}

// busy waits until somebody waits for messages of a queue.
func (h *harness) busy(url *string) {
	h.Helper()
	k, err := parseURL(*url, scope.Region)
	if err != nil {
		h.Fatal(err)
	}
	l, _ := h.queues.get(k)
	h.eventually("a receiver waits", l.line.busy)
}

// wantCode checks the older code and the text of an error.
func wantCode(t testing.TB, err error, code, message string) {
	t.Helper()
	e, ok := err.(*wire.Error)
	if !ok {
		t.Fatalf("error = %v, want %s", err, code)
	}
	got := e.QueryCode
	if got != code || e.Message != message {
		t.Errorf("error = %s: %s\nwant    %s: %s", got, e.Message, code, message)
	}
}
