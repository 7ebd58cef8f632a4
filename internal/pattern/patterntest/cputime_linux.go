package patterntest

import (
	"syscall"
	"time"
)

// ThreadTime returns for how long the present thread has been running, which
// says more than a clock does on a busy machine. The caller must have locked the
// goroutine to its thread. It is 0 where the system does not tell.
func ThreadTime() time.Duration {
	const thread = 1
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
