//go:build unix

package function_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/function"
	"stormbus/internal/function/python"
)

const counter = `
import os
n = 0
def run(event, context):
    global n
    n += 1
    return [os.getpid(), n]
`

func TestWarmEnvironments(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec(counter)
	first := s.invoke(spec, "1")
	if first.InitDuration <= 0 || first.Duration <= 0 || first.Duration > first.InitDuration+10*time.Second {
		t.Errorf("cold start: init %v, duration %v", first.InitDuration, first.Duration)
	}
	a := decode[[2]int](t, first)
	second := s.invoke(spec, "2")
	if second.InitDuration != 0 {
		t.Errorf("init duration of a warm start = %v", second.InitDuration)
	}
	if b := decode[[2]int](t, second); b != [2]int{a[0], 2} {
		t.Errorf("second invocation = %v, want process %d and count 2", b, a[0])
	}
	changed := spec
	changed.Revision = "2"
	if c := decode[[2]int](t, s.invoke(changed, "3")); c[0] == a[0] || c[1] != 1 {
		t.Errorf("invocation of another revision = %v, want a fresh process", c)
	}
	if got := s.Stats(); got != (function.Stats{Idle: 2}) {
		t.Errorf("Stats = %+v", got)
	}
	s.Retire(spec.ARN)
	if got := s.Stats(); got != (function.Stats{}) {
		t.Errorf("Stats after Retire = %+v", got)
	}
	if err := syscall.Kill(a[0], 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d after Retire: %v", a[0], err)
	}
	if d := decode[[2]int](t, s.invoke(spec, "4")); d[1] != 1 {
		t.Errorf("after Retire = %v, want a fresh process", d)
	}
}

func TestOneInvocationAtATime(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec(`
import os, time
busy = False
def run(event, context):
    global busy
    assert not busy
    busy = True
    deadline = time.time() + 30
    open(event + "." + str(os.getpid()), "w").close()
    while len([f for f in os.listdir(os.path.dirname(event)) if f.startswith("barrier.")]) < 4 and time.time() < deadline:
        time.sleep(0.005)
    busy = False
    return os.getpid()
`)
	barrier := t.TempDir() + "/barrier"
	var all sync.WaitGroup
	pids := make([]int, 4)
	for n := range pids {
		all.Go(func() {
			res, err := s.try(spec, strconv.Quote(barrier))
			if err != nil || res.FunctionError != "" {
				t.Errorf("invocation %d = %s, %v", n, res.Payload, err)
				return
			}
			pids[n], _ = strconv.Atoi(string(res.Payload))
		})
	}
	all.Wait()
	distinct := map[int]bool{}
	for _, pid := range pids {
		distinct[pid] = true
	}
	if len(distinct) != 4 {
		t.Errorf("processes = %v, want four", pids)
	}
	// The environment that was used last is used again.
	last := s.invoke(spec, strconv.Quote(barrier))
	if again := s.invoke(spec, strconv.Quote(barrier)); string(again.Payload) != string(last.Payload) {
		t.Errorf("processes of two invocations = %s, %s; want the same", last.Payload, again.Payload)
	}
}

func TestConcurrencyLimits(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *function.Config) { c.Concurrency = 2 })
	gate := t.TempDir() + "/open"
	waits := s.spec(`
import os, time
def run(event, context):
    while not os.path.exists(event): time.sleep(0.005)
`)
	one, none := 1, 0
	reserved, blocked := s.spec(counter), s.spec(counter)
	reserved.Reserved, blocked.Reserved = &one, &none
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if res, err := s.try(waits, strconv.Quote(gate)); err != nil || res.FunctionError != "" {
				t.Errorf("waiting invocation = %s, %v", res.Payload, err)
			}
		})
	}
	for s.Stats().Busy < 2 {
		pause(t)
	}
	_, err := s.try(waits, strconv.Quote(gate))
	if reason, ok := function.ThrottleReason(err); !ok || reason != function.ReasonConcurrency || !errors.Is(err, function.ErrThrottled) {
		t.Errorf("third invocation = %v", err)
	}
	if res := s.invoke(reserved, "1"); res.FunctionError != "" {
		t.Errorf("function with a reservation = %s", res.Payload)
	}
	_, err = s.try(blocked, "1")
	if reason, _ := function.ThrottleReason(err); reason != function.ReasonReserved {
		t.Errorf("function with a reservation of zero = %v", err)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if res := s.invoke(waits, strconv.Quote(gate)); res.FunctionError != "" {
		t.Errorf("after the others = %s", res.Payload)
	}
}

func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	virtual := clock.NewVirtual(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	s := open(t, func(c *function.Config) { c.Clock = virtual; c.IdleTimeout = time.Minute })
	spec := s.spec(counter)
	pid := decode[[2]int](t, s.invoke(spec, "1"))[0]
	virtual.BlockUntil(1)
	virtual.Advance(59 * time.Second)
	if got := decode[[2]int](t, s.invoke(spec, "1")); got != [2]int{pid, 2} {
		t.Errorf("after 59 s = %v, want the same process", got)
	}
	virtual.BlockUntil(1)
	virtual.Advance(time.Minute)
	for s.Stats().Idle > 0 {
		pause(t)
	}
	if got := decode[[2]int](t, s.invoke(spec, "1")); got[0] == pid {
		t.Errorf("after a minute = %v, want another process", got)
	}
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	const ticking = `
import threading, time, os
ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.001)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()
def run(event, context):
    return [os.getpid(), ticks]
`
	s := open(t, nil)
	spec := s.spec(ticking)
	pid := decode[[2]int](t, s.invoke(spec, "1"))[0]
	waitForState(t, pid, "T")
	before := decode[[2]int](t, s.invoke(spec, "1"))
	waitForState(t, pid, "T")
	_ = clock.Sleep(t.Context(), clock.Real(), 200*time.Millisecond)
	after := decode[[2]int](t, s.invoke(spec, "1"))
	// Between answer and freeze a few ticks are possible, not hundreds.
	if n := after[1] - before[1]; n > 100 {
		t.Errorf("a frozen environment made %d ticks in 200 ms", n)
	}
}

// waitForState waits until a process is in a state, as /proc tells it.
func waitForState(t *testing.T, pid int, state string) {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc: the state of a process cannot be seen")
	}
	for {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if strings.HasPrefix(rest, state) {
			return
		}
		pause(t)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	idle, busy := s.spec(counter), s.spec(`
import os, subprocess, sys, time
def run(event, context):
    child = subprocess.Popen(["sleep", "600"])
    open(event, "w").write("%d %d" % (os.getpid(), child.pid))
    os.rename(event, event + ".done")
    time.sleep(600)
`)
	pids := []int{decode[[2]int](t, s.invoke(idle, "1"))[0]}
	note := t.TempDir() + "/note"
	result := make(chan error, 1)
	go func() {
		_, err := s.Invoke(context.Background(), busy, function.Invocation{RequestID: "r", Payload: []byte(strconv.Quote(note))})
		result <- err
	}()
	for {
		if b, err := os.ReadFile(note + ".done"); err == nil {
			for f := range strings.FieldsSeq(string(b)) {
				pid, err := strconv.Atoi(f)
				if err != nil {
					t.Fatal(err)
				}
				pids = append(pids, pid)
			}
			break
		}
		pause(t)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; !errors.Is(err, function.ErrClosed) {
		t.Errorf("running invocation = %v, want ErrClosed", err)
	}
	// Nobody waits for the child of a process that was killed; on a busy machine
	// it takes a moment to notice that it is dead.
	for _, pid := range pids {
		for tries := 0; alive(pid); tries++ {
			if tries == 1000 {
				t.Fatalf("process %d is alive", pid)
			}
			pause(t)
		}
	}
	if _, err := s.try(idle, "1"); !errors.Is(err, function.ErrClosed) {
		t.Errorf("Invoke after Close = %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}

// alive reports whether a process runs. One that nobody waits for yet does
// not.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		_, rest, _ := strings.Cut(string(b), ") ")
		return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
	}
	return syscall.Kill(pid, 0) == nil
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, runtime string
		interpreters  []python.Interpreter
		want          error
	}{
		{"unknown runtime", "cobol85", interpreters(), nil},
		{"no interpreter", "python3.12", nil, python.ErrNone},
		{"interpreter that cannot be run", "python3.12", []python.Interpreter{{Path: "/does/not/exist", Version: python.Version{Major: 3, Minor: 12}}}, os.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *function.Config) { c.Interpreters = have(tt.interpreters...) })
			spec := s.spec(counter)
			spec.Runtime = tt.runtime
			_, err := s.try(spec, "1")
			var unavailable *function.UnavailableError
			if !errors.As(err, &unavailable) || unavailable.Runtime != tt.runtime || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Invoke = %v, want an UnavailableError because of %v", err, tt.want)
			}
			if got := s.Stats(); got != (function.Stats{}) {
				t.Errorf("Stats = %+v", got)
			}
		})
	}
}

// TestCredentials gives every function the credentials that are its own.
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *function.Config) {
		c.Credentials = func(f arn.ARN) (function.Credentials, error) {
			return function.Credentials{AccessKeyID: "ASIA" + f.Account, Secret: "secret", SessionToken: "token"}, nil
		}
	})
	spec := s.spec("import os\ndef run(event, context): return dict(os.environ)")
	got := decode[map[string]string](t, s.invoke(spec, "1"))
	for name, want := range map[string]string{"AWS_ACCESS_KEY_ID": "ASIA123456789012", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	refused := errors.New("no key")
	s = open(t, func(c *function.Config) {
		c.Credentials = func(arn.ARN) (function.Credentials, error) { return function.Credentials{}, refused }
	})
	if _, err := s.try(s.spec("def run(event, context): pass"), "1"); !errors.Is(err, refused) {
		t.Errorf("Invoke = %v, want the error", err)
	}
}

func TestEnvironmentVariables(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec("import os\ndef run(event, context): return dict(os.environ, CWD=os.getcwd())")
	spec.Env = map[string]string{"OWN": "value", "EMPTY": "", "LANG": "C.UTF-8", "AWS_REGION": "mine"}
	got := decode[map[string]string](t, s.invoke(spec, "1"))
	for name, want := range map[string]string{
		"_HANDLER": "app.run", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EXECUTION_ENV": "AWS_Lambda_" + spec.Runtime,
		"AWS_LAMBDA_FUNCTION_NAME": spec.Name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/" + spec.Name,
		"AWS_ACCESS_KEY_ID": "123456789012", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "LAMBDA_TASK_ROOT": spec.CodeDir, "CWD": spec.CodeDir,
		"OWN": "value", "EMPTY": "", "LANG": "C.UTF-8", "TZ": ":UTC",
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s = %q, %v; want %q", name, v, ok, want)
		}
	}
	for _, name := range []string{"AWS_LAMBDA_RUNTIME_API", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "TMPDIR", "PATH", "LAMBDA_RUNTIME_DIR"} {
		if got[name] == "" {
			t.Errorf("%s is not set", name)
		}
	}
	for _, name := range []string{"_LAMBDA_TELEMETRY_LOG_FD", "_X_AMZN_TRACE_ID", "HOME"} {
		if v, ok := got[name]; ok {
			t.Errorf("%s = %q, want it unset", name, v)
		}
	}
	if stream := got["AWS_LAMBDA_LOG_STREAM_NAME"]; !strings.Contains(stream, "/[$LATEST]") || len(stream) != len("2026/11/24/[$LATEST]")+32 {
		t.Errorf("log stream = %q", stream)
	}
}

func TestOtherVersionOfPython(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *function.Config) { c.Interpreters = have(interpreters()[0]) })
	spec := s.spec("import os, sys\ndef run(event, context): return [os.environ['AWS_EXECUTION_ENV'], '%d.%d' % sys.version_info[:2]]")
	spec.Runtime = "python3.99"
	want := []string{"AWS_Lambda_python3.99", interpreters()[0].Version.String()}
	if diff := cmp.Diff(want, decode[[]string](t, s.invoke(spec, "1"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestInterpretersTakeTime has a pool that does not know yet what functions can
// run on: invocations wait for it, and no longer than the caller or the pool.
func TestInterpretersTakeTime(t *testing.T) {
	t.Parallel()
	known := make(chan struct{})
	asked := make(chan struct{}, 3)
	s := open(t, func(c *function.Config) {
		c.Interpreters = func(ctx context.Context) ([]python.Interpreter, error) {
			asked <- struct{}{}
			select {
			case <-known:
				return interpreters(), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	})
	spec := s.spec(counter)
	invoke := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			_, err := s.Invoke(ctx, spec, function.Invocation{RequestID: "1", Payload: []byte("1")})
			done <- err
		}()
		<-asked
		return done
	}
	ctx, leave := context.WithCancel(t.Context())
	gone := invoke(ctx)
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke of a caller that left = %v", err)
	}
	one, two := invoke(t.Context()), invoke(t.Context())
	close(known)
	if err := errors.Join(<-one, <-two); err != nil {
		t.Errorf("Invoke once they are known = %v", err)
	}
}

// TestCloseWhileInterpretersAreLookedFor must not wait for the search.
func TestCloseWhileInterpretersAreLookedFor(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	s := open(t, func(c *function.Config) {
		c.Interpreters = func(ctx context.Context) ([]python.Interpreter, error) {
			close(asked)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	done := make(chan error, 1)
	go func() {
		_, err := s.Invoke(t.Context(), s.spec(counter), function.Invocation{RequestID: "1", Payload: []byte("1")})
		done <- err
	}()
	<-asked
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, function.ErrClosed) {
		t.Errorf("Invoke = %v, want ErrClosed", err)
	}
}
