package events

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/event"
	"stormbus/internal/pattern"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

func TestPutEventsRefusesEntries(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "all", `{"account":["123456789012"]}`)
	h.putTargets("", "all", "a")
	deep := strings.Repeat(`{"a":`, pattern.MaxDepth) + "1" + strings.Repeat("}", pattern.MaxDepth)
	for _, tc := range []struct {
		name          string
		change        func(*shape.PutEventsRequestEntry)
		code, message string
	}{
		{"good", func(*shape.PutEventsRequestEntry) {}, "", ""},
		{
			"no source", func(e *shape.PutEventsRequestEntry) { e.Source = nil },
			"InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.",
		},
		{
			"empty source", func(e *shape.PutEventsRequestEntry) { e.Source = new("") },
			"InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.",
		},
		{
			"no detail type", func(e *shape.PutEventsRequestEntry) { e.DetailType = nil },
			"InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
		},
		{
			"no detail", func(e *shape.PutEventsRequestEntry) { e.Detail = nil },
			"InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument.",
		},
		{"text", detail("this is text"), "MalformedDetail", "Detail is malformed."},
		{"array", detail(`["a"]`), "MalformedDetail", "Detail is malformed."},
		{"string with JSON in it", detail(`"{\"a\": 1}"`), "MalformedDetail", "Detail is malformed."},
		{"number", detail("1"), "MalformedDetail", "Detail is malformed."},
		{"null", detail("null"), "MalformedDetail", "Detail is malformed."},
		{"broken", detail(`{"a":`), "MalformedDetail", "Detail is malformed."},
		{"two", detail(`{} {}`), "MalformedDetail", "Detail is malformed."},
		{"as deep as allowed", detail(deep), "", ""},
		{"too deep", detail(`{"a":` + deep + `}`), "MalformedDetail", "Detail is malformed."},
		{"wide, not deep", detail(`{"a":[` + strings.Repeat(`{"}":"\"]{["},`, 2000) + `0]}`), "", ""},
		{
			"AWS's source", func(e *shape.PutEventsRequestEntry) { e.Source = new("aws.s3") },
			"NotAuthorizedForSourceException", "Not authorized for the source.",
		},
		{"not AWS's source", func(e *shape.PutEventsRequestEntry) { e.Source = new("aws") }, "", ""},
		{
			"time that has no form", func(e *shape.PutEventsRequestEntry) { e.Time = new(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) },
			"InvalidArgument", "Parameter Time is not valid.",
		},
		{"unknown bus", func(e *shape.PutEventsRequestEntry) { e.EventBusName = new("nothing") }, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := entry("", "cinema")
			tc.change(&e)
			// The entries around it must not be touched, and the order is kept.
			out, err := h.PutEvents(h.ctx, &shape.PutEventsInput{Entries: []shape.PutEventsRequestEntry{
				entry("", "first"), e, entry("", "last"),
			}})
			if err != nil {
				t.Fatal(err)
			}
			wantFailed := int64(0)
			if tc.code != "" {
				wantFailed = 1
			}
			if *out.FailedEntryCount != wantFailed {
				t.Errorf("FailedEntryCount = %d, want %d", *out.FailedEntryCount, wantFailed)
			}
			if len(out.Entries) != 3 || out.Entries[0].EventId == nil || out.Entries[2].EventId == nil {
				t.Fatalf("entries = %+v", out.Entries)
			}
			got := out.Entries[1]
			if text(got.ErrorCode) != tc.code || text(got.ErrorMessage) != tc.message || (got.EventId == nil) != (tc.code != "") {
				t.Errorf("entry = %q %q %q, want %q %q", text(got.EventId), text(got.ErrorCode), text(got.ErrorMessage), tc.code, tc.message)
			}
			for i, source := range map[int]string{0: "first", 2: "last"} {
				n, err := h.lineage.Tree(h.ctx, *out.Entries[i].EventId)
				if err != nil || n.Source != source {
					t.Errorf("entry %d is the event of source %q (%v), want %s", i, n.Source, err, source)
				}
			}
		})
	}
}

func detail(s string) func(*shape.PutEventsRequestEntry) {
	return func(e *shape.PutEventsRequestEntry) { e.Detail = &s }
}

func TestPutEventsRefusesRequests(t *testing.T) {
	h := newHarness(t)
	// 14 for the time, 6 for the source, 9 for the detail type.
	sized := func(n int) shape.PutEventsRequestEntry {
		e := entry("", "cinema")
		e.Time = &start
		e.Detail = new(`{"a":"` + strings.Repeat("x", n-14-6-9-8) + `"}`)
		return e
	}
	half := event.MaxRequestSize / 2
	for _, entries := range [][]shape.PutEventsRequestEntry{{sized(2 * half)}, {sized(half), sized(half)}} {
		_, err := h.PutEvents(h.ctx, &shape.PutEventsInput{Entries: entries})
		wantError(t, err, "ValidationException", "Total size of the entries in the request is over the limit.")
	}
	for _, r := range h.put(sized(half), sized(half-1)) {
		if r.EventId == nil {
			t.Errorf("one byte below the limit: %s", *r.ErrorCode)
		}
	}
	_, err := h.PutEvents(h.ctx, &shape.PutEventsInput{
		Entries: []shape.PutEventsRequestEntry{entry("", "cinema")}, EndpointId: new("abc.123"),
	})
	wantError(t, err, "ValidationException", "EndpointId: stormbus does not support this yet.")
}

func TestEventAsDelivered(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	h.putRule("cinema", "held", heldPattern)
	h.putTargets("cinema", "held", "a")
	e := entry(scope.EventBus("cinema").String(), "cinema")
	e.Time = new(time.Date(2026, 11, 23, 12, 0, 0, 900e6, time.FixedZone("", 7200)))
	e.Resources = []string{"arn:aws:s3:::<b>", `"\` + "\n"}
	e.Detail = new(" { \"n\" : 9007199254740993,\n\"t\":\"<&>\u2028 ü\\u0041\" } ")
	id := *h.put(e)[0].EventId
	d := <-h.world.arrived
	want := `{"version":"0","id":"` + id + `","detail-type":"SeatsHeld","source":"cinema","account":"123456789012",` +
		`"time":"2026-11-23T10:00:00Z","region":"eu-west-1","resources":["arn:aws:s3:::<b>","\"\\\n"],` +
		"\"detail\":{\"n\":9007199254740993,\"t\":\"<&>\u2028 ü\\u0041\"}}"
	if string(d.Payload) != want {
		t.Errorf("payload =\n%s, want\n%s", d.Payload, want)
	}
	if d.EventID != id || d.Rule != scope.Rule("cinema", "held").String() || d.TargetARN != scope.Queue("a").String() {
		t.Errorf("delivery = %q %q %q", d.EventID, d.Rule, d.TargetARN)
	}
}

// TestEventsOutliveTheirCall: a delivery that begins after other events were
// published must still carry its own.
func TestEventsOutliveTheirCall(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "held", heldPattern)
	h.putTargets("", "held", "a")
	hold := h.world.hold()
	first := h.putOne("", "cinema")
	for range 10 {
		h.put(entry("", "theatre"), entry("", "theatre"))
	}
	close(hold)
	if ev, err := event.Parse((<-h.world.arrived).Event); err != nil || ev.ID != first || ev.Source != "cinema" {
		t.Errorf("delivered event %s of %s, %v, want %s of cinema", ev.ID, ev.Source, err, first)
	}
}

func TestEventOfAnotherAccountsBus(t *testing.T) {
	h := newHarness(t)
	other := arn.Scope{Region: scope.Region, Account: "999999999999"}
	there := wire.NewContext(h.ctx, wire.Request{Scope: other})
	if _, err := h.PutRule(there, &shape.PutRuleInput{Name: new("all"), EventPattern: new(heldPattern)}); err != nil {
		t.Fatal(err)
	}
	in := &shape.PutTargetsInput{Rule: new("all"), Targets: []shape.Target{{Id: new("a"), Arn: new(other.Queue("a").String())}}}
	if _, err := h.PutTargets(there, in); err != nil {
		t.Fatal(err)
	}
	h.wantTargets(h.putOne("", "cinema"))
	h.wantTargets(h.putOne(other.EventBus("default").String(), "cinema"), "all a")
	if e, err := event.Parse((<-h.world.arrived).Event); err != nil || e.Account != scope.Account {
		t.Errorf("account = %s, %v, want the sender's", e.Account, err)
	}
}

func TestUnknownBusIsTold(t *testing.T) {
	h := newHarness(t)
	for _, name := range []string{"nothing", scope.EventBus("nothing").String()} {
		n, err := h.lineage.Tree(h.ctx, h.putOne(name, "cinema"))
		if err != nil {
			t.Fatal(err)
		}
		if !n.UnknownBus || n.Bus != "nothing" {
			t.Errorf("lineage of an event for %s: bus %q, unknown %v", name, n.Bus, n.UnknownBus)
		}
	}
}

func TestTrace(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "held", heldPattern)
	h.putTargets("", "held", "a")
	call := telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793", Parent: "53995c3f42cd8ad8"}
	h.ctx = wire.NewContext(h.ctx, wire.Request{Scope: scope, Trace: call})
	h.putOne("", "cinema")
	if got := (<-h.world.arrived).Trace; got != call {
		t.Errorf("trace = %v, want that of the call, %v", got, call)
	}
	e := entry("", "cinema")
	e.TraceHeader = new("Root=1-00000000-bd862e3fe1be46a994272793;Sampled=1")
	h.put(e)
	want := telemetry.Trace{Root: "1-00000000-bd862e3fe1be46a994272793", Sampled: "1"}
	if got := (<-h.world.arrived).Trace; got != want {
		t.Errorf("trace = %v, want the entry's own, %v", got, want)
	}
}

func TestTimeOfArrival(t *testing.T) {
	h := newHarness(t)
	h.clock.Advance(1900 * time.Millisecond)
	n, err := h.lineage.Tree(h.ctx, h.putOne("", "cinema"))
	if err != nil {
		t.Fatal(err)
	}
	if want := start.Add(time.Second); !n.Time.Equal(want) {
		t.Errorf("time = %v, want %v", n.Time, want)
	}
}

// failing is a store whose data partitions fail.
type failing struct {
	*store.Store
	err error
}

func (f failing) Update(ctx context.Context, p store.Part, fn func(store.Tx) error) error {
	if p != store.Meta {
		return f.err
	}
	return f.Store.Update(ctx, p, fn)
}

func TestPublishFails(t *testing.T) {
	for _, tc := range []struct {
		err  error
		code string
	}{{store.ErrHalted, "InternalFailure"}, {store.ErrReadOnly, "ThrottlingException"}} {
		h := newHarness(t)
		h.put(entry("", "cinema")) // makes the default bus
		h.Service.bus = bus.New(bus.Config{
			Store: failing{h.store, tc.err}, Engine: h.engine, Lineage: h.lineage, Clock: h.clock, Logger: slog.New(slog.DiscardHandler),
		})
		bad := entry("", "cinema")
		bad.Detail = new("x")
		out, err := h.PutEvents(h.ctx, &shape.PutEventsInput{Entries: []shape.PutEventsRequestEntry{entry("", "cinema"), bad}})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{text(out.Entries[0].ErrorCode), text(out.Entries[1].ErrorCode)}
		if diff := cmp.Diff([]string{tc.code, "MalformedDetail"}, got); diff != "" || *out.FailedEntryCount != 2 {
			t.Errorf("%v: codes (-want +got):\n%s", tc.err, diff)
		}
	}
}

func TestRandomFails(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.Random = strings.NewReader("short") })
	_, err := h.PutEvents(h.ctx, &shape.PutEventsInput{Entries: []shape.PutEventsRequestEntry{entry("", "cinema")}})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error = %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

// FuzzPutEvents checks that any entry is either refused in its place or
// published with the envelope that package event would make.
func FuzzPutEvents(f *testing.F) {
	f.Add("cinema", "SeatsHeld", `{"seats":["A1"]}`, "arn:aws:s3:::b")
	f.Add("<&>\"\\\n\u2028\xff", "\x7f\x00", " {\"a\": 1e400, \"\xff\":\"\\ud800\"}", "")
	f.Add("x", "y", `{"a":{"a":{"a":[[[[]]]]}}}`, "z")
	f.Add("x", "y", `{"a":01}`, "z")
	h := newHarness(f)
	h.putRule("", "all", `{"account":["123456789012"],"detail":{"a":[{"anything-but":["x"]}]}}`)
	f.Fuzz(func(t *testing.T, source, detailType, detail, resource string) {
		e := shape.PutEventsRequestEntry{Source: &source, DetailType: &detailType, Detail: &detail, Resources: []string{resource}}
		out, err := h.PutEvents(h.ctx, &shape.PutEventsInput{Entries: []shape.PutEventsRequestEntry{e}})
		if err != nil {
			var known *wire.Error
			if !errors.As(err, &known) {
				t.Fatal(err)
			}
			return
		}
		if code := text(out.Entries[0].ErrorCode); code == codeInternalFailure {
			t.Fatalf("%+v: %s", e, code)
		}
	})
}

func BenchmarkPutEvents(b *testing.B) {
	for _, entries := range []int{1, 10} {
		b.Run(map[int]string{1: "1", 10: "10"}[entries], func(b *testing.B) {
			h := newHarness(b)
			in := &shape.PutEventsInput{}
			for range entries {
				in.Entries = append(in.Entries, entry("", "cinema"))
			}
			h.put(in.Entries...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.PutEvents(h.ctx, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
