package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"stormbus/internal/cli/aws"
	"stormbus/internal/console"
	"stormbus/test/harness"
)

const (
	redriveLetters     = 4000
	redriveLettersLong = 40_000
)

// TestKillDuringRedrive kills the server with SIGKILL while it delivers dead
// letters again, starts it on the same data, and has it go on, until none is left.
// Every event must arrive at its target, and no letter that was told to be on its
// way may be in the dead-letter queue again.
func TestKillDuringRedrive(t *testing.T) {
	letters, s := redriveLetters, *seed
	if *long {
		letters = redriveLettersLong
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d, %d letters (repeat with -seed=%d)", s, letters, s)
	random := rand.New(rand.NewPCG(s, 4))
	data := t.TempDir()
	server := harness.Start(t, binary, data)
	want := giveUp(t, server.Client(), letters)

	told := map[string]bool{} // letters that are on their way
	kills := 0
	for {
		ended := redriveUntilKilled(t, server, 50+random.IntN(350), told)
		if t.Failed() {
			t.Fatalf("after %d kills, seed %d", kills, s)
		}
		if ended {
			break
		}
		kills++
		server = harness.Start(t, binary, data)
	}
	if kills == 0 {
		t.Fatal("all was delivered before the server was killed: the test proves nothing")
	}
	client := server.Client()
	if n := visible(t, client, "dead"); n != 0 {
		t.Errorf("%d letters are left", n)
	}
	got := drain(t, client, server.URL+"/"+harness.Account+"/work", want)
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM: %v, want exit code 0", err)
	}
	t.Logf("%d kills, %d letters, %d told of before a kill, 0 lost, %d messages delivered", kills, letters, len(told), got)
}

// giveUp publishes events whose target does not exist, waits until their letters are
// in the dead-letter queue, and makes the target. It returns the ids of the events.
func giveUp(t *testing.T, c *aws.Client, letters int) map[string]bool {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	queue := func(name string) string {
		return fmt.Sprintf("arn:aws:sqs:%s:%s:%s", harness.Region, harness.Account, name)
	}
	must(c.JSON(ctx, "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "dead"}, nil))
	must(c.JSON(ctx, "events", "AWSEvents.PutRule", map[string]any{"Name": "all", "EventPattern": `{"source":["load"]}`}, nil))
	must(c.JSON(ctx, "events", "AWSEvents.PutTargets", map[string]any{"Rule": "all", "Targets": []map[string]any{
		{"Id": "work", "Arn": queue("work"), "DeadLetterConfig": map[string]any{"Arn": queue("dead")}},
	}}, nil))
	ids := map[string]bool{}
	var (
		mu sync.Mutex // guards ids
		wg sync.WaitGroup
	)
	for range publishers {
		wg.Go(func() {
			for range letters / publishers / 10 {
				got, err := put(c)
				if err != nil {
					t.Errorf("PutEvents: %v", err)
					return
				}
				mu.Lock()
				for _, id := range got {
					ids[id] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	waiting, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	for visible(t, c, "dead") < len(ids) {
		if waiting.Err() != nil {
			t.Fatalf("%d of %d letters came", visible(t, c, "dead"), len(ids))
		}
	}
	must(c.JSON(ctx, "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "work"}, nil))
	return ids
}

// visible is how many messages of a queue can be received.
func visible(t *testing.T, c *aws.Client, queue string) int {
	t.Helper()
	var out struct{ Attributes map[string]string }
	err := c.JSON(t.Context(), "sqs", "AmazonSQS.GetQueueAttributes", map[string]any{
		"QueueUrl": c.Endpoint + "/" + harness.Account + "/" + queue, "AttributeNames": []string{"ApproximateNumberOfMessages"},
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// redriveUntilKilled has dead letters delivered again, kills the server when it has
// told of some, and reports whether it came to the end before. It adds those that
// were told of to told.
func redriveUntilKilled(t *testing.T, server *harness.Server, most int, told map[string]bool) (ended bool) {
	t.Helper()
	body, err := json.Marshal(console.Redrive{Queue: fmt.Sprintf("arn:aws:sqs:%s:%s:dead", harness.Region, harness.Account)})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/_stormbus/api/queues/redrive", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := json.NewDecoder(resp.Body)
	for n := 1; ; n++ {
		var line console.RedriveLine
		if err := lines.Decode(&line); err != nil {
			return false // the connection broke: the server is gone
		}
		switch l := line.Letter; {
		case line.Error != "":
			t.Errorf("the server answers %s", line.Error)
			return true
		case line.End:
			return n <= most // else the server has been killed meanwhile
		case l.Stays != "":
			t.Errorf("letter %s stays: %s", l.MessageID, l.Stays)
		case told[l.MessageID]:
			t.Errorf("letter %s was told to be on its way, and is in its queue again", l.MessageID)
		default:
			told[l.MessageID] = true
		}
		if n == most {
			server.Kill() // what it has sent before is still read
		}
	}
}
