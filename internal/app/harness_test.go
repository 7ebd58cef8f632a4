package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/app"
	"stormbus/internal/clock"
	"stormbus/internal/store"
	testpython "stormbus/test/python"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds tests that would hang, in host time.
const patience = 20 * time.Second

func config(dir string) app.Config {
	return app.Config{
		Host: "127.0.0.1", DataDir: dir, Durability: "process", Region: "eu-west-1", Account: "123456789012",
		Version: "1.2.3", Environ: os.Environ(), Logger: slog.New(slog.DiscardHandler),
	}
}

// server is a server that runs in this process.
type server struct {
	*app.App
	tb   testing.TB
	data string
}

// start starts a server, which is stopped when the test ends unless it was
// before.
func start(tb testing.TB, c app.Config) *server {
	tb.Helper()
	s := &server{App: app.New(c), tb: tb, data: c.DataDir}
	if err := s.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if s.App != nil {
			s.stop()
		}
	})
	return s
}

// stop stops the server as the command line does, and returns how long it took.
func (s *server) stop() time.Duration {
	s.tb.Helper()
	begin := clock.Real().Now()
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		s.tb.Errorf("Stop: %v", err)
	}
	s.App = nil
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	took := clock.Real().Now().Sub(begin)
	s.verify()
	return took
}

// verify looks at everything the server has stored: a row that app.Spaces does
// not know is a problem too.
func (s *server) verify() {
	s.tb.Helper()
	rep, err := store.Verify(context.Background(), app.StoreDir(s.data), store.Offline{Spaces: app.Spaces()})
	if err != nil || rep.Found > 0 || rep.Rows == 0 {
		s.tb.Errorf("Verify of what the server stored: %d rows, problems %v, %v", rep.Rows, rep.Problems, err)
	}
}

// post sends a request and returns the answer, which must be a good one.
func (s *server) post(path, target string, in any) map[string]any {
	s.tb.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		s.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodPost, s.URL()+path, bytes.NewReader(body))
	if err != nil {
		s.tb.Fatal(err)
	}
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
		req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	status, answer := do(s.tb, req)
	if status >= http.StatusBadRequest {
		s.tb.Fatalf("%s %s: HTTP %d %s", path, target, status, answer)
	}
	out := map[string]any{}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &out); err != nil {
			s.tb.Fatalf("%s %s: %v in %s", path, target, err, answer)
		}
	}
	return out
}

func do(tb testing.TB, req *http.Request) (status int, body []byte) {
	tb.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		tb.Fatal(err)
	}
	return resp.StatusCode, body
}

// function makes a Python function, or skips the test if there is no Python.
func (s *server) function(name, source string) {
	s.tb.Helper()
	list, err := s.Interpreters(s.tb.Context())
	if err != nil {
		s.tb.Fatal(err)
	}
	if len(list) == 0 {
		testpython.Missing(s.tb, "NO PYTHON 3.8 OR NEWER ON THIS MACHINE: functions are not run")
	}
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	f, err := w.Create("app.py")
	if err == nil {
		_, err = io.WriteString(f, source)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		s.tb.Fatal(err)
	}
	s.post("/2015-03-31/functions", "", map[string]any{
		"FunctionName": name, "Runtime": "python3.12", "Handler": "app.run", "Timeout": 60,
		"Role": "arn:aws:iam::123456789012:role/runner", "Code": map[string]any{"ZipFile": zipped.Bytes()},
	})
}

// await waits until a file has as many lines.
func await(tb testing.TB, file string, lines int) {
	tb.Helper()
	give := clock.Real().NewTimer(patience)
	defer give.Stop()
	for {
		b, err := os.ReadFile(file)
		if err == nil && strings.Count(string(b), "\n") >= lines {
			return
		}
		select {
		case <-give.C():
			tb.Fatalf("%s has %q (%v), want %d lines", filepath.Base(file), b, err, lines)
		case <-clock.Real().NewTimer(5 * time.Millisecond).C():
		}
	}
}

// async gives a function an event, and does not wait for it.
func (s *server) async(name string, event any) {
	s.tb.Helper()
	body, err := json.Marshal(event)
	if err != nil {
		s.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodPost,
		s.URL()+"/2015-03-31/functions/"+name+"/invocations", bytes.NewReader(body))
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("X-Amz-Invocation-Type", "Event")
	if status, answer := do(s.tb, req); status != http.StatusAccepted {
		s.tb.Fatalf("invoke %s: HTTP %d %s", name, status, answer)
	}
}
