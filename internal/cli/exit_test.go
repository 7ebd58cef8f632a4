package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/internal/app"
	"stormbus/internal/cli"
	"stormbus/internal/store"
)

// TestExitCodes types what cannot be meant: wrong words are told from failures
// by the exit code.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	nobody := "http://127.0.0.1:1"
	tests := []struct {
		args   string
		code   int
		stderr string
	}{
		{"fly", 2, `unknown command "fly"`},
		{"events fly", 2, `unknown command "fly"`},
		{"events tail --count -1", 2, "--count -1: want 0 or more"},
		{"events tail now", 2, `unknown command "now"`},
		{"up a b", 2, "accepts at most 1 arg(s)"},
		{"doctor a b", 2, "accepts at most 1 arg(s)"},
		{"demo x", 2, `unknown command "x"`},
		{"version x", 2, `unknown command "x"`},
		{"up --nope", 2, "unknown flag: --nope"},
		{"trace", 2, "stormbus trace wants the id of an event"},
		{"events why", 2, "stormbus events why wants the id of an event"},
		{"events why x --most 101", 2, "--most 101: want a number from 0 to 100"},
		{"events why x -o xml", 2, "want text or json"},
		{"events why x --endpoint-url " + nobody, 1, "no stormbus answers at " + nobody},
		{"trace x -o xml", 2, "want text or json"},
		{"trace x --endpoint-url " + nobody, 1, "no stormbus answers at " + nobody},
		{"store verify a b", 2, "accepts at most 1 arg(s)"},
		{"store fly", 2, `unknown command "fly"`},
		{"store backup", 2, "stormbus store backup wants the directory to make"},
		{"store verify /nowhere/at/all", 3, "there is no store"},
		{"store restore /nowhere/at/all", 3, "there is no store"},
		{"version", 0, ""},
		{`pattern test -p {"a":[1]} -e {"a":1}`, 0, ""},
		{`pattern test -p {"a":[1]} -e {"a":2}`, 1, ""},
		{`pattern test -p {"a":[]} -e {"a":2}`, 2, "Empty arrays are not allowed"},
		{`pattern test -p {"a":[1]} -e {"a":`, 2, "event is not valid JSON"},
		{`pattern test -p {"a":[1]} -e -`, 2, "--event -: there is no standard input"},
		{`pattern test -p {"a":[1]} -e x`, 2, "--event x: no such file"},
		{"pattern test", 2, "wants --pattern and --event"},
		{"pattern lint", 2, "wants at least one file"},
		{"pattern lint x", 2, "x: no such file"},
		{"pattern lint testdata/script", 2, "testdata/script: "},
		{"pattern fly", 2, `unknown command "fly"`},
		{"", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := cli.Run(t.Context(), cli.Env{Args: strings.Fields(tt.args), Stdout: &stdout, Stderr: &stderr})
			if code != tt.code || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("exit code %d, %q; want %d, %q", code, stderr.String(), tt.code, tt.stderr)
			}
		})
	}
}

// TestInterruptedStart: who interrupts a server before it is ready is not told of
// a failure.
func TestInterruptedStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, verb := range []string{"up", "demo --exit"} {
		var stdout, stderr bytes.Buffer
		args := strings.Fields(verb + " --port 0")
		if verb == "up" {
			args = append(args, t.TempDir())
		}
		code := cli.Run(ctx, cli.Env{Args: args, Stdout: &stdout, Stderr: &stderr})
		var told strings.Builder
		for line := range strings.Lines(stderr.String()) {
			if !strings.Contains(line, "level=WARN msg=\"an Update closure was slow\"") { // a busy machine's
				told.WriteString(line)
			}
		}
		if want := "stormbus: interrupted before the server was ready\n"; code != 130 || told.String() != want || stdout.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q; want 130, %q", verb, code, stdout.String(), stderr.String(), want)
		}
	}
}

// TestDamagedExitCode: damage is told from other failures.
func TestDamagedExitCode(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	db, err := store.Open(app.StoreDir(data), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, damage := range []bool{false, true} {
		if damage {
			blob := filepath.Join(app.StoreDir(data), "blobs", strings.Repeat("00", 32))
			if err := os.WriteFile(blob, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var stdout, stderr bytes.Buffer
		code := cli.Run(t.Context(), cli.Env{Args: []string{"store", "verify", data}, Stdout: &stdout, Stderr: &stderr})
		if (code == 5) != damage || (code == 0) == damage {
			t.Errorf("exit code %d with damage %v: %s%s", code, damage, &stdout, &stderr)
		}
	}
}
