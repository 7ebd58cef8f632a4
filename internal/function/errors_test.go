//go:build unix

package function_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/function"
)

// TestFailures is the table of what the caller sees when something goes wrong.
// In each case the function has to work again afterwards, in the same
// directory for temporary files unless its initialization failed.
func TestFailures(t *testing.T) {
	t.Parallel()
	const exit = `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: request-2 Error: `
	tests := []struct {
		name    string
		source  string // what the handler does the first time
		module  string // what the module does the first time it is imported
		timeout time.Duration
		memory  int
		want    string // the payload, or a part of it
		log     string // a part of the log
		status  string // of the report line
		fresh   bool   // the second invocation is a cold start
	}{
		{
			name: "raised", source: `raise ValueError("é")`,
			want: `"errorMessage": "é", "errorType": "ValueError", "requestId": "request-2", "stackTrace": ["  File \"`,
			log:  "[ERROR] ValueError: é\nTraceback (most recent call last):\n",
		},
		{
			name: "timeout", source: `time.sleep(60)`, timeout: 3 * time.Second, status: "timeout",
			want: `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: request-2 Error: Task timed out after 3.00 seconds"}`,
			log:  "Z request-2 Task timed out after 3.00 seconds\n\nEND",
		},
		{
			name: "busy loop", source: "while True: pass", timeout: 2500 * time.Millisecond, status: "timeout",
			want: `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: request-2 Error: Task timed out after 2.50 seconds"}`,
		},
		{
			name: "exit", source: `sys.exit()`, status: "error", want: exit + `Runtime exited without providing a reason"}`,
			log: "RequestId: request-2 Error: Runtime exited without providing a reason\nRuntime.ExitError\nEND",
		},
		{name: "hard exit", source: `os._exit(0)`, status: "error", want: exit + `Runtime exited without providing a reason"}`},
		{name: "exit status", source: `sys.exit(127)`, status: "error", want: exit + `Runtime exited with error: exit status 127"}`},
		{name: "killed", source: `os.kill(os.getpid(), 9)`, status: "error", want: exit + `Runtime exited with error: signal: killed"}`},
		{name: "segmentation fault", source: `os.kill(os.getpid(), 11)`, status: "error", want: exit + `Runtime exited with error: signal: segmentation fault"}`},
		{name: "interrupt", source: `raise KeyboardInterrupt()`, status: "error", want: exit + `Runtime exited with error: signal: interrupt"}`},
		{name: "memory", source: `x = bytearray(200 << 20); time.sleep(60)`, memory: 128, status: "error", want: exit + `Runtime exited with error: signal: killed"}`},
		{
			name: "result too large", source: `return "x" * 6291555`,
			want: `{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`,
		},
		{
			name: "raised with a large text", source: `raise ValueError("x" * (3 << 20))`,
			want: `"errorType": "ValueError", "requestId": "request-2"`,
		},
		{
			name: "raised with a text too large", source: `raise ValueError("x" * (7 << 20))`,
			want: `{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`,
		},
		{
			name: "text too large at import", module: `raise ValueError("x" * (7 << 20))`, fresh: true, status: "error",
			want: `{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`,
		},
		{
			name: "result that cannot be written", source: `return {1, 2}`,
			want: `"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError"`,
		},
		{
			name: "exception at import", module: `raise OSError("at import")`, fresh: true, status: "error",
			want: `"errorMessage": "at import", "errorType": "OSError", "requestId": "", "stackTrace": ["  File \"`,
			log:  "[ERROR] OSError: at import\nTraceback (most recent call last):\n",
		},
		{
			name: "import of nothing", module: `import nothing_of_that_name`, fresh: true, status: "error",
			want: `"errorMessage": "Unable to import module 'app': No module named 'nothing_of_that_name'", "errorType": "Runtime.ImportModuleError"`,
		},
		{name: "syntax error", module: `def`, fresh: true, status: "error", want: `"errorType": "Runtime.UserCodeSyntaxError"`},
		{name: "exit at import", module: `sys.exit(3)`, fresh: true, status: "error", want: exit + `Runtime exited with error: exit status 3"}`},
		{name: "quiet exit at import", module: `os._exit(0)`, fresh: true, status: "error", want: exit + `Runtime exited without providing a reason"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			flag := t.TempDir() + "/ok"
			source := fmt.Sprintf(`
import os, sys, tempfile, time
ok = os.path.exists(%q)
open(%q, "w").close()
if not ok:
    pass
    %s
def run(event, context):
    if event == 1:
        pass
        %s
    return [os.getpid(), tempfile.gettempdir()]
`, flag, flag, tt.module, tt.source)
			if tt.name == "syntax error" {
				source = "def"
			}
			spec := s.spec(source)
			if tt.timeout > 0 {
				spec.Timeout = tt.timeout
			}
			got := s.invoke(spec, "1")
			if got.FunctionError != function.Unhandled || got.TimedOut != (tt.status == "timeout") {
				t.Errorf("FunctionError = %q, TimedOut = %v", got.FunctionError, got.TimedOut)
			}
			if strings.HasPrefix(tt.want, "{") && tt.want != string(got.Payload) || !strings.Contains(string(got.Payload), tt.want) {
				t.Errorf("payload = %s, want %s", got.Payload, tt.want)
			}
			if !strings.Contains(string(got.Log), tt.log) {
				t.Errorf("log = %s, want %q in it", got.Log, tt.log)
			}
			if len(got.Log) < 4096 && !strings.Contains(string(got.Log), "START RequestId: request-2 Version: $LATEST\n") {
				t.Errorf("log = %s, want a START line", got.Log)
			}
			var body struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(got.Payload, &body); err != nil || body.ErrorType != got.ErrorType || body.ErrorMessage != got.ErrorMessage {
				t.Errorf("error %q, %q does not fit the payload: %v", got.ErrorType, got.ErrorMessage, err)
			}
			if m := statusField.FindSubmatch(got.Log); (m == nil) != (tt.status == "") || m != nil && string(m[1]) != tt.status {
				t.Errorf("log = %s, want status %q", got.Log, tt.status)
			}
			if tt.name == "syntax error" {
				return // its code cannot mend itself
			}
			again := s.invoke(spec, "2")
			if again.FunctionError != "" || (again.InitDuration > 0) != tt.fresh {
				t.Errorf("second time = %s, init %v; want it to work, fresh: %v", again.Payload, again.InitDuration, tt.fresh)
			}
			if third := s.invoke(spec, "3"); !cmp.Equal(third.Payload, again.Payload) {
				t.Errorf("third time = %s, want %s", third.Payload, again.Payload)
			}
		})
	}
}

var statusField = regexp.MustCompile(`\tStatus: (\w+)\t`)

// TestTemporaryFilesSurvive: a timeout or a crash replaces the process and
// nothing else; a failed initialization leaves nothing.
func TestTemporaryFilesSurvive(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec(`
import os, tempfile, time
warm = False
def run(event, context):
    global warm
    was, warm = warm, True
    path = os.path.join(tempfile.gettempdir(), "file")
    old = os.path.exists(path)
    open(path, "w").close()
    if event == "timeout": time.sleep(60)
    if event == "exit": os._exit(1)
    if event == "raise": raise Exception()
    return [was, old]
`)
	spec.Timeout = 3 * time.Second
	for _, step := range []struct{ event, want string }{
		{`"ok"`, `[false, false]`},
		{`"ok"`, `[true, true]`},
		{`"raise"`, ``},
		{`"ok"`, `[true, true]`},
		{`"timeout"`, ``},
		{`"ok"`, `[false, true]`},
		{`"exit"`, ``},
		{`"ok"`, `[false, true]`},
	} {
		if got := s.invoke(spec, step.event); step.want != "" && string(got.Payload) != step.want {
			t.Errorf("[module warm, file there] = %s, want %s", got.Payload, step.want)
		}
	}
}

func TestSlowInitialization(t *testing.T) {
	t.Parallel()
	const source = `
import os, time
flag = os.path.join(os.environ["OWN"], "again")
again = os.path.exists(flag)
open(flag, "w").close()
if not again or os.path.exists(os.path.join(os.environ["OWN"], "never")): time.sleep(60)
def run(event, context): return "done"
`
	s := open(t, func(c *function.Config) { c.InitTimeout = 2 * time.Second })
	spec := s.spec(source)
	spec.Env = map[string]string{"OWN": t.TempDir()}
	got := s.invoke(spec, "1")
	if string(got.Payload) != `"done"` || got.InitDuration != 0 {
		t.Errorf("result = %s, init %v; want the initialization to be part of the invocation", got.Payload, got.InitDuration)
	}
	if !regexp.MustCompile(`(?m)^INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: timeout$`).Match(got.Log) {
		t.Errorf("log = %s", got.Log)
	}
	never := s.spec(strings.ReplaceAll(source, "if not again or", "if True or"))
	never.Env, never.Timeout = map[string]string{"OWN": t.TempDir()}, time.Second
	if got := s.invoke(never, "1"); got.ErrorType != "Sandbox.Timedout" {
		t.Errorf("result = %s, want a timeout", got.Payload)
	}
}

func TestProcessThatEndedWhileIdle(t *testing.T) {
	t.Parallel()
	s := open(t, noFreeze)
	spec := s.spec(`
import os, threading, time
def leave():
    while not os.path.exists(os.environ["OWN"] + "/leave"): time.sleep(0.001)
    os._exit(1)
threading.Thread(target=leave, daemon=True).start()
def run(event, context): return [os.getpid(), 0]
`)
	dir := t.TempDir()
	spec.Env = map[string]string{"OWN": dir}
	pid := decode[[2]int](t, s.invoke(spec, "1"))[0]
	touch(t, dir+"/leave")
	// It is not enough that it is dead: the pool must have been told, by the wait
	// that takes it away.
	for syscall.Kill(pid, 0) == nil {
		pause(t)
	}
	pause(t)
	remove(t, dir+"/leave")
	if got := decode[[2]int](t, s.invoke(spec, "1")); got[0] == pid {
		t.Errorf("process = %d, want another one", got[0])
	}
}

func TestOwnBootstrap(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.specOf(map[string]string{"bootstrap": "#!" + interpreters()[0].Path + `
import http.client, os
host = os.environ["AWS_LAMBDA_RUNTIME_API"]
while True:
    c = http.client.HTTPConnection(host)
    c.request("GET", "/2018-06-01/runtime/invocation/next")
    r = c.getresponse()
    event, id = r.read(), r.headers["Lambda-Runtime-Aws-Request-Id"]
    c = http.client.HTTPConnection(host)
    c.request("POST", "/2018-06-01/runtime/invocation/" + id + "/response", b'{"got":' + event + b"}")
    c.getresponse().read()
`})
	spec.Runtime = "provided.al2023"
	for _, event := range []string{"1", "[2]"} {
		if got := s.invoke(spec, event); string(got.Payload) != `{"got":`+event+`}` {
			t.Errorf("result = %s (%s)", got.Payload, got.Log)
		}
	}
	empty := s.specOf(nil)
	empty.Runtime = "provided.al2023"
	got := s.invoke(empty, "1")
	if got.ErrorType != "Runtime.InvalidEntrypoint" || !strings.Contains(got.ErrorMessage, "Couldn't find valid bootstrap(s): [") {
		t.Errorf("function without a bootstrap = %s", got.Payload)
	}
}
