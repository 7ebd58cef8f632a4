package lambda

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/function"
	"stormbus/internal/function/python"
	shape "stormbus/internal/shape/lambda"
	testpython "stormbus/test/python"
)

func scopeIn(region string) arn.Scope { return arn.Scope{Region: region, Account: scope.Account} }

// newReal is a harness whose functions really run.
func newReal(tb testing.TB) *harness {
	tb.Helper()
	home, _ := os.UserHomeDir() // without one, PATH has to do
	found := python.Find(context.Background(), python.Search{Path: os.Getenv("PATH"), Home: home, Env: os.Environ()})
	if len(found) == 0 {
		testpython.Missing(tb, "NO PYTHON 3.8 OR NEWER ON THIS MACHINE: functions are not run")
	}
	pool, err := function.New(function.Config{
		Dir: tb.TempDir(), EndpointURL: "http://127.0.0.1:4566", Path: "/usr/bin:/bin",
		Interpreters: func(context.Context) ([]python.Interpreter, error) { return found, nil },
		Clock:        clock.Real(), Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := pool.Close(); err != nil {
			tb.Error(err)
		}
	})
	return newHarness(tb, func(c *Config) { c.Runner = pool })
}

// TestReal runs a Python function through the API: results, errors, logs, new
// code, and the queue.
func TestReal(t *testing.T) {
	t.Parallel()
	h := newReal(t)
	dir := t.TempDir()
	h.create("fn", func(in *shape.CreateFunctionInput) {
		in.Code.ZipFile = zipped(t, "app.py", `
import os
def run(event, context):
    print("got", event)
    if event == "raise": raise ValueError("no")
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ and isinstance(event, dict):
        with open(event["path"], "a") as f: f.write(context.aws_request_id + " " + os.environ["_X_AMZN_TRACE_ID"] + "\n")
    return [event, context.aws_request_id, context.memory_limit_in_mb, os.environ["OWN"]]
`)
		in.Environment = &shape.Environment{Variables: map[string]string{"OWN": "value"}}
		in.Timeout = new(int64(30))
	})
	out, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn"), Payload: []byte(`1`), LogType: new(shape.LogTypeTail)})
	if err != nil {
		t.Fatal(err)
	}
	if want := `[1, "11111111-2222-4333-8444-555555555555", "128", "value"]`; string(out.Payload) != want || out.FunctionError != nil {
		t.Errorf("result = %s, %v; want %s", out.Payload, out.FunctionError, want)
	}
	log, err := base64.StdEncoding.DecodeString(*out.LogResult)
	if err != nil || !strings.Contains(string(log), "\ngot 1\nEND RequestId: 11111111-2222-4333-8444-555555555555\nREPORT RequestId: ") {
		t.Errorf("log = %s, %v", log, err)
	}
	out, err = h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn"), Payload: []byte(`"raise"`)})
	if err != nil || value(out.FunctionError) != "Unhandled" || !strings.HasPrefix(string(out.Payload), `{"errorMessage": "no", "errorType": "ValueError", `) {
		t.Errorf("raised = %s, %v", out.Payload, err)
	}
	h.enqueue("fn", "async-1", `{"path": "`+dir+`/note"}`)
	note := h.awaitFile(dir + "/note")
	if !strings.HasPrefix(note, "async-1 Root=1-") {
		t.Errorf("note = %q", note)
	}
	_, err = h.UpdateFunctionCode(h.ctx, &shape.UpdateFunctionCodeInput{FunctionName: new("fn"), ZipFile: zipped(t, "app.py", "def run(event, context): return 'new'")})
	if err != nil {
		t.Fatal(err)
	}
	out, err = h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn")})
	if err != nil || string(out.Payload) != `"new"` {
		t.Errorf("after an update = %s, %v", out.Payload, err)
	}
}

// awaitFile returns what is in a file once there is something.
func (h *harness) awaitFile(path string) string {
	h.Helper()
	host := clock.Real()
	for end := host.Now().Add(patience); host.Now().Before(end); {
		if b, err := os.ReadFile(path); err == nil && strings.HasSuffix(string(b), "\n") {
			return string(b)
		}
		if err := clock.Sleep(h.ctx, host, time.Millisecond); err != nil {
			h.Fatal(err)
		}
	}
	h.Fatalf("no %s", path)
	return ""
}
