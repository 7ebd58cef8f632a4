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

// meter would tell how much memory a process uses, which is not measured on this
// system.
type meter struct{}

func newMeter(int) meter { return meter{} }

func (meter) read() (now, most int) { return 0, 0 }

func (meter) close() {}
