package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/logs"
)

const (
	chunkHeaders = "map[:content-type:application/octet-stream :event-type:PayloadChunk :message-type:event] "
	endHeaders   = "map[:content-type:application/json :event-type:InvokeComplete :message-type:event] "
	firstHeaders = "map[:content-type:application/json :event-type:initial-response :message-type:event] "
	startHeaders = "map[:content-type:application/json :event-type:sessionStart :message-type:event] "
)

func TestEventsOfREST(t *testing.T) {
	t.Parallel()
	server := NewServer(Config{Services: []Service{{Model: lambda.Model, Operations: []Operation{
		Op("InvokeWithResponseStream", func(_ context.Context, in *lambda.InvokeWithResponseStreamInput) (*lambda.InvokeWithResponseStreamOutput, error) {
			return &lambda.InvokeWithResponseStreamOutput{
				StatusCode: new(int64(200)), ExecutedVersion: new("$LATEST"),
				EventStream: func(yield func(*lambda.InvokeWithResponseStreamResponseEvent, error) bool) {
					for _, part := range []string{"one", string(in.Payload)} {
						update := &lambda.InvokeResponseStreamUpdate{Payload: []byte(part)}
						if !yield(&lambda.InvokeWithResponseStreamResponseEvent{PayloadChunk: update}, nil) {
							return
						}
					}
					end := &lambda.InvokeWithResponseStreamCompleteEvent{ErrorCode: new("Unhandled")}
					yield(&lambda.InvokeWithResponseStreamResponseEvent{InvokeComplete: end}, nil)
				},
			}, nil
		}),
	}}}})
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(http.MethodPost,
		"http://localhost/2021-11-15/functions/f/response-streaming-invocations", strings.NewReader("two")))
	if w.Code != 200 || w.Header().Get("Content-Type") != eventStreamType || w.Header().Get("X-Amz-Executed-Version") != "$LATEST" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	want := chunkHeaders + "one\n" + chunkHeaders + "two\n" + endHeaders + `{"ErrorCode":"Unhandled"}`
	if got := readStream(t, w.Body.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !w.Flushed {
		t.Error("nothing was flushed")
	}
}

// tail is a server whose live tails end with err.
func tail(t *testing.T, err error) *httptest.ResponseRecorder {
	t.Helper()
	server := NewServer(Config{Services: []Service{{Model: logs.Model, Operations: []Operation{
		Op("StartLiveTail", func(_ context.Context, in *logs.StartLiveTailInput) (*logs.StartLiveTailOutput, error) {
			return &logs.StartLiveTailOutput{ResponseStream: func(yield func(*logs.StartLiveTailResponseStream, error) bool) {
				start := &logs.LiveTailSessionStart{LogGroupIdentifiers: in.LogGroupIdentifiers}
				if yield(&logs.StartLiveTailResponseStream{SessionStart: start}, nil) && err != nil {
					yield(nil, err)
				}
			}}, nil
		}),
	}}}})
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"logGroupIdentifiers":["g"]}`))
	r.Header.Set("X-Amz-Target", "Logs_20140328.StartLiveTail")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

func TestEventsOfRPC(t *testing.T) {
	t.Parallel()
	begin := firstHeaders + "{}\n" + startHeaders + `{"logGroupIdentifiers":["g"]}`
	for _, test := range []struct {
		name string
		err  error
		end  string
	}{
		{"ends", nil, ""},
		{
			"exception", Errorf("SessionTimeoutException", "It took too long."),
			"\nmap[:content-type:application/json :exception-type:SessionTimeoutException :message-type:exception] {\"message\":\"It took too long.\"}",
		},
		{
			"other error", Errorf("ResourceNotFoundException", "There is no such group."),
			"\nmap[:error-code:ResourceNotFoundException :error-message:There is no such group. :message-type:error] ",
		},
		{
			"own fault", errors.New("the password is swordfish"),
			"\nmap[:error-code:ServiceUnavailableException :error-message:" + internalMessage + " :message-type:error] ",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := readStream(t, tail(t, test.err).Body.Bytes()); got != begin+test.end {
				t.Errorf("got\n%s\nwant\n%s", got, begin+test.end)
			}
		})
	}
}

// brokenWriter is a connection that ends after a few writes.
type brokenWriter struct {
	httptest.ResponseRecorder
	left int
}

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return w.ResponseRecorder.Write(b)
}

// TestEventsEndWithTheConnection has a stream without an end.
func TestEventsEndWithTheConnection(t *testing.T) {
	t.Parallel()
	server := NewServer(Config{Services: []Service{{Model: logs.Model, Operations: []Operation{
		Op("StartLiveTail", func(context.Context, *logs.StartLiveTailInput) (*logs.StartLiveTailOutput, error) {
			return &logs.StartLiveTailOutput{ResponseStream: func(yield func(*logs.StartLiveTailResponseStream, error) bool) {
				for yield(&logs.StartLiveTailResponseStream{SessionUpdate: &logs.LiveTailSessionUpdate{}}, nil) {
				}
			}}, nil
		}),
	}}}})
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"logGroupIdentifiers":["g"]}`))
	r.Header.Set("X-Amz-Target", "Logs_20140328.StartLiveTail")
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("panic %v, want the connection to be aborted", got)
		}
	}()
	server.ServeHTTP(&brokenWriter{ResponseRecorder: *httptest.NewRecorder(), left: 3}, r)
}
