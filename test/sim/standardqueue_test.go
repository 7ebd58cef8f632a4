package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"stormbus/internal/cli/aws"
	"stormbus/test/harness"
)

// fates is what is known of the messages of a standard queue, by their bodies.
type fates struct {
	mu      sync.Mutex
	next    int
	sent    map[string]bool // the sending was acknowledged
	seen    map[string]bool // it was received
	deleted map[string]bool // the deletion was acknowledged
}

// TestKillDuringStandard kills the server with SIGKILL while messages are sent
// to, received from and deleted from a standard queue, in batches, and starts it
// again on the same data. Every acknowledged message must come, and none after
// its deletion was acknowledged.
func TestKillDuringStandard(t *testing.T) {
	rounds, s := queueRounds, *seed
	if *long {
		rounds = queueRoundsLong
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d, %d rounds (repeat with -seed=%d)", s, rounds, s)
	random := rand.New(rand.NewPCG(s, 3))
	data := t.TempDir()
	server := harness.Start(t, binary, data)
	if err := server.Client().JSON(t.Context(), "sqs", "AmazonSQS.CreateQueue", map[string]any{
		"QueueName": "q", "Attributes": map[string]string{"VisibilityTimeout": "2"},
	}, nil); err != nil {
		t.Fatal(err)
	}
	f := &fates{sent: map[string]bool{}, seen: map[string]bool{}, deleted: map[string]bool{}}
	for range rounds {
		f.load(t, server, time.Duration(50+random.IntN(300))*time.Millisecond)
		server = harness.Start(t, binary, data)
	}
	ctx, cancel := context.WithTimeout(t.Context(), drainTime)
	defer cancel()
	for f.missing() != "" && f.receive(ctx, t, server.Client()) && !t.Failed() {
	}
	if m := f.missing(); m != "" {
		t.Errorf("message %s was acknowledged and never came", m)
	}
	if len(f.sent) == 0 || len(f.deleted) == 0 {
		t.Fatal("nothing was acknowledged in any round: the test proves nothing")
	}
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM: %v, want exit code 0", err)
	}
	t.Logf("%d kills, %d messages acknowledged, all received", rounds, len(f.sent))
}

// load sends and receives until the server is killed.
func (f *fates) load(t *testing.T, server *harness.Server, after time.Duration) {
	t.Helper()
	c := server.Client()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for f.send(ctx, t, c) {
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for f.receive(ctx, t, c) {
			}
		})
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	<-timer.C
	server.Kill()
	wg.Wait()
}

// missing names a message that was acknowledged and has not come, if there is one.
func (f *fates) missing() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for m := range f.sent {
		if !f.seen[m] {
			return m
		}
	}
	return ""
}

// send sends a batch of three. A batch without an answer is never sent again: it
// may be there or not.
func (f *fates) send(ctx context.Context, t *testing.T, c *aws.Client) bool {
	var bodies []string
	var entries []map[string]any
	f.mu.Lock()
	for range 3 {
		f.next++
		body := fmt.Sprint(f.next)
		bodies, entries = append(bodies, body), append(entries, map[string]any{"Id": body, "MessageBody": body})
	}
	f.mu.Unlock()
	err := c.JSON(ctx, "sqs", "AmazonSQS.SendMessageBatch", map[string]any{
		"QueueUrl": c.Endpoint + "/" + harness.Account + "/q", "Entries": entries,
	}, nil)
	if broken(t, err) || err != nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range bodies {
		f.sent[b] = true
	}
	return true
}

// receive receives and deletes messages.
func (f *fates) receive(ctx context.Context, t *testing.T, c *aws.Client) bool {
	url := c.Endpoint + "/" + harness.Account + "/q"
	var got struct {
		Messages []struct{ Body, ReceiptHandle string }
	}
	if err := c.JSON(ctx, "sqs", "AmazonSQS.ReceiveMessage", map[string]any{
		"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1,
	}, &got); err != nil {
		return !broken(t, err)
	}
	if len(got.Messages) == 0 {
		return true
	}
	var entries []map[string]any
	f.mu.Lock()
	for _, m := range got.Messages {
		if f.deleted[m.Body] {
			t.Errorf("message %s came after its deletion was acknowledged", m.Body)
		}
		f.seen[m.Body] = true
		entries = append(entries, map[string]any{"Id": m.Body, "ReceiptHandle": m.ReceiptHandle})
	}
	f.mu.Unlock()
	err := c.JSON(ctx, "sqs", "AmazonSQS.DeleteMessageBatch", map[string]any{"QueueUrl": url, "Entries": entries}, nil)
	if broken(t, err) || err != nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range got.Messages {
		f.deleted[m.Body] = true
	}
	return true
}
