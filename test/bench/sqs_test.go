package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
// sync to disk. The client shares the processors with the server.
func BenchmarkQueueCycle(b *testing.B) {
	for _, kind := range []struct {
		name, queue string
		batch       int
	}{{"standard/single", "q", 1}, {"standard/batch", "q", 10}, {"fifo/single", "q.fifo", 1}, {"fifo/batch", "q.fifo", 10}} {
		b.Run(kind.name, func(b *testing.B) {
			server := harness.Start(b, binary, b.TempDir(), "--log-level", "warn")
			c := newQueueClient(b, server.URL, kind.queue)
			var took time.Duration
			done := 0
			for b.Loop() {
				begin := time.Now()
				done += c.burst(b, cycles/kind.batch, kind.batch)
				took += time.Since(begin)
			}
			b.ReportMetric(float64(done)/took.Seconds(), "messages/s")
		})
	}
}

// BenchmarkStartWithQueues starts a server that has 10,000 queues.
func BenchmarkStartWithQueues(b *testing.B) {
	data := b.TempDir()
	server := harness.Start(b, binary, data, "--log-level", "warn")
	c := newQueueClient(b, server.URL, "q")
	c.each(b, manyQueues, func(n int) error {
		return c.call("CreateQueue", map[string]any{"QueueName": fmt.Sprint("q", n)}, nil)
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
	next atomic.Int64 // for ids
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
	if err := c.call("CreateQueue", in, nil); err != nil {
		b.Fatal(err)
	}
	c.url = url + "/" + harness.Account + "/" + name
	return c
}

func (c *queueClient) call(operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+harness.Account+"/20260101/"+harness.Region+"/sqs/aws4_request, SignedHeaders=host, Signature=none")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"Failed"`)) {
		return fmt.Errorf("%s: HTTP %d: %s", operation, resp.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
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

// burst does cycles and returns how many messages went through all of it.
func (c *queueClient) burst(b *testing.B, n, batch int) int {
	b.Helper()
	var done atomic.Int64
	c.each(b, n, func(int) error {
		if err := c.send(batch); err != nil {
			return err
		}
		got, err := c.receiveAndDelete(batch)
		done.Add(int64(got))
		return err
	})
	return int(done.Load())
}

// payload is the body of every message.
func payload() string { return strings.Repeat("x", 1024) }

func (c *queueClient) send(batch int) error {
	if batch == 1 {
		return c.call("SendMessage", c.entry("QueueUrl", c.url), nil)
	}
	entries := make([]map[string]string, batch)
	for i := range entries {
		entries[i] = c.entry("Id", fmt.Sprint(i))
	}
	return c.call("SendMessageBatch", map[string]any{"QueueUrl": c.url, "Entries": entries}, nil)
}

// entry is one message; in a FIFO queue of one of a thousand groups.
func (c *queueClient) entry(name, value string) map[string]string {
	e := map[string]string{name: value, "MessageBody": payload()}
	if c.fifo {
		n := c.next.Add(1)
		e["MessageGroupId"], e["MessageDeduplicationId"] = fmt.Sprint(n%1000), fmt.Sprint(n)
	}
	return e
}

func (c *queueClient) receiveAndDelete(batch int) (int, error) {
	var got struct {
		Messages []struct{ ReceiptHandle string }
	}
	if err := c.call("ReceiveMessage", map[string]any{"QueueUrl": c.url, "MaxNumberOfMessages": batch}, &got); err != nil {
		return 0, err
	}
	n := len(got.Messages)
	switch {
	case n == 0:
		return 0, nil
	case batch == 1:
		return n, c.call("DeleteMessage", map[string]any{"QueueUrl": c.url, "ReceiptHandle": got.Messages[0].ReceiptHandle}, nil)
	}
	entries := make([]map[string]string, n)
	for i, m := range got.Messages {
		entries[i] = map[string]string{"Id": fmt.Sprint(i), "ReceiptHandle": m.ReceiptHandle}
	}
	return n, c.call("DeleteMessageBatch", map[string]any{"QueueUrl": c.url, "Entries": entries}, nil)
}
