//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile waits until this process alone has the file. Closing it, or the end of
// the process, lets go.
func lockFile(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != unix.EINTR {
			return err
		}
	}
}
