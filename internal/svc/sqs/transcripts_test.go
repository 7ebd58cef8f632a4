package sqs

import (
	"encoding/json"
	"html"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	shape "stormbus/internal/shape/sqs"
)

// exchange is one request of a transcript and its answer.
type exchange struct {
	file, name string
	protocol   string // json or query
	operation  string
	status     string
	shape      string // of an error, in JSON
	code       string // of an error, in the query protocol's form
	message    string
}

var (
	ofTarget  = regexp.MustCompile(`X-Amz-Target: AmazonSQS\.(\w+)`)
	ofAction  = regexp.MustCompile(`(?m)^Action=(\w+)|[&]Action=(\w+)`)
	ofShape   = regexp.MustCompile(`"__type": "com\.amazonaws\.sqs#(\w+)"`)
	ofHeader  = regexp.MustCompile(`X-Amzn-Query-Error: ([^;]+);`)
	ofMessage = regexp.MustCompile(`(?m)^  "message": (".*")$`)
	ofCode    = regexp.MustCompile(`<Error>.*<Code>([^<]+)</Code><Message>(.*)</Message></Error>`)
)

// exchanges reads the transcripts whose files match a pattern.
func exchanges(t *testing.T, pattern string) (out []exchange) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range archive.Files {
			name, isRequest := strings.CutSuffix(f.Name, ".request")
			if !isRequest || i+1 == len(archive.Files) {
				continue
			}
			e := exchange{file: filepath.Base(file), name: name}
			e.read(string(f.Data), string(archive.Files[i+1].Data))
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no transcripts match %s", pattern)
	}
	return out
}

func (e *exchange) read(request, answer string) {
	e.status, _, _ = strings.Cut(answer, "\n")
	if m := ofTarget.FindStringSubmatch(request); m != nil {
		e.protocol, e.operation = "json", m[1]
		e.shape, e.code = first(ofShape, answer), first(ofHeader, answer)
		_ = json.Unmarshal([]byte(first(ofMessage, answer)), &e.message) // of what has a message
		return
	}
	if m := ofAction.FindStringSubmatch(request); m != nil {
		e.protocol, e.operation = "query", m[1]+m[2]
		if m := ofCode.FindStringSubmatch(answer); m != nil {
			e.code, e.message = m[1], html.UnescapeString(m[2])
		}
	}
}

func first(of *regexp.Regexp, text string) string {
	if m := of.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func allExchanges(t *testing.T) []exchange {
	return append(exchanges(t, "testdata/*.txtar"), exchanges(t, "testdata/*/*.txtar")...)
}

// TestEveryOperationHasTranscripts: each is seen to succeed in both protocols.
func TestEveryOperationHasTranscripts(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range allExchanges(t) {
		if e.status == "200" {
			seen[e.protocol+" "+e.operation] = true
		}
	}
	for _, op := range new(Service).Operations() {
		for _, protocol := range []string{"json", "query"} {
			if !seen[protocol+" "+op.Name()] {
				t.Errorf("%s has no transcript with status 200 in the %s protocol", op.Name(), protocol)
			}
		}
	}
}

// never lists the errors of the model that stormbus does not answer, and why.
var never = map[string]string{
	"InvalidIdFormat":    "no operation of the API lists it any more",
	"InvalidSecurity":    "plain HTTP and unsigned calls are allowed",
	"KmsAccessDenied":    "keys are kept and shown, not used",
	"KmsDisabled":        "as above",
	"KmsInvalidKeyUsage": "as above",
	"KmsInvalidState":    "as above",
	"KmsNotFound":        "as above",
	"KmsOptInRequired":   "as above",
	"KmsThrottled":       "as above",
	"MessageNotInflight": "changing the visibility of a message that is visible again does nothing, as AWS does",
}

// TestEveryErrorHasTranscripts: each is seen in both protocols' forms, the shape
// with its older code in JSON and that code in XML.
func TestEveryErrorHasTranscripts(t *testing.T) {
	want := map[string]string{ // shape to older code
		"InvalidParameterValueException":    "InvalidParameterValue",
		"MissingRequiredParameterException": "MissingParameter",
	}
	for _, e := range shape.Model.Errors {
		want[e.Name] = e.Code
		if e.Code == "" {
			want[e.Name] = e.Name
		}
	}
	inJSON, inXML := map[string]string{}, map[string]bool{}
	for _, e := range allExchanges(t) {
		switch {
		case e.code == "":
		case e.protocol == "json":
			inJSON[e.shape] = e.code
		default:
			inXML[e.code] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		code := want[name]
		if _, ok := never[name]; ok {
			if inJSON[name] != "" || inXML[code] {
				t.Errorf("%s is answered; it is not to be among those that never are", name)
			}
			continue
		}
		if inJSON[name] != code {
			t.Errorf("%s: the transcripts in JSON have the code %q for it, want %q", name, inJSON[name], code)
		}
		if !inXML[code] {
			t.Errorf("%s: no transcript in the query protocol has its code %s", name, code)
		}
	}
}

// TestProtocolsAgree: the transcripts of testdata/query are those of testdata in
// the other protocol, and are answered alike.
func TestProtocolsAgree(t *testing.T) {
	byForm := map[string]exchange{}
	for _, e := range exchanges(t, "testdata/query/*.txtar") {
		byForm[e.file+" "+e.name] = e
	}
	compared := 0
	for _, e := range exchanges(t, "testdata/*.txtar") {
		switch {
		case e.file == "bad-input.txtar" || e.file == "query.txtar": // of one protocol
			continue
		case e.name == "wrong-type": // a form has no types
			continue
		}
		form, ok := byForm[e.file+" "+e.name]
		if !ok {
			t.Errorf("testdata/query/%s has no request %s", e.file, e.name)
			continue
		}
		compared++
		message := e.message
		if e.shape == "QueueDoesNotExist" {
			message = errQueueDoesNotExist().QueryMessage
		}
		if form.operation != e.operation || form.status != e.status || form.code != e.code || form.message != message {
			t.Errorf("%s, %s: by form %+v, in JSON %+v", e.file, e.name, form, e)
		}
	}
	if len(byForm) != compared {
		t.Errorf("testdata/query has %d requests, of which testdata has %d", len(byForm), compared)
	}
}
