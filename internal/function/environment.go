package function

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// environment is a place where one revision of a function runs. It belongs to
// one invocation or rests; whoever has it calls its methods, one at a time.
type environment struct {
	pool      *Pool
	spec      Spec
	command   command
	dir, tmp  string
	stream    string // name of its log stream
	journal   *journal
	epoch     int
	idleSince time.Time // guarded by pool.mu
	// credentials are what its processes call AWS's services with.
	credentials Credentials

	used   bool // something was started in it before
	broken bool // it must not serve again

	// mu guards what follows: Close and the Runtime API touch it too. It may
	// be taken under pool.mu.
	mu      sync.Mutex
	proc    *process // nil if none runs
	doomed  bool     // the pool is closing
	parked  bool     // the runtime has nothing to do
	resting bool     // nobody has the environment
	frozen  bool
}

// errNoEntrypoint says that the function should bring its own executable and
// does not.
var errNoEntrypoint = errors.New("the function has no bootstrap that can be run")

// boot starts the process.
func (e *environment) boot() error {
	p := e.pool
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.doomed {
		return ErrClosed
	}
	c := e.command
	c.env = p.variables(e.spec, c, e)
	proc, err := p.launcher.start(c, e.spec.CodeDir, e.park, e.journal.record)
	switch {
	case err != nil && c.own && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)):
		return errNoEntrypoint
	case err != nil:
		return &UnavailableError{e.spec.Runtime, err}
	}
	e.proc, e.parked = proc, false
	return nil
}

// shutDown ends the process, if there is one. Its output is in the journal
// afterwards. It returns how the process ended, as exitText does.
func (e *environment) shutDown() (how string, err error) {
	e.mu.Lock()
	proc := e.proc
	e.proc = nil
	e.mu.Unlock()
	if proc == nil {
		return "", nil
	}
	err = proc.close()
	return proc.exitText(), err
}

// doom kills the process for good, whoever has the environment.
func (e *environment) doom() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.doomed = true
	if e.proc != nil && !e.proc.ended() {
		signalGroup(e.proc.cmd.Process.Pid, kill)
	}
}

// park is called by the Runtime API when the runtime asks for the next
// invocation. An environment that rests by then is frozen now, one that does
// not is frozen by enterRest, or not at all if it is taken at once.
func (e *environment) park() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.parked = true
	e.freeze()
}

// enterRest is called when an invocation is over. It reports whether the
// environment can serve again.
func (e *environment) enterRest() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken || e.doomed {
		return false
	}
	e.resting = true
	e.freeze()
	return true
}

// freeze stops the process if it rests and has nothing to do, so that its
// threads stand still as on AWS. e.mu must be held.
func (e *environment) freeze() {
	if e.resting && e.parked && !e.frozen && e.proc != nil && !e.pool.cfg.NoFreeze {
		signalGroup(e.proc.cmd.Process.Pid, stop)
		e.frozen = true
	}
}

// leaveRest is called before an invocation.
func (e *environment) leaveRest() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.resting, e.parked = false, false
	if e.frozen {
		signalGroup(e.proc.cmd.Process.Pid, carry)
		e.frozen = false
	}
}

// destroy ends the process and removes the files.
func (e *environment) destroy() error {
	_, err := e.shutDown()
	e.journal.close()
	if gone := os.RemoveAll(e.dir); gone != nil {
		err = errors.Join(err, fmt.Errorf("remove the files of an environment: %w", gone))
	}
	return err
}
