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
