package python_test

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/function/python"
	"stormbus/internal/function/runtimeapi"
)

// TestLikeAWS gives the same programs and events to AWS's own runtime client
// and to ours and compares what the outside sees.
func TestLikeAWS(t *testing.T) {
	if *ric == "" {
		t.Skip("no -ric: awslambdaric is not compared with")
	}
	out, err := exec.Command(*ric, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	if err != nil {
		t.Fatal(err)
	}
	v, ok := python.ParseName("python" + strings.TrimSpace(string(out)))
	if !ok {
		t.Fatalf("version = %q", out)
	}
	i := python.Interpreter{Path: *ric, Version: v}
	both := func(t *testing.T, p program) (theirs, ours *process) {
		aws := p
		aws.args = []string{"-m", "awslambdaric", p.handler}
		return start(t, i, aws), start(t, i, p)
	}
	t.Run("results", func(t *testing.T) {
		theirs, ours := both(t, program{files: evaluator, handler: "app.run"})
		for _, e := range expressions {
			compare(t, e.expr, theirs, ours, runtimeapi.Invocation{Payload: []byte(quote(e.expr))})
		}
		compareOutput(t, theirs, ours)
	})
	for _, b := range behaviours {
		t.Run(b.name, func(t *testing.T) {
			theirs, ours := both(t, b.program)
			if b.failsInit {
				compareOutcome(t, b.name, theirs, ours, theirs.initialized(), ours.initialized())
				if got, want := ours.exit(), theirs.exit(); got != want {
					t.Errorf("exit status = %d, AWS has %d", got, want)
				}
			}
			for _, inv := range b.invocations {
				compare(t, b.name, theirs, ours, inv)
			}
			compareOutput(t, theirs, ours)
		})
	}
}

func compare(t *testing.T, name string, theirs, ours *process, inv runtimeapi.Invocation) {
	t.Helper()
	compareOutcome(t, name, theirs, ours, theirs.send(inv), ours.send(inv))
}

func compareOutcome(t *testing.T, name string, theirs, ours *process, want, got runtimeapi.Outcome) {
	t.Helper()
	if diff := cmp.Diff(normal(theirs, string(want.Payload)), normal(ours, string(got.Payload))); diff != "" {
		t.Errorf("%s: payload (-AWS +ours):\n%s", name, diff)
	}
	if want.ContentType != got.ContentType {
		t.Errorf("%s: content type %q, AWS has %q", name, got.ContentType, want.ContentType)
	}
	if diff := cmp.Diff(causeOf(t, theirs, want), causeOf(t, ours, got)); diff != "" {
		t.Errorf("%s: cause (-AWS +ours):\n%s", name, diff)
	}
}

// causeOf is the X-Ray cause of an outcome, its list of paths in order.
func causeOf(t *testing.T, p *process, out runtimeapi.Outcome) map[string]any {
	t.Helper()
	if out.Cause == "" {
		return nil
	}
	var cause map[string]any
	if err := json.Unmarshal([]byte(normal(p, out.Cause)), &cause); err != nil {
		t.Fatal(err)
	}
	if paths, ok := cause["paths"].([]any); ok {
		slices.SortFunc(paths, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	}
	return cause
}

func compareOutput(t *testing.T, theirs, ours *process) {
	t.Helper()
	if diff := cmp.Diff(normal(theirs, theirs.output()), normal(ours, ours.output())); diff != "" {
		t.Errorf("output (-AWS +ours):\n%s", diff)
	}
}

var (
	clockTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z`)
	warning   = regexp.MustCompile(`LAMBDA_WARNING: [^>"]*`)
)

// normal takes out of a text what differs between two processes.
func normal(p *process, s string) string {
	s = strings.ReplaceAll(s, p.code, "/var/task")
	s = warning.ReplaceAllString(s, "LAMBDA_WARNING")
	return clockTime.ReplaceAllString(s, "TIME")
}
