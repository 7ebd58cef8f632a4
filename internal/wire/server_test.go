package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/shape"
	"stormbus/internal/shape/events"
	"stormbus/internal/shape/kms"
	"stormbus/internal/shape/sqs"
	"stormbus/internal/shape/sts"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	const scope = "/20261123/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=00"
	tests := []struct {
		name    string
		headers map[string]string
		want    wire.Request
	}{
		{
			name: "unsigned",
			want: wire.Request{Scope: arn.Scope{Account: "000000000000", Region: "us-east-1"}, BaseURL: "http://localhost:4566"},
		},
		{
			name:    "any key",
			headers: map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=test" + scope},
			want: wire.Request{
				Scope: arn.Scope{Account: "000000000000", Region: "eu-west-1"}, AccessKeyID: "test", BaseURL: "http://localhost:4566",
			},
		},
		{
			name:    "a key that is an account",
			headers: map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=123456789012" + scope},
			want: wire.Request{
				Scope: arn.Scope{Account: "123456789012", Region: "eu-west-1"}, AccessKeyID: "123456789012", BaseURL: "http://localhost:4566",
			},
		},
		{
			name:    "a key that is known",
			headers: map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=known" + scope},
			want: wire.Request{
				Scope: arn.Scope{Account: "999999999999", Region: "eu-west-1"}, AccessKeyID: "known", BaseURL: "http://localhost:4566",
			},
		},
		{
			name: "behind proxies, in a trace",
			headers: map[string]string{
				"X-Forwarded-Host": "bus.example, inner", "X-Forwarded-Proto": "https",
				"X-Amzn-Trace-Id": "Root%3D1-5759e988-bd862e3fe1be46a994272793%3BParent%3D53995c3f42cd8ad8%3BSampled%3D1",
			},
			want: wire.Request{
				Scope:   arn.Scope{Account: "000000000000", Region: "us-east-1"},
				BaseURL: "https://bus.example",
				Trace:   telemetry.Trace{Root: "1-5759e988-bd862e3fe1be46a994272793", Parent: "53995c3f42cd8ad8", Sampled: "1"},
			},
		},
		{
			name:    "a forwarded host that is none",
			headers: map[string]string{"X-Forwarded-Host": "a/b@c", "X-Forwarded-Proto": "gopher"},
			want:    wire.Request{Scope: arn.Scope{Account: "000000000000", Region: "us-east-1"}, BaseURL: "http://localhost:4566"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got wire.Request
			h := wire.NewServer(wire.Config{
				Services: []wire.Service{{Model: sqs.Model, Operations: []wire.Operation{
					wire.Op("ListQueues", func(ctx context.Context, _ *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) {
						got = wire.From(ctx)
						return nil, nil
					}),
				}}},
				AccountOf: func(key string) (string, bool) { return "999999999999", key == "known" },
			})
			r := target("AmazonSQS.ListQueues", "")
			r.Host = "localhost:4566"
			for name, value := range test.headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if len(got.ID) != 36 || w.Header().Get("X-Amzn-Requestid") != got.ID {
				t.Errorf("request id %q, answered %q", got.ID, w.Header().Get("X-Amzn-Requestid"))
			}
			test.want.ID, test.want.Service, test.want.Operation = got.ID, "sqs", "ListQueues"
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestFromEmptyContext(t *testing.T) {
	t.Parallel()
	if got := wire.From(context.Background()); got != (wire.Request{}) {
		t.Errorf("From = %+v", got)
	}
	want := wire.Request{ID: "1"}
	if got := wire.From(wire.NewContext(context.Background(), want)); got != want {
		t.Errorf("From = %+v, want %+v", got, want)
	}
}

func TestRequestIDsComeFromRandom(t *testing.T) {
	t.Parallel()
	ids := func() []string {
		h := newServer(io.Discard, func(c *wire.Config) { c.Random = newStream("seed") })
		var ids []string
		for range 100 {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, target("AWSEvents.DeleteRule", `{"Name":"r"}`))
			ids = append(ids, w.Header().Get("X-Amzn-Requestid"))
		}
		return ids
	}
	a, b := ids(), ids()
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("ids of equal sources differ: %s", diff)
	}
	seen := map[string]bool{}
	for _, id := range a {
		if seen[id] || id[14] != '4' {
			t.Errorf("id %s", id)
		}
		seen[id] = true
	}
}

// newStream returns an endless, repeatable stream of bytes.
func newStream(seed string) io.Reader {
	state := sha256.Sum256([]byte(seed))
	return readFunc(func(b []byte) (int, error) {
		state = sha256.Sum256(state[:])
		return copy(b, state[:]), nil
	})
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	h := newServer(io.Discard, func(c *wire.Config) { c.MaxBody = 1000 })
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	answers := bufio.NewReader(conn)
	// One connection carries all of it: an error does not end it.
	for i, test := range []struct {
		body    string
		chunked bool
		status  int
	}{
		{body: `{"Name":"r"}`, status: 200},
		{body: strings.Repeat("x", 2_000_000), status: 413},
		{body: strings.Repeat("x", 1001), chunked: true, status: 413},
		{body: `{"Name":"` + strings.Repeat("x", 990) + `"}`, status: 413},
		{body: `{"Name":"` + strings.Repeat("x", 979) + `"}          `, status: 400},
		{body: `{"Name":"r"}`, chunked: true, status: 200},
	} {
		r, err := http.NewRequest(http.MethodPost, server.URL, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		if test.chunked {
			r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
		}
		r.Header.Set("X-Amz-Target", "AWSEvents.DeleteRule")
		if err := r.Write(conn); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		resp, err := http.ReadResponse(answers, r)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if resp.StatusCode != test.status || resp.Close {
			t.Errorf("request %d: status %d, close %t, want %d: %s", i, resp.StatusCode, resp.Close, test.status, body)
		}
		const sentence = "Request must be smaller than 1000 bytes for the DeleteRule operation"
		if test.status == 413 && !bytes.Contains(body, []byte(sentence)) {
			t.Errorf("request %d: %s", i, body)
		}
	}
}

func TestBodyIsNotReadForAnUnknownOperation(t *testing.T) {
	t.Parallel()
	r := target("AWSEvents.Frobnicate", "")
	r.Body = io.NopCloser(readFunc(func([]byte) (int, error) {
		t.Error("the body was read")
		return 0, io.EOF
	}))
	if status, _, _ := send(newServer(io.Discard), r); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
}

func TestBrokenBody(t *testing.T) {
	t.Parallel()
	r := target("AWSEvents.DeleteRule", "")
	r.Body = io.NopCloser(readFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }))
	r.ContentLength = 10
	if status, code, _ := send(newServer(io.Discard), r); status != http.StatusBadRequest || code != "IncompleteBody" {
		t.Errorf("got %d %s", status, code)
	}
}

func TestNewServerRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	type wrong struct{ Name *int64 }
	tests := []struct {
		name  string
		model *shape.Service
		ops   []wire.Operation
		want  string
	}{
		{"unknown", events.Model, []wire.Operation{wire.Op("Nothing", identity)}, "operation Nothing is not in the model"},
		{"not generated", kms.Model, []wire.Operation{wire.Op("CreateKey", identity)}, "operation CreateKey has no generated types"},
		{"twice", events.Model, []wire.Operation{wire.Op("PutEvents", putEvents), wire.Op("PutEvents", putEvents)}, "operation PutEvents is given twice"},
		{
			"other type", events.Model,
			[]wire.Operation{wire.Op("DeleteRule", func(context.Context, *wrong) (*struct{}, error) { return nil, nil })},
			"input of DeleteRule",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, test.want) {
					t.Errorf("panic %q, want %q in it", got, test.want)
				}
			}()
			wire.NewServer(wire.Config{Services: []wire.Service{{Model: test.model, Operations: test.ops}}})
		})
	}
}

func TestSupport(t *testing.T) {
	t.Parallel()
	got := wire.Support(sts.Model, []wire.Operation{wire.Op("GetCallerIdentity", identity)})
	if len(got) != len(sts.Model.Operations) {
		t.Fatalf("%d rows, want %d", len(got), len(sts.Model.Operations))
	}
	for _, row := range got {
		if row.Supported != (row.Operation == "GetCallerIdentity") {
			t.Errorf("%+v", row)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	h := newServer(io.Discard)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:4566": 200, "LOCALHOST.": 200, "api.localhost:1": 200, "127.0.0.1:4566": 200,
		"127.9.9.9": 200, "[::1]:4566": 200, "::1": 200, "[::ffff:127.0.0.1]:1": 200, "stormbus.internal": 200, "Stormbus.Internal:9": 200,
		"10.0.0.1": 200, "192.168.1.5:4566": 200, "[::2]": 200,
		"": 403, "notlocalhost": 403, "localhost.evil.example": 403, "0.0.0.0": 403,
		"127.0.0.1.evil.example": 403, "[::]": 403, "stormbus.internal.evil.example": 403,
	} {
		r := target("AWSEvents.DeleteRule", `{"Name":"r"}`)
		r.Host = host
		if got, _, message := send(h, r); got != want {
			t.Errorf("host %q: status %d, want %d: %s", host, got, want, message)
		}
	}
}
