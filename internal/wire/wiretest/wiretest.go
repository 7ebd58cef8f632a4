// Package wiretest runs transcripts of requests and responses against a
// handler: the tests of a service's behaviour on the wire.
//
// A transcript is a txtar archive. What stands before the first file is for
// the reader. A file "NAME.request" is sent, and what is answered must equal
// the file "NAME.response" that follows it:
//
//	The queue that is asked for does not exist.
//	-- get.request --
//	POST /
//	X-Amz-Target: AmazonSQS.GetQueueUrl
//
//	{"QueueName": "nothing"}
//	-- get.response --
//	400
//	Content-Type: application/x-amz-json-1.0
//	X-Amzn-Query-Error: AWS.SimpleQueueService.NonExistentQueue;Sender
//
//	{
//	  "__type": "com.amazonaws.sqs#QueueDoesNotExist",
//	  "message": "The specified queue does not exist."
//	}
//
// A body of CBOR is written as a string of Go, in quotes and with escapes.
//
// A request goes to http://localhost:4566. In it, ${NAME.path} stands for a
// value in the JSON or XML of an earlier response, such as ${create.QueueUrl} or
// ${receive.ReceiveMessageResult.Message.0.ReceiptHandle}, escaped in a form, and
// ${3*ab} for ababab. In a response, JSON is written with
// indentation, the headers Date, Content-Length and the request id are left
// out, and UUIDs, dates and trace ids are replaced by their kind, so that a
// transcript does not depend on when it runs.
//
// With the flag -update, the files get the responses that were answered.
package wiretest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the responses of wire transcripts anew")

// Run runs the transcripts whose file names match pattern against h, one after
// another in the order of their names.
func Run(t *testing.T, h http.Handler, pattern string) {
	t.Helper()
	RunEach(t, func(testing.TB) http.Handler { return h }, pattern)
}

// RunEach is Run with a handler of its own for each transcript.
func RunEach(t *testing.T, newHandler func(tb testing.TB) http.Handler, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no transcripts match %s", pattern)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), func(t *testing.T) {
			runFile(t, newHandler(t), file)
		})
	}
}

func runFile(t *testing.T, h http.Handler, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	recorded, problems := Transcript(h, archive)
	for _, p := range problems {
		t.Error(p)
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(file, txtar.Format(recorded), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := map[string]string{}
	for _, f := range archive.Files {
		want[f.Name] = string(f.Data)
	}
	for _, f := range recorded.Files {
		if got := string(f.Data); got != want[f.Name] {
			t.Errorf("%s: got\n%s\nwant\n%s", f.Name, indent(got), indent(want[f.Name]))
		}
		delete(want, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("%s belongs to no request", name)
	}
}

func indent(s string) string {
	return "\t" + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n\t")
}

// Transcript sends the requests of an archive to h, and returns an archive with
// the same requests and the responses that were answered, and what is wrong
// with the requests.
func Transcript(h http.Handler, archive *txtar.Archive) (recorded *txtar.Archive, problems []string) {
	recorded = &txtar.Archive{Comment: archive.Comment}
	answers := map[string]any{}
	for _, f := range archive.Files {
		name, isRequest := strings.CutSuffix(f.Name, ".request")
		if !isRequest {
			if !strings.HasSuffix(f.Name, ".response") {
				problems = append(problems, f.Name+": neither a .request nor a .response")
			}
			continue
		}
		r, err := parseRequest(string(f.Data), answers)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", f.Name, err))
			continue
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if answer := parseAnswer(w.Body.Bytes()); answer != nil {
			answers[name] = answer
		}
		recorded.Files = append(recorded.Files, f,
			txtar.File{Name: name + ".response", Data: []byte(formatResponse(w.Result(), w.Body.Bytes()))})
	}
	return recorded, problems
}

// parseRequest reads a request: a line with method and path, headers, an empty
// line, the body. The line break at the end is not part of the body.
func parseRequest(text string, answers map[string]any) (*http.Request, error) {
	text, err := substitute(text, answers)
	if err != nil {
		return nil, err
	}
	head, body, _ := strings.Cut(text, "\n\n")
	lines := bufio.NewScanner(strings.NewReader(head))
	lines.Scan()
	method, target, ok := strings.Cut(strings.TrimSpace(lines.Text()), " ")
	if !ok {
		return nil, fmt.Errorf("line %q: want a method and a path", lines.Text())
	}
	body = strings.TrimSuffix(body, "\n")
	if strings.Contains(head, cborType) {
		if body, err = strconv.Unquote(body); err != nil {
			return nil, fmt.Errorf("a body of CBOR must be a string of Go: %w", err)
		}
	}
	r, err := http.NewRequest(method, "http://localhost:4566"+target, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), ":")
		if !ok {
			return nil, fmt.Errorf("line %q: want a header", lines.Text())
		}
		value = strings.TrimSpace(value)
		r.Header.Add(name, value)
		if strings.EqualFold(name, "Host") {
			r.Host = value
		}
	}
	return r, nil
}

// What a transcript does not show: it depends on the moment, or follows from
// the rest.
var hidden = map[string]bool{
	"date": true, "content-length": true, "x-amzn-requestid": true, "x-amz-request-id": true, "x-amz-id-2": true,
}

func formatResponse(r *http.Response, body []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", r.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if hidden[strings.ToLower(name)] {
			continue
		}
		for _, value := range r.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, redact(value))
		}
	}
	switch {
	case len(body) == 0:
	case r.Header.Get("Content-Type") == cborType:
		b.WriteString("\n" + redact(strconv.Quote(string(body))) + "\n")
	default:
		b.WriteString("\n" + redact(pretty(body)) + "\n")
	}
	return b.String()
}

const cborType = "application/cbor"

// pretty indents JSON and leaves everything else.
func pretty(body []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		return strings.TrimRight(string(body), "\n")
	}
	return b.String()
}

var redactions = []struct {
	of   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)`), "<time>"},
	{regexp.MustCompile(`\b1-[0-9a-f]{8}-[0-9a-f]{24}\b`), "<trace>"},
	{regexp.MustCompile(`<HostId>[^<]*</HostId>`), "<HostId><id></HostId>"},
}

func redact(s string) string {
	for _, r := range redactions {
		s = r.of.ReplaceAllString(s, r.with)
	}
	return s
}
