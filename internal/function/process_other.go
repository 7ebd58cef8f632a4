//go:build !unix

package function

import (
	"os"
	"syscall"
)

// The signals that an environment needs. This system has only the first one.
const (
	kill  = syscall.SIGKILL
	stop  = syscall.Signal(0)
	carry = syscall.Signal(0)
)

func processAttributes() *syscall.SysProcAttr { return nil }

func signalGroup(int, syscall.Signal) {}

func describeExit(state *os.ProcessState) string { return state.String() }

func memory(int) (now, most int) { return 0, 0 }
