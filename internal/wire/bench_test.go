package wire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stormbus/internal/shape/events"
	"stormbus/internal/wire"
)

// putEvents is a PutEvents that accepts everything.
func putEvents(_ context.Context, in *events.PutEventsInput) (*events.PutEventsOutput, error) {
	out := &events.PutEventsOutput{
		FailedEntryCount: new(int64(0)),
		Entries:          make([]events.PutEventsResultEntry, len(in.Entries)),
	}
	for i := range out.Entries {
		out.Entries[i].EventId = new("8e3c0b7a-6f0e-4d5e-9d53-0d6f4a9a3c11")
	}
	return out, nil
}

// putEventsBody is a request with n entries, the details of size bytes.
func putEventsBody(tb testing.TB, n, size int) []byte {
	tb.Helper()
	detail, err := json.Marshal(map[string]string{"padding": strings.Repeat("x", size)})
	if err != nil {
		tb.Fatal(err)
	}
	in := map[string]any{}
	for range n {
		list, _ := in["Entries"].([]map[string]string)
		in["Entries"] = append(list, map[string]string{
			"Source": "cinema.bookings", "DetailType": "SeatsHeld", "Detail": string(detail), "EventBusName": "default",
		})
	}
	body, err := json.Marshal(in)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// sink is a ResponseWriter that keeps nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// putEventsCall returns a function that puts 10 events of 1 KB.
func putEventsCall(tb testing.TB) (call func(), size int) {
	tb.Helper()
	h := wire.NewServer(wire.Config{Services: []wire.Service{{
		Model: events.Model, Operations: []wire.Operation{wire.Op("PutEvents", putEvents)},
	}}})
	body := putEventsBody(tb, 10, 1000)
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", nil)
	r.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/events/aws4_request, "+
		"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00")
	r.ContentLength = int64(len(body))
	reader := bytes.NewReader(body)
	r.Body = io.NopCloser(reader)
	w := &sink{header: http.Header{}}
	return func() {
		reader.Reset(body)
		clear(w.header)
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			tb.Fatalf("status %d", w.status)
		}
	}, len(body)
}

func BenchmarkPutEvents(b *testing.B) {
	call, size := putEventsCall(b)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		call()
	}
}

// TestPutEventsAllocations holds the number that one request may allocate; ten
// of them are the handler's own.
func TestPutEventsAllocations(t *testing.T) {
	call, _ := putEventsCall(t)
	const limit = 120
	if got := testing.AllocsPerRun(100, call); got > limit {
		t.Errorf("PutEvents of 10 entries allocates %.0f times, want at most %d", got, limit)
	}
}
