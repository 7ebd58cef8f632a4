//go:build unix

package function

import (
	"fmt"
	"os"
	"syscall"
)

// The signals that an environment needs.
const (
	kill  = syscall.SIGKILL
	stop  = syscall.SIGSTOP
	carry = syscall.SIGCONT
)

// signalGroup signals every process of the group that pid leads. A group that
// is gone needs no signal.
func signalGroup(pid int, s syscall.Signal) { _ = syscall.Kill(-pid, s) }

// describeExit tells how a process ended: "exit status 1", "signal: killed".
func describeExit(state *os.ProcessState) string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok {
		return state.String()
	}
	if status.Signaled() {
		return "signal: " + status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}
