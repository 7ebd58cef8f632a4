package function_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/function"
)

// escapee starts a program in a session of its own, so that it is not in the
// group of the function's process.
const escapee = `
import subprocess
def run(event, context):
    return subprocess.Popen(["sleep", "1000"], start_new_session=True).pid
`

// TestCloseEndsWhatLeftItsGroup: nothing that a function started outlives the
// pool.
func TestCloseEndsWhatLeftItsGroup(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	pid := decode[int](t, s.invoke(s.spec(escapee), "1"))
	if !runs(t, pid) {
		t.Fatal("the program does not run")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, pid)
}

// TestNewEndsWhatACrashLeft: when a server is killed, the kernel kills the
// processes of its functions, but not what those started. The next one does.
func TestNewEndsWhatACrashLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left, other := leave(t, filepath.Join(dir, "pool")), leave(t, filepath.Join(dir, "another", "pool"))
	if err := os.MkdirAll(filepath.Join(dir, "pool", "env", "0123"), 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, func(c *function.Config) { c.Dir = filepath.Join(dir, "pool") })
	awaitEnd(t, left)
	if !runs(t, other) {
		t.Error("a process of another pool was ended")
	}
}

// leave starts a process as a function of the pool in dir may have done.
func leave(t *testing.T, dir string) (pid int) {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.Env = []string{"LAMBDA_RUNTIME_DIR=" + dir + "/runtime/python-0123"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been killed: that is what is tested
		_ = cmd.Wait()         // as above
	})
	return cmd.Process.Pid
}

// runs reports whether a process exists that has not ended.
func runs(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if os.IsNotExist(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return !bytes.Contains(stat, []byte(") Z "))
}

func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	give := clock.Real().NewTimer(10 * time.Second)
	defer give.Stop()
	for runs(t, pid) {
		select {
		case <-give.C():
			t.Fatalf("process %d still runs", pid)
		case <-clock.Real().NewTimer(5 * time.Millisecond).C():
		}
	}
}
