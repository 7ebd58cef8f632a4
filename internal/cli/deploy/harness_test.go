package deploy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stormbus/internal/app"
	"stormbus/internal/arn"
	"stormbus/internal/board"
	"stormbus/internal/cli/aws"
	"stormbus/internal/cli/deploy"
	"stormbus/internal/plan"
)

var scope = arn.Scope{Region: "eu-west-1", Account: "123456789012"}

// server is a server that runs in this process, with a deployer for it.
type server struct {
	deploy.Deployer

	tb   testing.TB
	seen *recorder
}

// start starts a server, which is stopped when the test ends.
func start(tb testing.TB) *server {
	tb.Helper()
	return startWith(tb, "process")
}

func startWith(tb testing.TB, durability string, more ...func(*app.Config)) *server {
	tb.Helper()
	config := app.Config{
		Host: "127.0.0.1", DataDir: tb.TempDir(), Durability: durability, Region: scope.Region, Account: scope.Account,
		Version: "1.2.3", Environ: os.Environ(), Logger: slog.New(slog.DiscardHandler),
	}
	for _, change := range more {
		change(&config)
	}
	a := app.New(config)
	if err := a.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	s := &server{tb: tb, seen: &recorder{next: transport}}
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			tb.Errorf("Stop: %v", err)
		}
	})
	s.Deployer = deploy.Deployer{
		Client: &aws.Client{Endpoint: a.URL(), Region: scope.Region, Account: scope.Account, HTTP: &http.Client{Transport: s.seen}},
		Scope:  scope, Code: func(f plan.Function) ([]byte, error) { return zipOf(f.Name) },
	}
	return s
}

// zipOf is code that says one word.
func zipOf(word string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("handlers/code.py")
	if err == nil {
		_, err = io.WriteString(w, "# "+word+"\n")
	}
	if err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// recorder notes what calls are made, and answers some itself.
type recorder struct {
	next   http.RoundTripper
	mu     sync.Mutex // guards the rest
	all    []string
	answer func(call string) (status int, body string) // status 0: not answered
}

const denied = `{"__type":"AccessDeniedException","message":"not you"}`

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	call := req.Header.Get("X-Amz-Target")
	if call == "" {
		call = req.Method + " " + req.URL.Path
	}
	r.mu.Lock()
	r.all = append(r.all, call)
	status, body := 0, ""
	if r.answer != nil {
		status, body = r.answer(call)
	}
	r.mu.Unlock()
	if status != 0 {
		req.Body.Close()
		return &http.Response{
			StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
	return r.next.RoundTrip(req)
}

// writes returns the calls since the last time that change something.
func (s *server) writes() []string {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	var writes []string
	for _, call := range s.seen.all {
		_, operation, awsJSON := strings.Cut(call, ".")
		reads := strings.HasPrefix(operation, "List") || strings.HasPrefix(operation, "Get") || strings.HasPrefix(operation, "Describe")
		if awsJSON && strings.HasPrefix(call, "A") && reads || strings.HasPrefix(call, "GET ") {
			continue
		}
		writes = append(writes, call)
	}
	s.seen.all = nil
	slices.Sort(writes)
	return writes
}

// answering lets calls be answered by a function instead of the server.
func (s *server) answering(answer func(call string) (status int, body string)) {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	s.seen.answer = answer
}

func (s *server) apply(text string) []deploy.Change {
	s.tb.Helper()
	changes, err := s.Apply(s.tb.Context(), of(s.tb, text))
	if err != nil {
		s.tb.Fatal(err)
	}
	return changes
}

// call calls the server directly.
func (s *server) call(service, target string, in, out any) {
	s.tb.Helper()
	if err := s.Client.JSON(s.tb.Context(), service, target, in, out); err != nil {
		s.tb.Fatal(err)
	}
}

func of(tb testing.TB, text string) *plan.Plan {
	tb.Helper()
	f, err := board.Parse("storm.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := plan.Of(f.Board(), os.ReadFile)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func cinema(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("../../board/testdata/cinema.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// list is changes in short, one a line, but for what is unchanged or not served.
func list(changes []deploy.Change) string {
	var b strings.Builder
	for _, c := range changes {
		if c.Action == deploy.Unchanged || c.Action == deploy.NotServed {
			continue
		}
		b.WriteString(string(c.Action) + " " + string(c.Kind) + " " + c.Name)
		if len(c.Fields) > 0 {
			b.WriteString(": " + strings.Join(c.Fields, ", "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// state is all that the server has, but for times and revisions, one thing a
// line.
func (s *server) state() string {
	s.tb.Helper()
	var lines []string
	add := func(kind, what string) { lines = append(lines, kind+" "+what) }
	var buses struct{ EventBuses []struct{ Name string } }
	s.call("events", "AWSEvents.ListEventBuses", map[string]any{}, &buses)
	for _, b := range buses.EventBuses {
		add("bus", b.Name)
		var rules struct {
			Rules []struct{ Name, EventPattern, Description, State, Arn string }
		}
		s.call("events", "AWSEvents.ListRules", map[string]any{"EventBusName": b.Name, "Limit": 100}, &rules)
		for _, r := range rules.Rules {
			var targets, tags any
			s.call("events", "AWSEvents.ListTargetsByRule", map[string]any{"EventBusName": b.Name, "Rule": r.Name}, &targets)
			s.call("events", "AWSEvents.ListTagsForResource", map[string]any{"ResourceARN": r.Arn}, &tags)
			add("rule", text(s.tb, r)+text(s.tb, targets)+text(s.tb, tags))
		}
	}
	var queues struct{ QueueUrls []string }
	s.call("sqs", "AmazonSQS.ListQueues", map[string]any{}, &queues)
	for _, url := range queues.QueueUrls {
		var attributes struct{ Attributes map[string]string }
		var tags any
		s.call("sqs", "AmazonSQS.GetQueueAttributes", map[string]any{"QueueUrl": url, "AttributeNames": []string{"All"}}, &attributes)
		s.call("sqs", "AmazonSQS.ListQueueTags", map[string]any{"QueueUrl": url}, &tags)
		delete(attributes.Attributes, "CreatedTimestamp")
		delete(attributes.Attributes, "LastModifiedTimestamp")
		add("queue", text(s.tb, attributes)+text(s.tb, tags))
	}
	for _, name := range s.functions() {
		var f struct {
			Configuration map[string]any
			Tags          any
		}
		s.rest(&f, "/2015-03-31/functions/"+name)
		delete(f.Configuration, "LastModified")
		delete(f.Configuration, "RevisionId")
		var policy struct{ Policy string }
		s.rest(&policy, "/2015-03-31/functions/"+name+"/policy")
		var invoke map[string]any
		s.rest(&invoke, "/2019-09-25/functions/"+name+"/event-invoke-config")
		delete(invoke, "LastModified")
		add("function", text(s.tb, f)+sorted(s.tb, policy.Policy)+text(s.tb, invoke))
	}
	return strings.Join(lines, "\n")
}
