package bench

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"stormbus/test/harness"
)

// queueConn is one connection of a client that sends, receives and deletes.
// What can be made of a request before is made before: where client and server
// share two cores, a client that does more would be what is measured.
type queueConn struct {
	*queueClient

	raw     *rawConn
	batch   int
	sending []byte // the request, with places for what differs
	numbers []int  // those places, numberDigits each, message by message
	receive []byte // the request
	remove  string // head of the request
	out     []byte // scratch
}

const (
	numberDigits = 10
	groups       = 1000
	payloadBytes = 1024
)

// perMessage is how many places for numbers a message has.
func (c *queueClient) perMessage() int {
	if c.fifo {
		return 3 // body, group, deduplication id
	}
	return 1
}

func (c *queueClient) dial(b *testing.B, url string, batch int) *queueConn {
	b.Helper()
	conn := &queueConn{queueClient: c, raw: dialRaw(b, url), batch: batch}
	head := func(operation string) string {
		if batch > 1 && operation != "ReceiveMessage" {
			operation += "Batch"
		}
		return "POST / HTTP/1.1\r\nHost: " + strings.TrimPrefix(url, "http://") +
			"\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS." + operation +
			"\r\nAuthorization: " + authorization + "\r\n"
	}
	conn.sending = post(nil, head("SendMessage"), conn.messages())
	for at := 0; ; at += numberDigits {
		i := bytes.Index(conn.sending[at:], []byte(place))
		if i < 0 {
			break
		}
		at += i
		conn.numbers = append(conn.numbers, at)
	}
	conn.receive = post(nil, head("ReceiveMessage"), fmt.Appendf(nil, `{"QueueUrl":"%s","MaxNumberOfMessages":%d}`, c.url, batch))
	conn.remove = head("DeleteMessage")
	return conn
}

// place is where a number will be.
const place = "##########"

// messages is the body of a request that sends.
func (c *queueConn) messages() []byte {
	message := `"MessageBody":"` + place + strings.Repeat("0123456789abcdef", payloadBytes/16)[numberDigits:] + `"`
	if c.fifo {
		message += `,"MessageGroupId":"` + place + `","MessageDeduplicationId":"` + place + `"`
	}
	body := fmt.Appendf(nil, `{"QueueUrl":"%s",`, c.url)
	if c.batch == 1 {
		return append(append(body, message...), '}')
	}
	body = append(body, `"Entries":[`...)
	for i := range c.batch {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"Id":"%d",%s}`, i, message)
	}
	return append(body, "]}"...)
}

// cycling is a number of cycles over all connections.
type cycling struct {
	cycles  int
	begun   atomic.Int64
	first   int64         // number of its first message
	seen    []atomic.Bool // by number
	missing atomic.Int64  // those that have not come back
}

// cycleBurst does n cycles over all connections. It fails unless every message
// that it sends comes back, once.
func cycleBurst(conns []*queueConn, n int) error {
	c := conns[0]
	r := &cycling{cycles: n, first: c.next.Load(), seen: make([]atomic.Bool, n*c.batch)}
	r.missing.Store(int64(len(r.seen)))
	failures := make([]error, len(conns))
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() { failures[i] = c.run(r) })
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	// Of a FIFO queue a receive can get fewer messages than there are.
	for r.missing.Load() > 0 {
		got, err := c.receiveAndDelete(r)
		if err == nil && got == 0 {
			err = fmt.Errorf("%d messages did not come back", r.missing.Load())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *queueConn) run(r *cycling) error {
	for int(r.begun.Add(1)) <= r.cycles {
		if err := c.send(); err != nil {
			return err
		}
		if _, err := c.receiveAndDelete(r); err != nil {
			return err
		}
	}
	return nil
}

// do sends a request and returns its answer, which is good until the next one.
func (c *queueConn) do(what string, request []byte) ([]byte, error) {
	answer, err := c.raw.do(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return answer, nil
}

// all fails if an entry of a batch has failed.
func all(what string, answer []byte) error {
	if bytes.Contains(answer, []byte(`"Failed"`)) {
		return fmt.Errorf("%s: %s", what, answer)
	}
	return nil
}

func (c *queueConn) send() error {
	n := c.next.Add(int64(c.batch)) - int64(c.batch)
	places := c.numbers
	for i := range c.batch {
		c.number(places[0], n+int64(i))
		if c.fifo {
			c.number(places[1], (n+int64(i))%groups)
			c.number(places[2], n+int64(i))
		}
		places = places[c.perMessage():]
	}
	answer, err := c.do("send", c.sending)
	if err != nil {
		return err
	}
	return all("send", answer)
}

// number writes a number into its place.
func (c *queueConn) number(at int, n int64) {
	for i := at + numberDigits - 1; i >= at; i-- {
		c.sending[i] = byte('0' + n%10)
		n /= 10
	}
}

// receiveAndDelete returns how many messages it received.
func (c *queueConn) receiveAndDelete(r *cycling) (int, error) {
	answer, err := c.do("receive", c.receive)
	if err != nil {
		return 0, err
	}
	bodies, err := r.note(answer)
	if err != nil || bodies == 0 {
		return 0, err
	}
	request, handles := c.deletion(answer)
	if handles != bodies {
		return 0, fmt.Errorf("%d bodies, but %d receipt handles: %s", bodies, handles, answer)
	}
	answer, err = c.do("delete", request)
	if err != nil {
		return 0, err
	}
	return bodies, all("delete", answer)
}

// note notes the messages of an answer and returns how many there are.
func (r *cycling) note(answer []byte) (n int, err error) {
	rest := answer
	for {
		_, body, ok := bytes.Cut(rest, []byte(`"Body":"`))
		if !ok {
			return n, nil
		}
		if len(body) <= payloadBytes || body[payloadBytes] != '"' {
			return n, fmt.Errorf("a body that was not sent: %s", answer)
		}
		number, err := strconv.ParseInt(string(body[:numberDigits]), 10, 64)
		if err != nil || number < r.first || number-r.first >= int64(len(r.seen)) {
			return n, fmt.Errorf("message %q was not sent now", body[:numberDigits])
		}
		if r.seen[number-r.first].Swap(true) {
			return n, fmt.Errorf("message %d came twice", number)
		}
		r.missing.Add(-1)
		n++
		rest = body[payloadBytes:]
	}
}

// deletion is the request that deletes the messages of an answer, and how many
// they are.
func (c *queueConn) deletion(answer []byte) (request []byte, n int) {
	body := append(append(append(c.out[:0], `{"QueueUrl":"`...), c.url...), `",`...)
	if c.batch > 1 {
		body = append(body, `"Entries":[`...)
	}
	for {
		_, rest, ok := bytes.Cut(answer, []byte(`"ReceiptHandle":"`))
		if !ok {
			break
		}
		var handle []byte
		handle, answer, _ = bytes.Cut(rest, []byte{'"'})
		if n > 0 {
			body = append(body, ',')
		}
		if c.batch > 1 {
			body = append(strconv.AppendInt(append(body, `{"Id":"`...), int64(n), 10), `",`...)
		}
		body = append(append(append(body, `"ReceiptHandle":"`...), handle...), `"}`...)
		n++
	}
	if c.batch > 1 {
		body = append(body, "]}"...)
	}
	size := len(body)
	c.out = post(body, c.remove, body)
	return c.out[size:], n
}

// authorization is not verified.
const authorization = "AWS4-HMAC-SHA256 Credential=" + harness.Account + "/20260101/" + harness.Region + "/sqs/aws4_request, SignedHeaders=host, Signature=none"
