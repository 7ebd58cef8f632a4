package python_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/clock"
	"stormbus/internal/function/python"
	"stormbus/internal/function/runtimeapi"
	testpython "stormbus/test/python"
)

// ric is an interpreter in which AWS's own runtime client (PyPI awslambdaric)
// is installed.
var ric = flag.String("ric", "", "path of a Python with awslambdaric, to compare our runtime with")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// interpreters are those of this machine.
var interpreters = sync.OnceValue(func() []python.Interpreter {
	home, _ := os.UserHomeDir() // without one, PATH has to do
	return python.Find(context.Background(), python.Search{Path: os.Getenv("PATH"), Home: home, Env: os.Environ()})
})

// eachInterpreter runs f once for every interpreter of this machine.
func eachInterpreter(t *testing.T, f func(t *testing.T, i python.Interpreter)) {
	t.Helper()
	if len(interpreters()) == 0 {
		testpython.Missing(t, "NO PYTHON 3.8 OR NEWER ON THIS MACHINE: the runtime is not tested")
	}
	for _, i := range interpreters() {
		t.Run(i.Version.String(), func(t *testing.T) {
			t.Parallel()
			f(t, i)
		})
	}
}

// program is what a process under test runs.
type program struct {
	files   map[string]string
	handler string
	env     map[string]string // wins over what a function has by default
	args    []string          // instead of our runtime
}

// process is a runtime under test.
type process struct {
	t    *testing.T
	api  *runtimeapi.Server
	cmd  *exec.Cmd
	code string // where its files are
	n    int

	out  *os.File // the end of its output that it writes to
	read chan []byte
}

// start runs p on i. Standard output, standard error and the frame descriptor
// are one pipe.
func start(t *testing.T, i python.Interpreter, p program) *process {
	t.Helper()
	if p.args == nil {
		dir, err := python.Install(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		p.args = []string{"-u", dir}
	}
	code := t.TempDir()
	for name, text := range p.files {
		path := filepath.Join(code, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	api, err := runtimeapi.Listen(runtimeapi.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &process{t: t, api: api, code: code, out: w, read: make(chan []byte, 1)}
	vars := map[string]string{
		"_HANDLER": p.handler, "LAMBDA_TASK_ROOT": code, "AWS_LAMBDA_RUNTIME_API": api.Addr(),
		"AWS_EXECUTION_ENV": "AWS_Lambda_python" + i.Version.String(), "PATH": "/usr/bin:/bin",
		"AWS_LAMBDA_FUNCTION_NAME": "fn", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/fn", "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
		"LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8", "TZ": ":UTC", "PYTHONDONTWRITEBYTECODE": "1",
		"_LAMBDA_TELEMETRY_LOG_FD": "3",
	}
	maps.Copy(vars, p.env)
	s.cmd = exec.Command(i.Path, p.args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr, s.cmd.ExtraFiles = code, w, w, []*os.File{w}
	for name, value := range vars {
		s.cmd.Env = append(s.cmd.Env, name+"="+value)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer r.Close()
		b, _ := io.ReadAll(r) // what there is until the process has ended
		s.read <- b
	}()
	t.Cleanup(func() {
		s.output()
		if err := api.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// output ends the process and returns all that it wrote, every record in
// frames as "<type byte in hex> text" on its own.
func (s *process) output() string {
	if s.out == nil {
		return ""
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // it was killed, or has ended before
	s.out.Close()
	s.out = nil
	return unframe(<-s.read)
}

func unframe(b []byte) string {
	var out strings.Builder
	for {
		i := bytes.Index(b, []byte{0xA5, 0x5A, 0x00})
		if i < 0 || len(b) < i+16 {
			out.Write(b)
			return out.String()
		}
		n := int(binary.BigEndian.Uint32(b[i+4:]))
		out.Write(b[:i])
		fmt.Fprintf(&out, "<%02x %s>", b[i+3], b[i+16:i+16+n])
		b = b[i+16+n:]
	}
}

func (s *process) invoke(event string) runtimeapi.Outcome {
	s.t.Helper()
	return s.send(runtimeapi.Invocation{Payload: []byte(event)})
}

// patience is how long a process may take before a test gives it up.
const patience = time.Minute

func (s *process) send(inv runtimeapi.Invocation) runtimeapi.Outcome {
	s.t.Helper()
	s.n++
	if inv.RequestID == "" {
		inv.RequestID = fmt.Sprintf("request-%d", s.n)
	}
	if inv.Deadline.IsZero() {
		inv.Deadline = clock.Real().Now().Add(time.Minute)
	}
	call, err := s.api.Send(inv)
	if err != nil {
		s.t.Fatal(err)
	}
	giveUp := clock.Real().NewTimer(patience)
	defer giveUp.Stop()
	for {
		select {
		case out := <-call.Done():
			return out
		case out := <-s.api.Initialized():
			if out.ErrorType != "" {
				s.t.Fatalf("initialization failed: %s\n%s", out.Payload, s.output())
			}
		case <-giveUp.C():
			s.t.Fatalf("no answer to %s\n%s", inv.Payload, s.output())
		}
	}
}

// initialized waits for the end of the initialization.
func (s *process) initialized() runtimeapi.Outcome {
	s.t.Helper()
	giveUp := clock.Real().NewTimer(patience)
	defer giveUp.Stop()
	select {
	case out := <-s.api.Initialized():
		return out
	case <-giveUp.C():
		s.t.Fatalf("initialization did not end\n%s", s.output())
		return runtimeapi.Outcome{}
	}
}

// exit waits for the process to end by itself and returns its status.
func (s *process) exit() int {
	s.t.Helper()
	done := make(chan struct{})
	go func() {
		_ = s.cmd.Wait() // the status is looked at below
		close(done)
	}()
	giveUp := clock.Real().NewTimer(patience)
	defer giveUp.Stop()
	select {
	case <-done:
	case <-giveUp.C():
		_ = s.cmd.Process.Kill()
		<-done
		s.t.Error("the process did not end by itself")
	}
	return s.cmd.ProcessState.ExitCode()
}
