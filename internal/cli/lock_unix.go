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

// unlockFile lets go of a file that is locked, and removes it. It is removed while
// it is locked: afterwards it may be another process's.
func unlockFile(f *os.File) {
	_ = os.Remove(f.Name()) // one that stays is locked by whoever is next
	_ = f.Close()           // nothing was written
}
