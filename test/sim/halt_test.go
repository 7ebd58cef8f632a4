package sim

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"stormbus/internal/cli/aws"
	"stormbus/test/harness"
)

// exitHalted is the code of a server that could not make a commit durable.
const exitHalted = 70

// TestHaltedServerEndsWithItsOwnCode takes the store's directory away from a
// running server, so that it cannot begin its next log: from some moment on
// nothing is acknowledged any more, and the process ends with a code that tells
// its supervisor why.
func TestHaltedServerEndsWithItsOwnCode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove the files of a running process")
	}
	data := t.TempDir()
	server := harness.Start(t, binary, data)
	deploy(t, server.Client())
	if _, err := put(server.Client()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(data, "store", "db")); err != nil {
		t.Fatal(err)
	}
	big := map[string]any{"Source": "load", "DetailType": "Tick", "Detail": `{"x":"` + strings.Repeat("x", 200_000) + `"}`}
	failed := false
	for range 500 { // more than the largest log holds
		var out struct {
			FailedEntryCount int
			Entries          []struct{ EventId, ErrorCode string }
		}
		err := server.Client().JSON(context.Background(), "events", "AWSEvents.PutEvents", map[string]any{"Entries": []any{big}}, &out)
		var answered *aws.Error
		broke := err != nil && !errors.As(err, &answered)
		refused := err != nil || out.FailedEntryCount > 0
		if failed && !refused {
			t.Fatal("an event was acknowledged after one had been refused")
		}
		if failed = refused; broke {
			break
		}
	}
	if !failed {
		t.Fatal("the server acknowledged 100 MB without a disk")
	}
	var exit *exec.ExitError
	if err := server.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitHalted {
		t.Errorf("the server ended with %v, want exit code %d:\n%s", err, exitHalted, server.Stderr)
	}
}
