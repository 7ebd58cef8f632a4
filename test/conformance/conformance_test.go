package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"stormbus/test/harness"
	"stormbus/test/python"
)

var binary string // built once by TestMain, only read afterwards

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "stormbus-conformance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if binary, err = harness.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// TestBoto runs the tests in boto/ against one server.
func TestBoto(t *testing.T) {
	interpreter := python.Prepared(t)
	server := start(t)
	python.Unittest(t, interpreter, filepath.Join(harness.Root(), "test", "conformance", "boto"))
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM after the tests: %v, want exit code 0\n%s", err, server.Stderr)
	}
}

// TestBotoQuery runs the tests of SQS with the last boto3 that speaks the query
// protocol.
func TestBotoQuery(t *testing.T) {
	interpreter := python.Prepared(t)
	t.Setenv("PYTHONPATH", python.Older(t, interpreter))
	start(t)
	t.Setenv("STORMBUS_TEST_SQS_PROTOCOL", "query") // so that they see that it is what they test
	python.UnittestFiles(t, interpreter, filepath.Join(harness.Root(), "test", "conformance", "boto"), "test_sqs*.py")
}

// start starts a server and points the environment of AWS SDKs at it.
func start(t *testing.T, flags ...string) *harness.Server {
	t.Helper()
	server := harness.Start(t, binary, t.TempDir(), flags...)
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL":      server.URL,
		"AWS_ACCESS_KEY_ID":     harness.Account,
		"AWS_SECRET_ACCESS_KEY": "stormbus",
		"AWS_DEFAULT_REGION":    harness.Region,
	} {
		t.Setenv(key, value)
	}
	for _, key := range []string{"AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(key, "") // so that the test puts the person's own value back
		os.Unsetenv(key)
	}
	return server
}
