//go:build unix

package function_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/function"
	"stormbus/internal/function/python"
	testpython "stormbus/test/python"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var interpreters = sync.OnceValue(func() []python.Interpreter {
	home, _ := os.UserHomeDir() // without one, PATH has to do
	return python.Find(context.Background(), python.Search{Path: os.Getenv("PATH"), Home: home, Env: os.Environ()})
})

// have is how a pool learns of interpreters that are known.
func have(list ...python.Interpreter) func(context.Context) ([]python.Interpreter, error) {
	return func(context.Context) ([]python.Interpreter, error) { return list, nil }
}

// stage is a pool and a place for the code of functions.
type stage struct {
	*function.Pool
	tb  testing.TB
	dir string
	n   atomic.Int64

	mu  sync.Mutex // guards log
	log []function.Entry
}

func open(tb testing.TB, change func(*function.Config)) *stage {
	tb.Helper()
	if len(interpreters()) == 0 {
		testpython.Missing(tb, "NO PYTHON 3.8 OR NEWER ON THIS MACHINE: functions are not tested")
	}
	s := &stage{tb: tb, dir: tb.TempDir()}
	cfg := function.Config{
		Dir: filepath.Join(s.dir, "pool"), Interpreters: have(interpreters()...), EndpointURL: "http://127.0.0.1:4566", Path: "/usr/bin:/bin",
		Clock: clock.Real(), Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Output: func(e function.Entry) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.log = append(s.log, e)
		},
	}
	if change != nil {
		change(&cfg)
	}
	p, err := function.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.Pool = p
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
		left, err := os.ReadDir(filepath.Join(s.dir, "pool", "env"))
		if err != nil && !os.IsNotExist(err) || len(left) > 0 {
			tb.Errorf("environments left behind: %v, %v", left, err)
		}
	})
	return s
}

func (s *stage) entries() []function.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]function.Entry(nil), s.log...)
}

// spec describes a Python function whose code is app.py and whose handler is
// app.run.
func (s *stage) spec(source string) function.Spec {
	s.tb.Helper()
	return s.specOf(map[string]string{"app.py": source})
}

func (s *stage) specOf(files map[string]string) function.Spec {
	s.tb.Helper()
	n := s.n.Add(1)
	dir := filepath.Join(s.dir, "code", strconv.FormatInt(n, 10))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.tb.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			s.tb.Fatal(err)
		}
	}
	name := "fn" + strconv.FormatInt(n, 10)
	return function.Spec{
		ARN:  arn.Scope{Region: "eu-west-1", Account: "123456789012"}.Function(name, ""),
		Name: name, Version: "$LATEST", Revision: "1", Runtime: "python" + interpreters()[0].Version.String(), Handler: "app.run",
		Timeout: 30 * time.Second, MemoryMB: 128, CodeDir: dir,
	}
}

func (s *stage) invoke(spec function.Spec, payload string) function.Result {
	s.tb.Helper()
	res, err := s.try(spec, payload)
	if err != nil {
		s.tb.Fatalf("invoke with %s: %v", payload, err)
	}
	return res
}

func (s *stage) try(spec function.Spec, payload string) (function.Result, error) {
	return s.Invoke(s.tb.Context(), spec, function.Invocation{
		RequestID: "request-" + strconv.FormatInt(s.n.Add(1), 10), Payload: []byte(payload), InvokedARN: spec.ARN.String(),
	})
}

// decode reads a result.
func decode[T any](tb testing.TB, res function.Result) T {
	tb.Helper()
	var v T
	if err := json.Unmarshal(res.Payload, &v); err != nil || res.FunctionError != "" {
		tb.Fatalf("result = %s (%s), %v", res.Payload, res.FunctionError, err)
	}
	return v
}

func noFreeze(c *function.Config) { c.NoFreeze = true }
