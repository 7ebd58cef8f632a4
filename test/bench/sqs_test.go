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
			conns := make([]*queueConn, connections)
			for i := range conns {
				conns[i] = c.dial(b, server.URL)
			}
			var took time.Duration
			done := 0
			for b.Loop() {
				begin := time.Now()
				done += cycleBurst(b, conns, cycles/kind.batch, kind.batch)
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
	if _, err := c.call("CreateQueue", in); err != nil {
		b.Fatal(err)
	}
	c.url = url + "/" + harness.Account + "/" + name
	return c
}

// authorization is not verified.
const authorization = "AWS4-HMAC-SHA256 Credential=" + harness.Account + "/20260101/" + harness.Region + "/sqs/aws4_request, SignedHeaders=host, Signature=none"

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

// queueConn is one connection of a client that sends, receives and deletes.
type queueConn struct {
	*queueClient

	raw  *rawConn
	host string
}

func (c *queueClient) dial(b *testing.B, url string) *queueConn {
	b.Helper()
	return &queueConn{queueClient: c, raw: dialRaw(b, url), host: strings.TrimPrefix(url, "http://")}
}

// call calls an operation and returns its answer, which is good until the next
// call.
func (c *queueConn) call(operation string, body []byte) ([]byte, error) {
	answer, err := c.raw.post("POST / HTTP/1.1\r\nHost: "+c.host+"\r\nContent-Type: application/x-amz-json-1.0\r\n"+
		"X-Amz-Target: AmazonSQS."+operation+"\r\nAuthorization: "+authorization+"\r\n", body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	if bytes.Contains(answer, []byte(`"Failed"`)) {
		return nil, fmt.Errorf("%s: %s", operation, answer)
	}
	return answer, nil
}

// cycleBurst does n cycles over all connections, and returns how many messages went
// through all of it.
func cycleBurst(b *testing.B, conns []*queueConn, n, batch int) int {
	b.Helper()
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			for int(next.Add(1)) <= n {
				got, err := c.cycle(batch)
				if err != nil {
					b.Error(err)
					return
				}
				done.Add(int64(got))
			}
		})
	}
	wg.Wait()
	return int(done.Load())
}

func (c *queueConn) cycle(batch int) (int, error) {
	if err := c.send(batch); err != nil {
		return 0, err
	}
	return c.receiveAndDelete(batch)
}

// payload is the body of every message: 1 KiB.
const payload = quarter + quarter + quarter + quarter

const quarter = line64 + line64 + line64 + line64

const line64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func (c *queueConn) send(batch int) error {
	body := fmt.Appendf(nil, `{"QueueUrl":"%s",`, c.url)
	if batch == 1 {
		_, err := c.call("SendMessage", append(c.message(body), '}'))
		return err
	}
	body = append(body, `"Entries":[`...)
	for i := range batch {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(c.message(fmt.Appendf(body, `{"Id":"%d",`, i)), '}')
	}
	_, err := c.call("SendMessageBatch", append(body, "]}"...))
	return err
}

// message appends what a message consists of; in a FIFO queue it is one of a
// thousand groups.
func (c *queueClient) message(body []byte) []byte {
	body = append(append(append(body, `"MessageBody":"`...), payload...), '"')
	if c.fifo {
		n := c.next.Add(1)
		body = fmt.Appendf(body, `,"MessageGroupId":"%d","MessageDeduplicationId":"%d"`, n%1000, n)
	}
	return body
}

func (c *queueConn) receiveAndDelete(batch int) (int, error) {
	answer, err := c.call("ReceiveMessage", fmt.Appendf(nil, `{"QueueUrl":"%s","MaxNumberOfMessages":%d}`, c.url, batch))
	if err != nil {
		return 0, err
	}
	handles := receiptHandles(answer)
	switch {
	case len(handles) == 0:
		return 0, nil
	case batch == 1:
		_, err := c.call("DeleteMessage", fmt.Appendf(nil, `{"QueueUrl":"%s","ReceiptHandle":"%s"}`, c.url, handles[0]))
		return 1, err
	}
	body := fmt.Appendf(nil, `{"QueueUrl":"%s","Entries":[`, c.url)
	for i, h := range handles {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"Id":"%d","ReceiptHandle":"%s"}`, i, h)
	}
	_, err = c.call("DeleteMessageBatch", append(body, "]}"...))
	return len(handles), err
}

// receiptHandles finds them without decoding the answer.
func receiptHandles(answer []byte) (out [][]byte) {
	for {
		_, rest, ok := bytes.Cut(answer, []byte(`"ReceiptHandle":"`))
		if !ok {
			return out
		}
		handle, after, _ := bytes.Cut(rest, []byte{'"'})
		out, answer = append(out, handle), after
	}
}
