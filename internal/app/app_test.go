package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/app"
	"stormbus/internal/clock"
)

// TestLifeCycle starts a server, uses it, stops it, and finds everything again
// after the next start.
func TestLifeCycle(t *testing.T) {
	t.Parallel()
	c := config(filepath.Join(t.TempDir(), "data"))
	s := start(t, c)
	wantHealth(t, s.URL())
	queue := s.post("/", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "sink"})["QueueUrl"]
	s.post("/", "AWSEvents.PutRule", map[string]any{"Name": "all", "EventPattern": `{"source":["test"]}`})
	s.post("/", "AWSEvents.PutTargets", map[string]any{
		"Rule": "all", "Targets": []any{map[string]any{"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:123456789012:sink"}},
	})
	wantDelivered(s, queue)
	wantMetrics(t, s.URL())
	url := s.URL()
	s.stop()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/_stormbus/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); !errors.Is(err, syscall.ECONNREFUSED) {
		if err == nil {
			resp.Body.Close()
		}
		t.Errorf("a stopped server answers: %v, %v", resp, err)
	}
	s = start(t, c)
	wantHealth(t, s.URL())
	wantDelivered(s, queue)
}

func wantHealth(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/_stormbus/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body := do(t, req)
	var got any
	if err := json.Unmarshal(body, &got); err != nil || status != http.StatusOK {
		t.Fatalf("health: HTTP %d %s: %v", status, body, err)
	}
	want := map[string]any{
		"status": "ok", "version": "1.2.3",
		"services": map[string]any{"events": "running", "lambda": "running", "sqs": "running", "sts": "running"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}
}

// wantMetrics reads what was counted of the requests before.
func wantMetrics(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/_stormbus/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body := do(t, req)
	for _, want := range []string{
		`stormbus_wire_requests_total{code="OK",operation="CreateQueue",service="sqs"} 1`,
		`stormbus_wire_request_duration_seconds_count{operation="PutEvents",service="events"} 1`,
		"stormbus_wire_requests_in_flight 1", "go_goroutines ",
	} {
		if status != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("metrics: HTTP %d, want %s in\n%s", status, want, body)
		}
	}
}

// wantDelivered publishes an event and takes it from the queue.
func wantDelivered(s *server, queue any) {
	s.tb.Helper()
	entry := map[string]any{"Source": "test", "DetailType": "Done", "Detail": "{}"}
	out := s.post("/", "AWSEvents.PutEvents", map[string]any{"Entries": []any{entry}})
	id := out["Entries"].([]any)[0].(map[string]any)["EventId"].(string)
	out = s.post("/", "AmazonSQS.ReceiveMessage", map[string]any{"QueueUrl": queue, "WaitTimeSeconds": 20})
	messages, _ := out["Messages"].([]any)
	if len(messages) != 1 {
		s.tb.Fatalf("received %v, want the event %s", out, id)
	}
	m := messages[0].(map[string]any)
	if body := m["Body"].(string); !strings.Contains(body, id) {
		s.tb.Errorf("received %s, want the event %s", body, id)
	}
	s.post("/", "AmazonSQS.DeleteMessage", map[string]any{"QueueUrl": queue, "ReceiptHandle": m["ReceiptHandle"]})
}

// TestStartFails finds nothing left of a server that could not be started.
func TestStartFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		prepare func(t *testing.T, c *app.Config)
		want    string
	}{
		"the port is in use": {
			prepare: func(t *testing.T, c *app.Config) {
				if c.Port, err = strconv.Atoi(port); err != nil {
					t.Fatal(err)
				}
			},
			want: "is in use by another program",
		},
		"the data directory is a file": {
			prepare: func(t *testing.T, c *app.Config) { write(t, c.DataDir, "") },
			want:    "make the data directory",
		},
		"another server has the data": {
			prepare: func(t *testing.T, c *app.Config) { start(t, *c) },
			want:    "in use by another process",
		},
		"the directory of functions is a file": {
			prepare: func(t *testing.T, c *app.Config) { write(t, filepath.Join(c.DataDir, "functions"), "") },
			want:    "functions",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(filepath.Join(t.TempDir(), "data"))
			tt.prepare(t, &c)
			a := app.New(c)
			err := a.Start(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Start = %v, want %q", err, tt.want)
			}
			if url := a.URL(); url != "" {
				l, err := net.Listen("tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					t.Fatalf("its port is not free again: %v", err)
				}
				l.Close()
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestStartDoesNotLookForInterpreters has a version manager that takes its time
// to say what it stands for: the server is ready, and stopped, before it does.
func TestStartDoesNotLookForInterpreters(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("scripts are not looked at there")
	}
	bin := t.TempDir()
	write(t, filepath.Join(bin, "python3"), "#!/bin/sh\nexec /bin/sleep 60\n")
	c := config(filepath.Join(t.TempDir(), "data"))
	c.Environ = []string{"PATH=" + bin, "HOME=" + bin}
	begin := clock.Real().Now()
	s := start(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list, err := s.Interpreters(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Interpreters = %v, %v, want the search to go on", list, err)
	}
	s.stop()
	if took := clock.Real().Now().Sub(begin); took > 8*time.Second {
		t.Errorf("start and stop took %v", took)
	}
}

// TestServicesByName asks services that we only know by name, in each protocol.
func TestServicesByName(t *testing.T) {
	t.Parallel()
	s := start(t, config(filepath.Join(t.TempDir(), "data")))
	for _, tc := range []struct {
		name, method, path, header, value, want string
	}{
		{"json", http.MethodPost, "/", "X-Amz-Target", "TrentService.CreateKey", "kms.CreateKey"},
		{"cbor", http.MethodPost, "/service/AWSEventsV2/operation/PutEvents", "Smithy-Protocol", "rpc-v2-cbor", "eventsv2.PutEvents"},
		{"query", http.MethodGet, "/?Action=ListTopics&Version=2010-03-31", "", "", "sns.ListTopics"},
		{"rest-json", http.MethodGet, "/schedules", "", "", "scheduler.ListSchedules"},
		{"rest-xml", http.MethodPut, "/bucket/a/key", "", "", "s3.PutObject"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, s.URL()+tc.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if tc.header != "" {
			req.Header.Set(tc.header, tc.value)
		}
		status, body := do(t, req)
		want := "The operation " + tc.want + " is not implemented by stormbus."
		if status != http.StatusNotImplemented || !strings.Contains(string(body), want) {
			t.Errorf("%s: HTTP %d %s, want %q", tc.name, status, body, want)
		}
	}
}
