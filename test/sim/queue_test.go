package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"stormbus/internal/cli/aws"
	"stormbus/test/harness"
)

const (
	queueRounds     = 6
	queueRoundsLong = 100
	groups          = 8
)

// lane is what is known of one message group: its messages are the numbers 1, 2,
// 3 and so on.
type lane struct {
	mu      sync.Mutex
	sent    int // the last number whose sending was acknowledged
	deleted int // the last number whose deletion was acknowledged
	asked   int // the last number whose deletion was asked for
}

// TestKillDuringFifo kills the server with SIGKILL while messages are sent to,
// received from and deleted from a FIFO queue, and starts it again on the same
// data. No acknowledged message may be lost, come twice after it was deleted,
// or come out of the order of its group. A send without an answer is repeated;
// the queue has to know whether it has the message.
func TestKillDuringFifo(t *testing.T) {
	rounds, s := queueRounds, *seed
	if *long {
		rounds = queueRoundsLong
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d, %d rounds (repeat with -seed=%d)", s, rounds, s)
	random := rand.New(rand.NewPCG(s, 2))
	data := t.TempDir()
	server := harness.Start(t, binary, data)
	if err := server.Client().JSON(t.Context(), "sqs", "AmazonSQS.CreateQueue", map[string]any{
		"QueueName": "q.fifo", "Attributes": map[string]string{"FifoQueue": "true", "VisibilityTimeout": "2"},
	}, nil); err != nil {
		t.Fatal(err)
	}
	lanes := make([]*lane, groups)
	for i := range lanes {
		lanes[i] = &lane{}
	}
	for range rounds {
		load(t, server, lanes, time.Duration(50+random.IntN(300))*time.Millisecond)
		server = harness.Start(t, binary, data)
	}
	empty(t, server, lanes)
	total := 0
	for i, l := range lanes {
		if l.deleted < l.sent {
			t.Errorf("group %d: message %d was acknowledged, but nothing after %d came", i, l.sent, l.deleted)
		}
		total += l.sent
	}
	if total == 0 {
		t.Fatal("no message was acknowledged in any round: the test proves nothing")
	}
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM: %v, want exit code 0", err)
	}
	t.Logf("%d kills, %d messages acknowledged, all received in order", rounds, total)
}

// load sends and receives until the server is killed.
func load(t *testing.T, server *harness.Server, lanes []*lane, after time.Duration) {
	t.Helper()
	c := server.Client()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for i, l := range lanes {
		wg.Go(func() {
			for sendNext(ctx, t, c, i, l) {
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for receiveSome(ctx, t, c, lanes) {
			}
		})
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	<-timer.C
	server.Kill()
	wg.Wait()
}

// broken reports whether a call got no answer. An answer that is an error fails
// the test, unless it says that a handle has expired: the machine is slow then.
func broken(t *testing.T, err error) bool {
	t.Helper()
	var answered *aws.Error
	if errors.As(err, &answered) {
		if answered.Code != "InvalidParameterValueException" {
			t.Errorf("the server answers %v", err)
		}
		return false
	}
	return err != nil
}

func sendNext(ctx context.Context, t *testing.T, c *aws.Client, group int, l *lane) bool {
	l.mu.Lock()
	n := strconv.Itoa(l.sent + 1)
	l.mu.Unlock()
	err := c.JSON(ctx, "sqs", "AmazonSQS.SendMessage", map[string]any{
		"QueueUrl": c.Endpoint + "/" + harness.Account + "/q.fifo", "MessageBody": n,
		"MessageGroupId": strconv.Itoa(group), "MessageDeduplicationId": fmt.Sprintf("%d-%s", group, n),
	}, nil)
	if broken(t, err) || err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	return true
}

// receiveSome receives and deletes messages, and checks their order.
func receiveSome(ctx context.Context, t *testing.T, c *aws.Client, lanes []*lane) bool {
	url := c.Endpoint + "/" + harness.Account + "/q.fifo"
	var got struct {
		Messages []struct {
			Body, ReceiptHandle string
			Attributes          map[string]string
		}
	}
	if err := c.JSON(ctx, "sqs", "AmazonSQS.ReceiveMessage", map[string]any{
		"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "AttributeNames": []string{"MessageGroupId"},
	}, &got); err != nil {
		return !broken(t, err)
	}
	failed := map[int]bool{} // groups of which a message could not be deleted
	for _, m := range got.Messages {
		group, err := strconv.Atoi(m.Attributes["MessageGroupId"])
		if err != nil {
			t.Errorf("a message without a group: %v", m)
			return false
		}
		if failed[group] {
			continue // it will come again, behind the one that stayed
		}
		n, err := strconv.Atoi(m.Body)
		if err != nil || !lanes[group].next(n) {
			t.Errorf("group %d: %q came after %d was deleted", group, m.Body, lanes[group].deleted)
			return false
		}
		err = c.JSON(ctx, "sqs", "AmazonSQS.DeleteMessage", map[string]any{"QueueUrl": url, "ReceiptHandle": m.ReceiptHandle}, nil)
		if broken(t, err) {
			return false
		}
		if failed[group] = err != nil; err == nil {
			lanes[group].done(n)
		}
	}
	return true
}

// next reports whether n may come now: it is the first that was not deleted, or
// the one behind it if the deletion of that one may have happened.
func (l *lane) next(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok := n == l.deleted+1 || n == l.deleted+2 && l.asked == l.deleted+1
	if ok {
		l.asked = n
	}
	return ok
}

func (l *lane) done(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deleted = n
}

// empty receives until everything that was acknowledged has come.
func empty(t *testing.T, server *harness.Server, lanes []*lane) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), drainTime)
	defer cancel()
	left := func() bool {
		for _, l := range lanes {
			// The last one may have been deleted by a call that got no answer.
			if l.deleted < l.sent && l.asked < l.sent {
				return true
			}
		}
		return false
	}
	for left() && receiveSome(ctx, t, server.Client(), lanes) && !t.Failed() {
	}
	for _, l := range lanes {
		if l.asked == l.sent {
			l.deleted = max(l.deleted, l.sent)
		}
	}
}
