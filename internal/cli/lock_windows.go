package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile waits until this process alone has the file. Closing it, or the end of
// the process, lets go.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, new(windows.Overlapped))
}

// unlockFile lets go of a file that is locked, and removes it, which Windows does
// only if no other process waits for it.
func unlockFile(f *os.File) {
	_ = f.Close()           // nothing was written
	_ = os.Remove(f.Name()) // one that stays is locked by whoever is next
}
