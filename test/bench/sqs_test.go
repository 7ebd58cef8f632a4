package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/test/harness"
)

const (
	cycles     = 8000 // of one call each to send, to receive and to delete, in one burst
	manyQueues = 10_000
)

// BenchmarkQueueCycle sends, receives and deletes messages of 1 KiB over 64
// connections to one queue, single or in batches of ten, every answer after the
// sync to disk. The client shares the processors with the server; it looks that
// every message comes back, once.
func BenchmarkQueueCycle(b *testing.B) {
	for _, kind := range []struct {
		name, queue string
		batch       int
	}{{"standard/single", "q", 1}, {"standard/batch", "q", 10}, {"fifo/single", "q.fifo", 1}, {"fifo/batch", "q.fifo", 10}} {
		b.Run(kind.name, func(b *testing.B) {
			server := harness.Start(b, binary, b.TempDir(), "--log-level", "warn")
			c := newQueueClient(b, server.URL, kind.queue)
			conns := make([]*queueConn, connections)
			for i := range conns {
				conns[i] = c.dial(b, server.URL, kind.batch)
			}
			// The client's garbage is not what is measured.
			defer debug.SetGCPercent(debug.SetGCPercent(1000))
			var took time.Duration
			for b.Loop() {
				begin := time.Now()
				if err := cycleBurst(conns, cycles/kind.batch); err != nil {
					b.Fatal(err)
				}
				took += time.Since(begin)
			}
			b.ReportMetric(float64(b.N*cycles)/took.Seconds(), "messages/s")
		})
	}
}

// BenchmarkStartWithQueues starts a server that has 10,000 queues.
func BenchmarkStartWithQueues(b *testing.B) {
	data := b.TempDir()
	server := harness.Start(b, binary, data, "--log-level", "warn")
	c := newQueueClient(b, server.URL, "q")
	c.each(b, manyQueues, func(n int) error {
		_, err := c.call("CreateQueue", map[string]any{"QueueName": fmt.Sprint("q", n)})
		return err
	})
	if err := server.Terminate(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		server = harness.Start(b, binary, data, "--log-level", "warn")
		b.StopTimer()
		if err := server.Terminate(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// queueClient speaks the JSON protocol with as little work as can be.
type queueClient struct {
	http *http.Client
	url  string
	fifo bool
	next atomic.Int64 // number of the next message
}

func newQueueClient(b *testing.B, url, name string) *queueClient {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	b.Cleanup(transport.CloseIdleConnections)
	c := &queueClient{http: &http.Client{Transport: transport}, url: url, fifo: strings.HasSuffix(name, ".fifo")}
	in := map[string]any{"QueueName": name}
	if c.fifo {
		in["Attributes"] = map[string]string{"FifoQueue": "true"}
	}
	if _, err := c.call("CreateQueue", in); err != nil {
		b.Fatal(err)
	}
	c.url = url + "/" + harness.Account + "/" + name
	return c
}

// call calls an operation and returns its answer.
func (c *queueClient) call(operation string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	req.Header.Set("Authorization", authorization)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"Failed"`)) {
		return nil, fmt.Errorf("%s: HTTP %d: %s", operation, resp.StatusCode, answer)
	}
	return answer, nil
}

// each calls f for 0 to n-1 over all connections.
func (c *queueClient) each(b *testing.B, n int, f func(n int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
