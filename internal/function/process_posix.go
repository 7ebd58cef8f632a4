//go:build unix && !linux

package function

import "syscall"

// processAttributes put a process at the head of a group of its own.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// memory is not measured on this system.
func memory(int) (now, most int) { return 0, 0 }
