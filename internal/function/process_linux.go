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

// meter tells how much memory a process uses. It keeps the file open: opening
// it costs more than reading it, and it is read in every invocation.
type meter struct{ status *os.File }

func newMeter(pid int) meter {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return meter{} // it has just ended, or there is no /proc
	}
	return meter{status: f}
}

// read returns how many megabytes the process uses, and how many it used at
// most; zero if that cannot be told.
func (m meter) read() (now, most int) {
	if m.status == nil {
		return 0, 0
	}
	var buf [4096]byte
	n, _ := m.status.ReadAt(buf[:], 0) // io.EOF, or the process has ended
	return megabytes(buf[:n], "VmRSS:"), megabytes(buf[:n], "VmHWM:")
}

func (m meter) close() {
	if m.status != nil {
		_ = m.status.Close() // it was only read
	}
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
