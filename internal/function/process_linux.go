package function

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// processAttributes put a process at the head of a group of its own, and have
// it killed when this process dies.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// memory returns how many megabytes a process uses, and how many it used at
// most; zero if that cannot be told.
func memory(pid int) (now, most int) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, 0 // it has just ended
	}
	return megabytes(b, "VmRSS:"), megabytes(b, "VmHWM:")
}

// megabytes reads a line like "VmRSS:	   9000 kB", rounding up.
func megabytes(status []byte, key string) int {
	_, rest, found := bytes.Cut(status, []byte(key))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kb, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if !found || err != nil {
		return 0
	}
	return (kb + 1023) / 1024
}
