package runtimeapi_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/function/runtimeapi"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", runtimeapi.MaxResponse)
	const cause = `{"exceptions":[]}`
	tests := []struct {
		name, what, body string
		header           []string
		status           int
		want             runtimeapi.Outcome
	}{
		{
			name: "result", what: "response", body: `{"ok":true}`, header: []string{"Content-Type", "application/json"}, status: 202,
			want: runtimeapi.Outcome{Payload: []byte(`{"ok":true}`), ContentType: "application/json"},
		},
		{
			name: "largest result", what: "response", body: big, status: 202,
			want: runtimeapi.Outcome{Payload: []byte(big)},
		},
		{
			name: "result too large", what: "response", body: big + "x", status: 413,
			want: runtimeapi.Outcome{
				ContentType: "application/json", ErrorType: runtimeapi.TooLarge,
				Payload: []byte(`{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`),
			},
		},
		{
			name: "unknown mode", what: "response", body: `1`, header: []string{"Lambda-Runtime-Function-Response-Mode", "buffered"}, status: 400,
			want: runtimeapi.Outcome{
				ContentType: "application/json", ErrorType: "Runtime.InvalidResponseModeHeader",
				Payload: []byte(`{"errorMessage":"Invalid response mode","errorType":"Runtime.InvalidResponseModeHeader"}`),
			},
		},
		{
			name: "error", what: "error", body: `{"errorType":"E"}`, status: 202,
			header: []string{"Lambda-Runtime-Function-Error-Type", "Runtime.MarshalError", "Lambda-Runtime-Function-XRay-Error-Cause", cause},
			want: runtimeapi.Outcome{
				Payload: []byte(`{"errorType":"E"}`), ContentType: "application/json", ErrorType: "Runtime.MarshalError", Cause: cause,
			},
		},
		{
			name: "error type of the function's own", what: "error", body: `{}`, status: 202,
			header: []string{"Lambda-Runtime-Function-Error-Type", "ValueError"},
			want:   runtimeapi.Outcome{Payload: []byte(`{}`), ContentType: "application/json", ErrorType: "Runtime.Unknown"},
		},
		{
			name: "odd function error", what: "error", body: `{}`, status: 202,
			header: []string{"Lambda-Runtime-Function-Error-Type", "Function.odd1"},
			want:   runtimeapi.Outcome{Payload: []byte(`{}`), ContentType: "application/json", ErrorType: "Function.Unknown"},
		},
		{
			name: "cause is not JSON", what: "error", body: `{}`, status: 202,
			header: []string{"Lambda-Runtime-Function-XRay-Error-Cause", "{"},
			want:   runtimeapi.Outcome{Payload: []byte(`{}`), ContentType: "application/json", ErrorType: "Runtime.Unknown"},
		},
		{
			name: "cause too large", what: "error", body: `{}`, status: 202,
			header: []string{"Lambda-Runtime-Function-XRay-Error-Cause", `"` + strings.Repeat("c", 1<<20) + `"`},
			want:   runtimeapi.Outcome{Payload: []byte(`{}`), ContentType: "application/json", ErrorType: "Runtime.Unknown"},
		},
		{
			name: "cause in the body", what: "error", status: 202,
			body:   `{"errorMessage":"m","errorType":"T","stackTrace":["a"],"errorCause":{"paths":[]}}`,
			header: []string{"Content-Type", "application/vnd.aws.lambda.error.cause+json"},
			want: runtimeapi.Outcome{
				Payload: []byte(`{"errorMessage":"m","errorType":"T","stackTrace":["a"]}`), ContentType: "application/json",
				ErrorType: "Runtime.Unknown", Cause: `{"paths":[]}`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := listen(t, runtimeapi.Config{})
			c := r.send("one")
			<-r.next()
			got := r.must("POST", prefix+"/invocation/one/"+tt.what, tt.body, tt.header...)
			if got.Status != tt.status {
				t.Errorf("status = %d %s, want %d", got.Status, got.Body, tt.status)
			}
			out := <-c.Done()
			if !bytes.Equal(out.Payload, tt.want.Payload) {
				t.Errorf("payload = %d bytes, %.200s; want %d bytes", len(out.Payload), out.Payload, len(tt.want.Payload))
			}
			out.Payload, tt.want.Payload = nil, nil // a diff of megabytes takes seconds
			if diff := cmp.Diff(tt.want, out); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			// Whatever happened, the runtime may go on.
			r.send("two")
			if again := <-r.next(); again.header.Get("Lambda-Runtime-Aws-Request-Id") != "two" {
				t.Errorf("next invocation = %+v", again)
			}
		})
	}
}

func TestStreamedResponse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, trailer string
		want          runtimeapi.Outcome
	}{
		{name: "whole", want: runtimeapi.Outcome{Payload: []byte("hello world"), ContentType: "text/plain"}},
		{
			name:    "broken",
			trailer: "Lambda-Runtime-Function-Error-Type: Function.Broke\r\nLambda-Runtime-Function-Error-Body: eyJlIjoxfQ==\r\n",
			want:    runtimeapi.Outcome{Payload: []byte(`{"e":1}`), ContentType: "application/json", ErrorType: "Function.Broke"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := listen(t, runtimeapi.Config{})
			c := r.send("one")
			<-r.next()
			conn := r.raw("POST " + prefix + "/invocation/one/response HTTP/1.1\r\nHost: " + r.Addr() + "\r\n" +
				"Content-Type: text/plain\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n" +
				"Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n" +
				"6\r\nhello \r\n5\r\nworld\r\n0\r\n" + tt.trailer + "\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusAccepted {
				t.Errorf("status = %d", resp.StatusCode)
			}
			if diff := cmp.Diff(tt.want, <-c.Done()); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTruncatedBodyMayBeSentAgain(t *testing.T) {
	t.Parallel()
	r := listen(t, runtimeapi.Config{})
	c := r.send("one")
	<-r.next()
	conn := r.raw("POST " + prefix + "/invocation/one/response HTTP/1.1\r\nHost: " + r.Addr() + "\r\nContent-Length: 10\r\n\r\nshort")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 400 || !bytes.Contains(b, []byte(`"errorType":"TruncatedHTTPRequest"`)) {
		t.Errorf("answer = %d %s", resp.StatusCode, b)
	}
	if got := r.must("POST", prefix+"/invocation/one/response", "whole"); got.Status != 202 {
		t.Errorf("second attempt = %d %s", got.Status, got.Body)
	}
	if out := <-c.Done(); string(out.Payload) != "whole" {
		t.Errorf("payload = %q", out.Payload)
	}
}
