package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"stormbus/internal/shape/cloudwatch"
	"stormbus/internal/shape/s3"
	"stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

// BenchmarkCodecs is one request of each protocol that PutEvents does not use,
// with ten or a thousand of what it is about.
func BenchmarkCodecs(b *testing.B) {
	objects := make([]s3.Object, 1000)
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for i := range objects {
		objects[i] = s3.Object{
			Key: new(fmt.Sprintf("bookings/2026/11/%06d.json", i)), LastModified: &at, Size: new(int64(i)),
			ETag: new(`"d41d8cd98f00b204e9800998ecf8427e"`), StorageClass: new("STANDARD"),
		}
	}
	h := wire.NewServer(wire.Config{Services: []wire.Service{
		{Model: s3.Model, Operations: []wire.Operation{
			wire.Op("ListObjectsV2", func(context.Context, *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
				return &s3.ListObjectsV2Output{Contents: objects}, nil
			}),
			wire.Op("DeleteObjects", func(context.Context, *s3.DeleteObjectsInput) (*s3.DeleteObjectsOutput, error) { return nil, nil }),
		}},
		{Model: cloudwatch.Model, Operations: []wire.Operation{
			wire.Op("PutMetricData", func(context.Context, *cloudwatch.PutMetricDataInput) (*cloudwatch.PutMetricDataOutput, error) {
				return nil, nil
			}),
		}},
		{Model: sqs.Model, Operations: []wire.Operation{
			wire.Op("SendMessageBatch", func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
				return nil, nil
			}),
		}},
	}})
	for _, bench := range []struct {
		name, method, path string
		header             http.Header
		body               []byte
	}{
		{"list 1000 objects", http.MethodGet, "/bucket?list-type=2", nil, nil},
		{"delete 1000 objects", http.MethodPost, "/bucket?delete", nil, deleteBody(1000)},
		{
			"put 10 metrics, CBOR", http.MethodPost, "/service/GraniteServiceVersion20100801/operation/PutMetricData",
			http.Header{"Smithy-Protocol": {"rpc-v2-cbor"}},
			metricsBody(10),
		},
		{"send 10 messages, query", http.MethodPost, "/", http.Header{"Content-Type": {formType}}, messagesForm(10)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			reader := bytes.NewReader(bench.body)
			r := httptest.NewRequest(bench.method, "http://localhost"+bench.path, nil)
			r.Body, r.ContentLength = io.NopCloser(reader), int64(len(bench.body))
			maps.Copy(r.Header, bench.header)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				reader.Reset(bench.body)
				clear(w.header)
				h.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d", w.status)
				}
			}
		})
	}
}

func deleteBody(n int) []byte {
	var b bytes.Buffer
	b.WriteString("<Delete>")
	for i := range n {
		fmt.Fprintf(&b, "<Object><Key>bookings/2026/11/%06d.json</Key></Object>", i)
	}
	b.WriteString("</Delete>")
	return b.Bytes()
}

func metricsBody(n int) []byte {
	b := append([]byte("\xa2iNamespacefcinemajMetricData"), 0x80|byte(n))
	for range n {
		b = append(b, "\xa3jMetricNameeseatseValue\xfb\x40\x45\x00\x00\x00\x00\x00\x00dUniteCount"...)
	}
	return b
}

func messagesForm(n int) []byte {
	form := url.Values{"Action": {"SendMessageBatch"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://localhost:4566/000000000000/seats"}}
	for i := 1; i <= n; i++ {
		at := fmt.Sprintf("SendMessageBatchRequestEntry.%d.", i)
		form.Set(at+"Id", fmt.Sprint(i))
		form.Set(at+"MessageBody", `{"bookingId":"b-17","seats":["F7","F8"],"amount":31.5}`)
	}
	return []byte(form.Encode())
}
