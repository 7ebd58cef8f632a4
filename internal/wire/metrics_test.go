package wire_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

// TestMetrics sends requests of every kind and reads what was counted.
func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	server := wire.NewServer(wire.Config{
		Metrics: registry,
		Services: []wire.Service{{Model: sqs.Model, Operations: []wire.Operation{
			wire.Op("ListQueues", func(context.Context, *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) { return nil, nil }),
			wire.Op("GetQueueUrl", func(_ context.Context, in *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
				return nil, wire.Errorf(*in.QueueName, "no")
			}),
		}}},
		Internal: http.NotFoundHandler(),
	})
	send := func(target, body string) {
		r := newRequest(http.MethodPost, "/", body, "X-Amz-Target", target, "Content-Type", "application/x-amz-json-1.0")
		server.ServeHTTP(httptest.NewRecorder(), r)
	}
	send("AmazonSQS.ListQueues", "{}")
	send("AmazonSQS.ListQueues", "{ }")
	send("AmazonSQS.TagQueue", "{}")
	for i := range 70 {
		send("AmazonSQS.GetQueueUrl", fmt.Sprintf(`{"QueueName":"Code%02d"}`, i))
		send(fmt.Sprintf("AmazonSQS.Strange%d", i), "{}")
		send(fmt.Sprintf("Strange%d.Operation", i), "{}")
		r := newRequest(http.MethodGet, "/", "", "Authorization",
			fmt.Sprintf("AWS4-HMAC-SHA256 Credential=k/20261124/us-east-1/strange%d/aws4_request, SignedHeaders=host, Signature=00", i))
		server.ServeHTTP(httptest.NewRecorder(), r)
	}
	server.ServeHTTP(httptest.NewRecorder(), newRequest(http.MethodGet, "/_stormbus/nothing", ""))
	const want = `
# HELP stormbus_wire_received_bytes_total Bytes of the bodies of requests.
# TYPE stormbus_wire_received_bytes_total counter
stormbus_wire_received_bytes_total{operation="GetQueueUrl",service="sqs"} 1540
stormbus_wire_received_bytes_total{operation="ListQueues",service="sqs"} 5
stormbus_wire_received_bytes_total{operation="TagQueue",service="sqs"} 0
stormbus_wire_received_bytes_total{operation="unknown",service="internal"} 0
stormbus_wire_received_bytes_total{operation="unknown",service="sqs"} 0
stormbus_wire_received_bytes_total{operation="unknown",service="unknown"} 0
# HELP stormbus_wire_requests_in_flight Requests that are being answered.
# TYPE stormbus_wire_requests_in_flight gauge
stormbus_wire_requests_in_flight 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"stormbus_wire_received_bytes_total", "stormbus_wire_requests_in_flight"); err != nil {
		t.Error(err)
	}
	counts := map[string]float64{}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var key strings.Builder
			for _, label := range m.GetLabel() {
				key.WriteString(label.GetValue() + " ")
			}
			if family.GetName() == "stormbus_wire_requests_total" {
				counts[strings.TrimSpace(key.String())] = m.GetCounter().GetValue()
			}
		}
	}
	for key, want := range map[string]float64{
		"OK ListQueues sqs": 2, "NotImplemented TagQueue sqs": 1, "HTTP404 unknown internal": 1, "Code00 GetQueueUrl sqs": 1,
		"other GetQueueUrl sqs": 6, "UnknownOperationException unknown sqs": 70, "UnknownOperationException unknown unknown": 70,
		"NotImplemented unknown unknown": 70,
	} {
		if counts[key] != want {
			t.Errorf("%s = %v, want %v", key, counts[key], want)
		}
	}
	if len(counts) > 64+12 {
		t.Errorf("there are %d series: callers can make as many as they like", len(counts))
	}
}

// listQueues returns a function that calls an operation that does nothing.
func listQueues(tb testing.TB, registry prometheus.Registerer) func() {
	tb.Helper()
	server := wire.NewServer(wire.Config{Metrics: registry, Services: []wire.Service{{
		Model: sqs.Model, Operations: []wire.Operation{
			wire.Op("ListQueues", func(context.Context, *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) { return nil, nil }),
		},
	}}})
	r := newRequest(http.MethodPost, "/", "", "X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0")
	r.Body = http.NoBody
	w := &sink{header: http.Header{}}
	return func() {
		clear(w.header)
		server.ServeHTTP(w, r)
	}
}

// TestMetricsDoNotAllocate compares a server that counts with one that does not.
func TestMetricsDoNotAllocate(t *testing.T) {
	without := testing.AllocsPerRun(200, listQueues(t, nil))
	with := testing.AllocsPerRun(200, listQueues(t, prometheus.NewRegistry()))
	if with > without {
		t.Errorf("a request allocates %v times, and %v times if it is counted", without, with)
	}
}

func BenchmarkMetrics(b *testing.B) {
	for name, registry := range map[string]prometheus.Registerer{"off": nil, "on": prometheus.NewRegistry()} {
		b.Run(name, func(b *testing.B) {
			call := listQueues(b, registry)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
