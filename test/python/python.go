// Package python finds the Python interpreters that tests run scripts with.
//
// "make test" prepares a virtual environment with pinned packages (prepare.py
// in this directory) and names its interpreter in STORMBUS_TEST_PYTHON. A bare
// "go test" works as well, with whatever python3 the machine has: what then
// cannot run is skipped by name, and never in CI.
package python

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Variable is the environment variable that names the prepared interpreter.
const Variable = "STORMBUS_TEST_PYTHON"

// Prepared returns the interpreter that has the packages of
// test/conformance/requirements.txt. Without one it skips the test, or fails it
// if CI is set.
func Prepared(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv(Variable)
	if path == "" {
		Missing(tb, fmt.Sprintf("%s is not set: \"make test\" prepares a Python with boto3 and sets it", Variable))
	}
	return path
}

// Older returns the folder of the clients of
// test/conformance/requirements-older.txt beside a prepared interpreter. First
// in PYTHONPATH, they take the place of today's.
func Older(tb testing.TB, interpreter string) string {
	tb.Helper()
	older := filepath.Join(filepath.Dir(filepath.Dir(interpreter)), "older")
	if _, err := os.Stat(filepath.Join(older, "boto3")); err != nil {
		Missing(tb, fmt.Sprintf("no older boto3 beside %s, which test/python/prepare.py makes: %v", interpreter, err))
	}
	return older
}

// Any returns the prepared interpreter or else the machine's python3, if that
// is 3.10 or newer. Without one it skips the test, or fails it if CI is set.
func Any(tb testing.TB) string {
	tb.Helper()
	if path := os.Getenv(Variable); path != "" {
		return path
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		Missing(tb, fmt.Sprintf("no python3 on this machine: %v", err))
	}
	const check = "import sys; sys.exit(sys.version_info < (3, 10))"
	if err := exec.CommandContext(tb.Context(), path, "-c", check).Run(); err != nil {
		Missing(tb, fmt.Sprintf("%s is not Python 3.10 or newer: %v", path, err))
	}
	return path
}

// Unittest runs the tests that Python's unittest discovers in dir as one Go
// test and reports what they print.
func Unittest(tb testing.TB, interpreter, dir string) {
	tb.Helper()
	UnittestFiles(tb, interpreter, dir, "test*.py")
}

// UnittestFiles is [Unittest] for the files whose names match a pattern.
func UnittestFiles(tb testing.TB, interpreter, dir, pattern string) {
	tb.Helper()
	// -B: a test run leaves no bytecode in the source tree.
	out, err := command(tb.Context(), interpreter, "-B", "-m", "unittest", "discover", "-s", dir, "-p", pattern).CombinedOutput()
	if err != nil {
		tb.Errorf("unittest in %s: %v\n%s", dir, err, out)
		return
	}
	tb.Logf("%s", out)
}

// command is a Python without the person's own AWS settings.
func command(ctx context.Context, interpreter string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, interpreter, args...)
	cmd.Env = append(os.Environ(), "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	return cmd
}

// Missing ends a test that cannot run, and says why: in CI nothing may go
// untested, so there the test fails; elsewhere a person may not have everything,
// and it is skipped.
func Missing(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatalf("%s (and in CI it must be)", why)
	}
	tb.Skipf("SKIPPED: %s", why)
}
