package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"stormbus/internal/cli"
)

// TestPatternInput gives the verbs below pattern something on standard input and
// looks at the exit code.
func TestPatternInput(t *testing.T) {
	t.Parallel()
	large := `{"a": "` + strings.Repeat("x", 16<<20) + `"}`
	tests := []struct {
		name, args, stdin string
		code              int
		stdout, stderr    string
	}{
		{"event matches", `pattern test -p {"a":[1]} -e -`, `{"a": 1.0}`, 0, "match: 1 of 1 clause held", ""},
		{"event does not match", `pattern test -p {"a":[1]} -e -`, `{"a": 1.5}`, 1, "no match: 0 of 1 clause held", ""},
		{"event is too large", `pattern test -p {"a":[1]} -e -`, large, 2, "", "--event -: more than 16 MB"},
		{"event is empty", `pattern test -p {"a":[1]} -e -`, "", 2, "", "event is not valid JSON"},
		{"pattern", `pattern test -p - -e {"a":1}`, `{"a": [1]}`, 0, "match: 1 of 1 clause held", ""},
		{"only information", "pattern lint -", `{"detail": {"a": [1, {"exists": false}]}}`, 0, "errors: 0, warnings: 0, infos: 1", ""},
		{"a warning", "pattern lint -", `{"detail": {"a": [1, 1.0]}}`, 1, "errors: 0, warnings: 1, infos: 0", ""},
		{"an error", "pattern lint -", `{"details": {"a": [1]}, "source": ["x"]}`, 1, "errors: 1, warnings: 0, infos: 0", ""},
		{"no pattern", "pattern lint -", `{"a": [[]]}`, 1, "-: error not-valid", ""},
		{"no JSON", "pattern lint -", `source: x`, 2, "", "-: is not valid JSON"},
		{"control characters", "pattern lint -", `{"\u001b[2J": {"source": ["\u001b[2J", "\u001b[2J"]}}`, 1, "\uFFFD[2J: warning redundant-entry", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := cli.Run(t.Context(), cli.Env{
				Args: strings.Fields(tt.args), Stdin: strings.NewReader(tt.stdin), Stdout: &stdout, Stderr: &stderr,
			})
			if code != tt.code || !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("exit code %d, %q, %q; want %d, %q, %q", code, stdout.String(), stderr.String(), tt.code, tt.stdout, tt.stderr)
			}
			if code == 2 && stdout.Len() > 0 {
				t.Errorf("standard output of input that is not valid: %q", stdout.String())
			}
			if strings.ContainsRune(stdout.String()+stderr.String(), '\x1b') {
				t.Errorf("an escape character reaches the terminal: %q, %q", stdout.String(), stderr.String())
			}
		})
	}
}
