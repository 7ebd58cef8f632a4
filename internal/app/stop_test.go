package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStopCutsFunctionsOff stops a server while a function runs for longer than
// that may take. It is not an error, and the event is not lost.
func TestStopCutsFunctionsOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	c := config(filepath.Join(dir, "data"))
	s := start(t, c)
	s.function("sleeper", `
import time
def run(event, context):
    with open(event, "a") as f: f.write(context.aws_request_id + "\n")
    time.sleep(50)
`)
	s.async("sleeper", seen)
	await(t, seen, 1)
	if took := s.stop(); took > 9*time.Second {
		t.Errorf("Stop took %v", took)
	}
	start(t, c)
	await(t, seen, 2)
	b, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(string(b))
	if ids[0] != ids[1] {
		t.Errorf("runs = %v, want the same request twice", ids)
	}
}
