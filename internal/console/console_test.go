package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"stormbus/internal/bus"
	"stormbus/internal/console"
	"stormbus/internal/lineage"
	"stormbus/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trees is a lineage of one event that another one caused.
type trees struct{}

var errBroken = errors.New("the disk is on fire")

func (trees) Tree(_ context.Context, id string) (*lineage.Node, error) {
	switch id {
	case "first", "second":
		return &lineage.Node{EventID: id, Done: true}, nil
	case "held", "lost", "old", "unreadable":
		return published(id), nil
	case "message":
		return &lineage.Node{MessageID: id, Published: time.Unix(1, 0)}, nil
	case "broken":
		return nil, errBroken
	}
	return nil, lineage.ErrUnknown
}

func (trees) Root(_ context.Context, id string) (string, error) {
	switch id {
	case "second":
		return "first", nil
	case "broken":
		return "", errBroken
	}
	return "", lineage.ErrUnknown
}

// log is what passes on the buses.
type log struct {
	events chan bus.Stored // closed: the tail fails
	fail   error           // of Now
}

func (l *log) Now(context.Context) (bus.Cursor, error) { return bus.Cursor{}, l.fail }

func (l *log) Tail(ctx context.Context, _ bus.Cursor) iter.Seq2[bus.Stored, error] {
	return func(yield func(bus.Stored, error) bool) {
		for {
			select {
			case e, ok := <-l.events:
				if !ok {
					yield(bus.Stored{}, errBroken)
					return
				}
				if !yield(e, nil) {
					return
				}
			case <-ctx.Done():
				yield(bus.Stored{}, ctx.Err())
				return
			}
		}
	}
}

// page is a console that a test looks at.
type page struct {
	*httptest.Server
	tb     testing.TB
	health console.Health
	log    *log
	stop   context.CancelFunc
	said   *strings.Builder // its log
}

func open(tb testing.TB) *page {
	tb.Helper()
	done, stop := context.WithCancel(context.Background())
	p := &page{tb: tb, log: &log{events: make(chan bus.Stored)}, stop: stop, said: &strings.Builder{}}
	p.health = console.Health{Ready: true, Status: "ok", Version: "1.2.3", Services: map[string]string{"sqs": "running"}}
	p.Server = httptest.NewServer(console.New(console.Config{
		Lineage: trees{}, Events: p.log, Health: func() console.Health { return p.health },
		Logger: slog.New(slog.NewTextHandler(p.said, nil)), Done: done.Done(),
	}))
	tb.Cleanup(func() {
		stop()
		p.Close()
	})
	return p
}

func (p *page) get(path string) *http.Response {
	p.tb.Helper()
	req, err := http.NewRequestWithContext(p.tb.Context(), http.MethodGet, p.URL+path, nil)
	if err != nil {
		p.tb.Fatal(err)
	}
	resp, err := p.Client().Do(req)
	if err != nil {
		p.tb.Fatal(err)
	}
	p.tb.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestPages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path string
		ready      bool
		status     int
		want       map[string]any // part of the answer
	}{
		{"ready", "health", true, 200, map[string]any{"status": "ok", "version": "1.2.3", "services": map[string]any{"sqs": "running"}}},
		{"not ready", "health", false, 503, map[string]any{"version": "1.2.3"}},
		{"tree", "api/trace/second", true, 200, map[string]any{"event_id": "second", "done": true}},
		{"whole tree", "api/trace/second?root=1", true, 200, map[string]any{"event_id": "first"}},
		{"short id", "api/trace/769e0979", true, 404, map[string]any{"error": "no event 769e0979 is known here: want the whole id, of which a tree shows the first 8 characters; `stormbus trace ID --output json` shows all whole"}},
		{"unknown event", "api/trace/nope", true, 404, map[string]any{"error": "no event nope is known here: it was never published to this server, or its record has been trimmed; of messages those are known that have a trace"}},
		{"unknown event of a whole tree", "api/trace/nope?root=1", true, 404, nil},
		{"event with a strange name", "api/trace/a%2Fb", true, 404, map[string]any{"error": "no event a/b is known here: it was never published to this server, or its record has been trimmed; of messages those are known that have a trace"}},
		{"tree that cannot be read", "api/trace/broken", true, 500, map[string]any{"error": "the causation tree could not be read; the server's log says why"}},
		{"whole tree that cannot be read", "api/trace/broken?root=1", true, 500, nil},
		{"nothing", "nothing/here", true, 404, map[string]any{"error": "there is nothing at /_stormbus/nothing/here"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := open(t)
			p.health.Ready = tt.ready
			resp := p.get(console.Prefix + tt.path)
			var got map[string]any
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != tt.status {
				t.Fatalf("HTTP %d %v: %v; want %d", resp.StatusCode, got, err, tt.status)
			}
			for k, want := range tt.want {
				if diff := cmp.Diff(want, got[k]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", k, diff)
				}
			}
			if said := p.said.String(); strings.Contains(said, errBroken.Error()) != (tt.status == 500) {
				t.Errorf("the log says %q", said)
			}
			if h := resp.Header; h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("headers = %v", h)
			}
		})
	}
}

// stored is an event on a bus, whose source is its name.
func stored(on, id string) bus.Stored {
	return bus.Stored{
		BusName: on, Envelope: []byte(`{"id":"` + id + `"}`), Accepted: time.Unix(1, 0).UTC(), Matched: 2,
		Trace: telemetry.ParseTrace("Root=1-5f84c7a1-aaaaaaaaaaaaaaaaaaaaaaaa"),
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	p := open(t)
	resp := p.get(console.Prefix + "api/events?bus=b")
	if got := resp.Header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("Content-Type = %q", got)
	}
	lines := bufio.NewScanner(resp.Body)
	p.log.events <- stored("a", "1")
	p.log.events <- stored("b", "2")
	if !lines.Scan() { // before the stream ends
		t.Fatalf("no event: %v", lines.Err())
	}
	want := `{"bus":"b","matched":2,"accepted":"1970-01-01T00:00:01Z","trace":"Root=1-5f84c7a1-aaaaaaaaaaaaaaaaaaaaaaaa","event":{"id":"2"}}`
	if got := lines.Text(); got != want {
		t.Errorf("event = %s, want %s", got, want)
	}
	p.stop() // the server stops
	if lines.Scan() || lines.Err() != nil {
		t.Errorf("after the end of the server: %q, %v", lines.Text(), lines.Err())
	}
	if said := p.said.String(); said != "" {
		t.Errorf("the log says %q", said)
	}
}

// TestEventsCallerLeaves must end the stream, or Close waits for ever.
func TestEventsCallerLeaves(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.get(console.Prefix + "api/events").Body.Close()
	p.Close()
	if said := p.said.String(); said != "" {
		t.Errorf("the log says %q", said)
	}
}

func TestEventsFail(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.log.fail = errBroken
	if resp := p.get(console.Prefix + "api/events"); resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("HTTP %d, want 500", resp.StatusCode)
	}
	p.log.fail = nil
	close(p.log.events)
	lines := bufio.NewScanner(p.get(console.Prefix + "api/events").Body)
	if lines.Scan() {
		t.Errorf("event %s", lines.Text())
	}
	p.Close()
	if n := strings.Count(p.said.String(), errBroken.Error()); n != 2 {
		t.Errorf("the log says %q", p.said)
	}
}
