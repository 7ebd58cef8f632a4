// Package harness builds the stormbus binary and runs it as a child process,
// for tests that see the product from outside.
package harness

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"stormbus/internal/cli/aws"
)

// Region and Account are what the servers of this package use.
const (
	Region  = "eu-west-1"
	Account = "123456789012"
)

// readyTime is how long a server may take to print its ready line, in host
// time. It only bounds a test that would hang.
const readyTime = 30 * time.Second

// Root returns the repository's root folder.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		panic("harness: no caller information")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Build builds the stormbus binary into dir, stripped as a release is, and
// returns its path.
func Build(dir string) (string, error) {
	out := filepath.Join(dir, "stormbus")
	if runtime.GOOS == "windows" {
		out += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "./cmd/stormbus")
	cmd.Dir = Root()
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build stormbus: %w\n%s", err, msg)
	}
	return out, nil
}

// Server is a running stormbus process.
type Server struct {
	URL     string // http://127.0.0.1:PORT
	Process *os.Process
	Stderr  *Buffer

	cmd    *exec.Cmd
	waited sync.Once
	err    error
}

var readyLine = regexp.MustCompile(`is ready at (http://\S+)`)

// Start runs `binary up` on the data directory and waits for its ready line.
// The process is killed when the test ends, unless it has ended before.
func Start(tb testing.TB, binary, data string, flags ...string) *Server {
	tb.Helper()
	args := append([]string{"up", "--port", "0", "--data", data, "--region", Region, "--account", Account}, flags...)
	s := &Server{Stderr: &Buffer{}, cmd: exec.Command(binary, args...)}
	s.cmd.Stderr = s.Stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	s.Process = s.cmd.Process
	tb.Cleanup(s.Kill)
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
				ready <- m[1]
			}
		}
		close(ready)
	}()
	timeout := time.NewTimer(readyTime)
	defer timeout.Stop()
	select {
	case url, ok := <-ready:
		if !ok {
			tb.Fatalf("the server ended before it was ready: %v\n%s", s.wait(), s.Stderr)
		}
		s.URL = url
	case <-timeout.C:
		tb.Fatalf("the server was not ready within %v\n%s", readyTime, s.Stderr)
	}
	return s
}

// Client returns a client of the server.
func (s *Server) Client() *aws.Client {
	return &aws.Client{Endpoint: s.URL, Region: Region, Account: Account}
}

// Kill ends the process at once, as kill -9 does, and waits for it.
func (s *Server) Kill() {
	// An error means that the process has ended already, which is the aim.
	_ = s.Process.Kill()
	_ = s.wait()
}

// Terminate asks the process to drain and returns how it ended.
func (s *Server) Terminate() error {
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("signal the server: %w", err)
	}
	return s.wait()
}

// Wait waits for the process to end by itself and returns how it ended.
func (s *Server) Wait() error { return s.wait() }

func (s *Server) wait() error {
	s.waited.Do(func() { s.err = s.cmd.Wait() })
	return s.err
}

// Buffer collects output; it is safe for concurrent use.
type Buffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

// Write appends p.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var _ io.Writer = (*Buffer)(nil)
