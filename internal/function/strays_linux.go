package function

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// killStrays ends the processes that functions of the pool in dir started and
// that are not in the groups of their environments any more: they left them, or
// an earlier server was killed, and its environments with it.
//
// They are known by their environment, which they inherited. No process is
// looked at that belongs to somebody else: reading that is not permitted.
func killStrays(dir string) error {
	mark := []byte("LAMBDA_RUNTIME_DIR=" + filepath.Join(dir, runtimes) + "/")
	// What a process starts before it is killed is found by the next round.
	for range maxRounds {
		killed, err := killMarked(mark)
		if err != nil || killed == 0 {
			return err
		}
	}
	return errors.New("processes of functions start others faster than they can be ended")
}

// maxRounds is how often killStrays looks for more.
const maxRounds = 20

// killMarked kills every process that has mark at the beginning of an
// environment variable, and counts them.
func killMarked(mark []byte) (killed int, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, fmt.Errorf("look for processes of functions: %w", err)
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() || !marked(pid, mark) {
			continue
		}
		// Once there is a handle of the process its id cannot become that of
		// another one, so what is asked again is what is killed.
		p, err := os.FindProcess(pid)
		if err != nil {
			continue // it has ended
		}
		if marked(pid, mark) && p.Kill() == nil {
			killed++
		}
		_ = p.Release() // the handle is not used any more
	}
	return killed, nil
}

func marked(pid int, mark []byte) bool {
	// A process that has ended, or is somebody else's, cannot be read.
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && (bytes.HasPrefix(env, mark) || bytes.Contains(env, append([]byte{0}, mark...)))
}
