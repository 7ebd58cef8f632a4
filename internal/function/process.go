package function

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"stormbus/internal/function/runtimeapi"
)

// logFD is the descriptor on which a process finds the pipe for framed log
// records: the first one behind the standard streams.
const logFD = "3"

// process is one process of an environment and its Runtime API.
type process struct {
	api    *runtimeapi.Server
	cmd    *exec.Cmd
	out    *output
	memory meter
	exited chan struct{} // closed when the process has ended and was waited for
}

// start starts a process whose output goes to emit and whose Runtime API calls
// idle when the runtime has nothing to do. Environment variables that name the
// API are added to c's.
func (l *launcher) start(c command, dir string, idle func(), emit func(record)) (_ *process, err error) {
	api, err := runtimeapi.Listen(runtimeapi.Config{Idle: idle, Log: l.log})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, api.Close())
		}
	}()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for output: %w", err)
	}
	defer w.Close()
	cmd := exec.Command(c.path, c.args...)
	cmd.Dir = dir
	cmd.Env = append(c.env, "AWS_LAMBDA_RUNTIME_API="+api.Addr(), "_LAMBDA_TELEMETRY_LOG_FD="+logFD)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = w, w, []*os.File{w}
	cmd.SysProcAttr = processAttributes()
	if err := l.run(cmd); err != nil {
		r.Close()
		return nil, err
	}
	p := &process{
		api: api, cmd: cmd, out: readOutput(r, emit), memory: newMeter(cmd.Process.Pid), exited: make(chan struct{}),
	}
	go func() {
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		signalGroup(cmd.Process.Pid, kill)
		close(p.exited)
	}()
	return p, nil
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// kill ends the process and everything in its group, and waits until it is
// gone.
func (p *process) kill() {
	if !p.ended() {
		signalGroup(p.cmd.Process.Pid, kill)
		<-p.exited
	}
}

// close ends the process and releases everything that belongs to it. What it
// wrote has been emitted when close returns.
func (p *process) close() error {
	p.kill()
	p.out.close()
	p.memory.close()
	return p.api.Close()
}

// exitText tells how the process ended in the words of AWS; it is empty if it
// simply returned.
func (p *process) exitText() string {
	state := p.cmd.ProcessState
	if state == nil || state.Success() {
		return ""
	}
	return describeExit(state)
}

// launcher starts processes on one operating system thread that lives as long
// as it does. Linux kills a process when the thread that started it ends, and
// Go's threads may end at any time.
type launcher struct {
	requests chan launch
	once     sync.Once
	log      *slog.Logger
	done     chan struct{}
}

type launch struct {
	cmd    *exec.Cmd
	result chan error
}

func newLauncher(log *slog.Logger) *launcher {
	l := &launcher{requests: make(chan launch), done: make(chan struct{}), log: log}
	go func() {
		defer close(l.done)
		runtime.LockOSThread()
		for r := range l.requests {
			r.result <- r.cmd.Start()
		}
		// Without UnlockOSThread the thread ends with this goroutine.
	}()
	return l
}

func (l *launcher) run(cmd *exec.Cmd) error {
	r := launch{cmd: cmd, result: make(chan error, 1)}
	l.requests <- r
	return <-r.result
}

// close ends the thread. All processes must have ended, and none may be
// started any more.
func (l *launcher) close() {
	l.once.Do(func() { close(l.requests) })
	<-l.done
}
