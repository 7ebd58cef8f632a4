//go:build unix

package function

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// readAvailable reads until the pipe is empty or limit bytes were read, without
// waiting. It returns io.EOF at the pipe's end.
func readAvailable(pipe *os.File, buf []byte, limit int, got func([]byte)) error {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return fmt.Errorf("read output: %w", err)
	}
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for limit > 0 {
			n, err := syscall.Read(int(fd), buf)
			switch {
			case err == syscall.EINTR:
				continue
			case err == syscall.EAGAIN:
				return true
			case err != nil:
				failed = fmt.Errorf("read output: %w", err)
				return true
			case n == 0:
				failed = io.EOF
				return true
			}
			got(buf[:n])
			limit -= n
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("read output: %w", err)
	}
	return failed
}
