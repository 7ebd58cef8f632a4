//go:build unix

package function_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/clock"
)

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// pause lets other processes go on.
func pause(t *testing.T) {
	t.Helper()
	if err := clock.Sleep(t.Context(), clock.Real(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec(`
import logging, os, subprocess, sys
print("at import")
def run(event, context):
    print("printed", event)
    logging.warning("two\nlines")
    subprocess.run(["echo", "from a child"])
    os.write(2, b"raw\n")
    sys.stdout.write("no newline")
    return event
`)
	cold, warm := s.invoke(spec, "1"), s.invoke(spec, "2")
	body := func(id, event string) string {
		return "START RequestId: " + id + " Version: $LATEST\nprinted " + event + "\n[WARNING]\tTIME\t" + id + "\ttwo\nlines\n" +
			"from a child\nraw\nno newline\nEND RequestId: " + id + "\nREPORT RequestId: " + id +
			"\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 128 MB\tMax Memory Used: N MB\t"
	}
	if diff := cmp.Diff("at import\n"+body("request-2", "1")+"Init Duration: N ms\t\n", blur(cold.Log)); diff != "" {
		t.Errorf("log of a cold start (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(body("request-3", "2")+"\n", blur(warm.Log)); diff != "" {
		t.Errorf("log of a warm start (-want +got):\n%s", diff)
	}
	var texts []string
	for _, e := range s.entries() {
		if e.Function != spec.ARN || e.Stream == "" || e.Time.IsZero() {
			t.Errorf("entry = %+v", e)
		}
		texts = append(texts, e.RequestID+": "+blur([]byte(e.Text)))
	}
	want := []string{
		"request-2: at import",
		"request-2: START RequestId: request-2 Version: $LATEST", "request-2: printed 1", "request-2: [WARNING]\tTIME\trequest-2\ttwo\nlines",
		"request-2: from a child", "request-2: raw", "request-2: no newline", "request-2: END RequestId: request-2",
	}
	if diff := cmp.Diff(want, texts[:min(len(want), len(texts))]); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

var (
	stamp  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
	amount = regexp.MustCompile(`\b\d+(\.\d\d)? (ms|MB)`)
)

// blur takes what differs from run to run out of a log.
func blur(log []byte) string {
	text := strings.ReplaceAll(stamp.ReplaceAllString(string(log), "TIME"), "128 MB", "128 M")
	return strings.ReplaceAll(amount.ReplaceAllString(text, "N $2"), "128 M\t", "128 MB\t")
}

func TestLogTail(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec(`
def run(event, context):
    for n in range(event): print("line %06d" % n)
`)
	for _, lines := range []string{"10", "1000", "30000"} {
		got := s.invoke(spec, lines)
		text := string(got.Log)
		if len(text) > 4096 || len(text) < min(4096, 100) || !strings.HasSuffix(text, "\t\n") {
			t.Errorf("log of %s lines: %d bytes, ends in %q", lines, len(text), text[max(0, len(text)-40):])
		}
		if last := "line 0"; !strings.Contains(text, last) {
			t.Errorf("log of %s lines = %s", lines, text)
		}
	}
	// Nothing was lost: 31,010 lines and four lines of the platform each.
	n := 0
	for _, e := range s.entries() {
		if strings.HasPrefix(e.Text, "line ") {
			n++
		}
	}
	if n != 31010 {
		t.Errorf("%d lines arrived, want 31010", n)
	}
}

// TestLogIsComplete invokes many times: whatever was printed before the answer
// is in the answer's log.
func TestLogIsComplete(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	spec := s.spec(`
import logging
def run(event, context):
    print("A%d" % event)
    logging.error("B%d" % event)
    print("C%d" % event, end="")
`)
	for n := range 200 {
		id := string(rune('0' + n%10))
		got := s.invoke(spec, id)
		a, b, c := strings.Index(string(got.Log), "A"+id), strings.Index(string(got.Log), "\tB"+id), strings.Index(string(got.Log), "C"+id)
		if a < 0 || b < a || c < b {
			t.Fatalf("invocation %d: log = %s", n, got.Log)
		}
	}
}
