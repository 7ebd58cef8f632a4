package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/internal/cli/aws"
	"stormbus/test/harness"
)

const (
	connections = 64
	requests    = 6400 // of ten entries each, in one burst
	settleTime  = 2 * time.Minute
)

// BenchmarkPutEvents publishes bursts of 64,000 events over 64 connections, ten
// entries a request, to one rule with one SQS target, every answer after the
// sync to disk. It reports the events acknowledged per second, and the events
// per second from the first request to the last message in the queue.
func BenchmarkPutEvents(b *testing.B) {
	for _, durability := range []string{"power", "process"} {
		b.Run("durability="+durability, func(b *testing.B) {
			server := harness.Start(b, binary, b.TempDir(), "--durability", durability, "--log-level", "warn")
			client := server.Client()
			queueURL := deploy(b, client, server.URL)
			body := putEventsBody(b)
			var acked, settled time.Duration
			sent := 0
			for b.Loop() {
				begin := time.Now()
				burst(b, server.URL, body)
				acked += time.Since(begin)
				sent += requests * 10
				awaitMessages(b, client, queueURL, sent)
				settled += time.Since(begin)
			}
			b.ReportMetric(float64(sent)/acked.Seconds(), "acked-events/s")
			b.ReportMetric(float64(sent)/settled.Seconds(), "delivered-events/s")
		})
	}
}

func deploy(b *testing.B, c *aws.Client, url string) (queueURL string) {
	b.Helper()
	ctx := context.Background()
	for _, call := range []struct {
		service, target string
		in              map[string]any
	}{
		{"sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "sink"}},
		{"events", "AWSEvents.PutRule", map[string]any{"Name": "all", "EventPattern": `{"source":["cinema.bookings"],"detail":{"amount":[{"numeric":[">",10]}]}}`}},
		{"events", "AWSEvents.PutTargets", map[string]any{"Rule": "all", "Targets": []map[string]any{
			{"Id": "sink", "Arn": fmt.Sprintf("arn:aws:sqs:%s:%s:sink", harness.Region, harness.Account)},
		}}},
	} {
		if err := c.JSON(ctx, call.service, call.target, call.in, nil); err != nil {
			b.Fatal(err)
		}
	}
	return url + "/" + harness.Account + "/sink"
}

func putEventsBody(b *testing.B) []byte {
	b.Helper()
	detail := `{"bookingId":"b-20261124-000017","customer":"ada@example.com","seats":["F7","F8"],"screening":"2026-11-24T20:15:00Z/hall-2","amount":31.50,"currency":"EUR"}`
	entries := make([]map[string]string, 10)
	for i := range entries {
		entries[i] = map[string]string{"Source": "cinema.bookings", "DetailType": "SeatsHeld", "Detail": detail}
	}
	body, err := json.Marshal(map[string]any{"Entries": entries})
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// burst sends all requests of one burst and waits for their answers.
func burst(b *testing.B, url string, body []byte) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for next.Add(1) <= requests {
				if err := putEvents(client, url, body); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func putEvents(client *http.Client, url string, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, url+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+harness.Account+"/20260101/"+harness.Region+"/events/aws4_request, SignedHeaders=host, Signature=none")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"FailedEntryCount":0`)) {
		return fmt.Errorf("PutEvents: HTTP %d: %s", resp.StatusCode, answer)
	}
	return nil
}

// awaitMessages asks the queue for its count until all messages are there.
func awaitMessages(b *testing.B, c *aws.Client, queueURL string, want int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	for {
		var out struct {
			Attributes struct{ ApproximateNumberOfMessages string }
		}
		err := c.JSON(ctx, "sqs", "AmazonSQS.GetQueueAttributes", map[string]any{
			"QueueUrl": queueURL, "AttributeNames": []string{"ApproximateNumberOfMessages"},
		}, &out)
		if err != nil {
			b.Fatal(err)
		}
		var have int
		if _, err := fmt.Sscan(out.Attributes.ApproximateNumberOfMessages, &have); err != nil {
			b.Fatal(err)
		}
		if have >= want {
			return
		}
		pause := time.NewTimer(20 * time.Millisecond) // leave the processor to the server
		<-pause.C
	}
}
