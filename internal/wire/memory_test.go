package wire_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

// held is a server whose operations tell how many bytes are in use while they
// run.
func held(tb testing.TB, inUse func()) *wire.Server {
	tb.Helper()
	return wire.NewServer(wire.Config{Services: []wire.Service{
		{Model: sqs.Model, Operations: []wire.Operation{
			wire.Op("SendMessage", func(_ context.Context, in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
				inUse()
				return &sqs.SendMessageOutput{MessageId: new((*in.MessageBody)[:1])}, nil
			}),
		}},
		{Model: lambda.Model, Operations: []wire.Operation{
			wire.Op("Invoke", func(_ context.Context, in *lambda.InvokeInput) (*lambda.InvokeOutput, error) {
				inUse()
				return &lambda.InvokeOutput{Payload: in.Payload[:1]}, nil
			}),
		}},
	}})
}

// largeBodies are requests of nearly 8 MiB, the most that SQS and Lambda take.
func largeBodies() map[string]func() *http.Request {
	const size = 8<<20 - 1000
	plain, escaped := strings.Repeat("x", size), strings.Repeat(`\"x`, size/3)
	form := "Action=SendMessage&QueueUrl=q&MessageBody="
	request := func(target, contentType, body string) func() *http.Request {
		return func() *http.Request {
			path := "/"
			if target == "" && contentType == "" {
				path = "/2015-03-31/functions/f/invocations"
			}
			r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, bytes.NewReader([]byte(body)))
			r.Header.Set("X-Amz-Target", target)
			r.Header.Set("Content-Type", contentType)
			return r
		}
	}
	return map[string]func() *http.Request{
		"JSON":             request("AmazonSQS.SendMessage", "", `{"QueueUrl":"q","MessageBody":"`+plain+`"}`),
		"JSON with quotes": request("AmazonSQS.SendMessage", "", `{"QueueUrl":"q","MessageBody":"`+escaped+`"}`),
		"form":             request("", formType, form+plain),
		"form with quotes": request("", formType, form+url.QueryEscape(strings.Repeat(`"xx`, size/5))),
		"payload":          request("", "", `"`+plain+`"`),
	}
}

const formType = "application/x-www-form-urlencoded"

// TestLargeBodyIsHeldTwice looks at the heap while the operation runs: there is
// the body, and what was decoded of it. It must not run in parallel.
func TestLargeBodyIsHeldTwice(t *testing.T) {
	for name, request := range largeBodies() {
		var before, during runtime.MemStats
		r := request()
		h := held(t, func() {
			runtime.GC()
			runtime.ReadMemStats(&during)
		})
		runtime.GC()
		runtime.ReadMemStats(&before)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: status %d: %.200s", name, w.Code, w.Body)
		}
		const copies, slack = 2, 1 << 20
		if got, most := int64(during.HeapAlloc)-int64(before.HeapAlloc), copies*r.ContentLength+slack; got > most {
			t.Errorf("%s: %d bytes are held for a body of %d, want at most %d", name, got, r.ContentLength, most)
		}
	}
}

func BenchmarkLargeBody(b *testing.B) {
	for name, request := range largeBodies() {
		b.Run(name, func(b *testing.B) {
			h := held(b, func() {})
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				r := request()
				b.StartTimer()
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
