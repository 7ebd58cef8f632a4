package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"

	"stormbus/internal/shape/events"
	"stormbus/internal/wire"
)

// BenchmarkRoundTrip sends an operation that does nothing over 64 connections
// to a server in the same process, and reads the answers. The client does as
// little as it can, since it shares the processors with the server. A handler
// that only reads the body and writes {} says what net/http itself takes.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("nothing but HTTP", func(b *testing.B) {
		roundTrip(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "{}")
		}))
	})
	b.Run("operation", func(b *testing.B) {
		roundTrip(b, wire.NewServer(wire.Config{Services: []wire.Service{{
			Model: events.Model, Operations: []wire.Operation{
				wire.Op("DeleteRule", func(context.Context, *events.DeleteRuleInput) (*events.DeleteRuleOutput, error) { return nil, nil }),
			},
		}}}))
	})
}

func roundTrip(b *testing.B, h http.Handler) {
	b.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	const body = `{"Name":"r"}`
	request := []byte("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSEvents.DeleteRule\r\n" +
		"Content-Type: application/x-amz-json-1.1\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/events/aws4_request, " +
		"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00\r\n\r\n" + body)
	b.ReportAllocs()
	b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		answers := bufio.NewReader(conn)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if err := readAnswer(answers); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// readAnswer reads one good answer, whose body is {}.
func readAnswer(r *bufio.Reader) error {
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return http.ErrNotSupported
		}
		if len(line) == len("\r\n") {
			_, err := r.Discard(len("{}"))
			return err
		}
	}
}
