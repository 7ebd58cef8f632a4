package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"stormbus/internal/cli/aws"
	"stormbus/test/harness"
)

const (
	killRounds     = 20
	killRoundsLong = 200
	publishers     = 8
	drainers       = 4
	drainTime      = 60 * time.Second // only bounds a test that would hang
)

// TestKillDuringPutEvents kills the server with SIGKILL at random moments
// under load, restarts it on the same data directory, and expects every event
// that was acknowledged in the queue that its rule names.
func TestKillDuringPutEvents(t *testing.T) {
	rounds, s := killRounds, *seed
	if *long {
		rounds = killRoundsLong
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("seed %d, %d rounds (repeat with -seed=%d)", s, rounds, s)
	random := rand.New(rand.NewPCG(s, 1))
	data := t.TempDir()

	server := harness.Start(t, binary, data)
	queue := deploy(t, server.Client())
	var acknowledged, delivered int
	for round := range rounds {
		acked := publishUntilKilled(t, server, time.Duration(20+random.IntN(280))*time.Millisecond)
		server = harness.Start(t, binary, data)
		got := drain(t, server.Client(), server.URL+queue, acked)
		if t.Failed() {
			t.Fatalf("round %d of %d, seed %d", round+1, rounds, s)
		}
		acknowledged += len(acked)
		delivered += got
	}
	if acknowledged == 0 {
		t.Fatal("no event was acknowledged in any round: the test proves nothing")
	}
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM: %v, want exit code 0", err)
	}
	t.Logf("%d kills, %d events acknowledged, 0 lost, %d messages delivered", rounds, acknowledged, delivered)
}

// deploy makes the queue and the rule and returns the path of the queue's URL.
func deploy(t *testing.T, c *aws.Client) (queuePath string) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.JSON(ctx, "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "sink"}, nil))
	must(c.JSON(ctx, "events", "AWSEvents.PutRule", map[string]any{
		"Name": "all", "EventPattern": `{"source":["load"]}`,
	}, nil))
	var out struct{ FailedEntryCount int }
	must(c.JSON(ctx, "events", "AWSEvents.PutTargets", map[string]any{
		"Rule":    "all",
		"Targets": []map[string]any{{"Id": "sink", "Arn": fmt.Sprintf("arn:aws:sqs:%s:%s:sink", harness.Region, harness.Account)}},
	}, &out))
	if out.FailedEntryCount != 0 {
		t.Fatal("PutTargets failed")
	}
	return "/" + harness.Account + "/sink"
}

// publishUntilKilled publishes with several callers, kills the server after
// the given time and returns the ids of all events that were acknowledged.
func publishUntilKilled(t *testing.T, server *harness.Server, after time.Duration) map[string]bool {
	t.Helper()
	var (
		mu    sync.Mutex // guards acked
		acked = map[string]bool{}
		wg    sync.WaitGroup
	)
	client := server.Client()
	client.HTTP = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: publishers}}
	defer client.HTTP.CloseIdleConnections()
	for range publishers {
		wg.Go(func() {
			for {
				ids, err := put(client)
				mu.Lock()
				for _, id := range ids {
					acked[id] = true
				}
				mu.Unlock()
				if err != nil {
					var answered *aws.Error
					if errors.As(err, &answered) {
						t.Errorf("PutEvents: %v", err)
					}
					return // the connection broke: the server is gone
				}
			}
		})
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	<-timer.C
	server.Kill()
	wg.Wait()
	return acked
}

func put(c *aws.Client) (ids []string, err error) {
	entries := make([]map[string]any, 10)
	for i := range entries {
		entries[i] = map[string]any{"Source": "load", "DetailType": "Tick", "Detail": `{"n":1}`}
	}
	var out struct {
		FailedEntryCount int
		Entries          []struct{ EventId, ErrorCode string }
	}
	if err := c.JSON(context.Background(), "events", "AWSEvents.PutEvents", map[string]any{"Entries": entries}, &out); err != nil {
		return nil, err
	}
	for _, e := range out.Entries {
		if e.ErrorCode == "" {
			ids = append(ids, e.EventId)
		}
	}
	return ids, nil
}

// drain receives and deletes messages until every id of want was seen, and
// returns how many messages it took.
func drain(t *testing.T, c *aws.Client, queueURL string, want map[string]bool) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var (
		mu      sync.Mutex // guards missing and total
		missing = map[string]bool{}
		total   int
		wg      sync.WaitGroup
	)
	for id := range want {
		missing[id] = true
	}
	left := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(missing)
	}
	for range drainers {
		wg.Go(func() {
			for left() > 0 {
				ids, err := take(ctx, c, queueURL)
				if err != nil {
					if ctx.Err() == nil {
						t.Errorf("drain the queue: %v", err)
					}
					return
				}
				mu.Lock()
				total += len(ids)
				for _, id := range ids {
					delete(missing, id)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if n := left(); n > 0 {
		t.Errorf("%d of %d acknowledged events were not delivered", n, len(want))
	}
	return total
}

// take receives up to ten messages, deletes them and returns their event ids.
func take(ctx context.Context, c *aws.Client, queueURL string) ([]string, error) {
	var got struct {
		Messages []struct{ Body, ReceiptHandle string }
	}
	if err := c.JSON(ctx, "sqs", "AmazonSQS.ReceiveMessage", map[string]any{
		"QueueUrl": queueURL, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1,
	}, &got); err != nil {
		return nil, err
	}
	if len(got.Messages) == 0 {
		return nil, nil
	}
	var ids []string
	entries := make([]map[string]any, 0, len(got.Messages))
	for i, m := range got.Messages {
		var envelope struct{ ID string }
		if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil {
			return nil, fmt.Errorf("message %q: %w", m.Body, err)
		}
		ids = append(ids, envelope.ID)
		entries = append(entries, map[string]any{"Id": fmt.Sprint(i), "ReceiptHandle": m.ReceiptHandle})
	}
	return ids, c.JSON(ctx, "sqs", "AmazonSQS.DeleteMessageBatch", map[string]any{"QueueUrl": queueURL, "Entries": entries}, nil)
}
