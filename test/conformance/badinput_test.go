package conformance

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	awsclient "stormbus/internal/cli/aws"
	"stormbus/internal/wire"
	"stormbus/test/harness"
)

// refusal is a request that no AWS client would send, and what AWS answers.
type refusal struct {
	name    string
	request call
	status  int
	code    string
	message string
}

// call is one raw HTTP request. Its service goes into the signature's scope.
type call struct {
	method, path    string // POST and / if empty
	service, target string
	form            bool
	body            string
}

func events(operation, body string) call {
	return call{service: "events", target: "AWSEvents." + operation, body: body}
}

func sqs(operation, body string) call {
	return call{service: "sqs", target: "AmazonSQS." + operation, body: body}
}

func lambda(method, path, body string) call {
	return call{service: "lambda", method: method, path: "/2015-03-31/functions" + path, body: body}
}

func query(service, body string) call { return call{service: service, form: true, body: body} }

// TestBadInput sends what is wrong in every way that issue 2 lists and checks the
// answers to the letter. Then the server must work as before, and what it had
// acknowledged must be there, even after it was killed.
func TestBadInput(t *testing.T) {
	data := t.TempDir()
	server := harness.Start(t, binary, data)
	client := server.Client()
	url := server.URL + "/" + harness.Account + "/seats"
	deploySeats(t, client)
	acknowledged := []string{publish(t, client, "before")}

	for _, tc := range slices.Concat(malformed(), unknown(url), wrongTypes(url), tooLarge()) {
		t.Run(tc.name, func(t *testing.T) { tc.check(t, server.URL) })
	}

	acknowledged = append(acknowledged, publish(t, client, "after"))
	server.Kill()
	server = harness.Start(t, binary, data)
	client, url = server.Client(), server.URL+"/"+harness.Account+"/seats"
	acknowledged = append(acknowledged, publish(t, client, "after the kill"))
	if diff := cmp.Diff(slices.Sorted(slices.Values(acknowledged)), receiveIDs(t, client, url, len(acknowledged))); diff != "" {
		t.Errorf("events that arrived (-acknowledged +received):\n%s", diff)
	}
	if err := server.Terminate(); err != nil {
		t.Errorf("SIGTERM: %v, want exit code 0\n%s", err, server.Stderr)
	}
}

// malformed are bodies that cannot be read.
func malformed() []refusal {
	const notJSON = "The request body is not valid JSON: "
	bad := func(name, body, message string) refusal {
		return refusal{name, events("DescribeEventBus", body), 400, "SerializationException", message}
	}
	return []refusal{
		bad("cut off", `{"Name":`, notJSON+"unexpected end at offset 8."),
		bad("text", `hello`, notJSON+"unexpected character 'h' at offset 0."),
		bad("more behind it", `{} x`, notJSON+"unexpected character 'x' at offset 3."),
		bad("not UTF-8", "{\"Name\":\"\xff\"}", notJSON+"a string that is not UTF-8 at offset 11."),
		bad("list", `[]`, "Start of list found where not expected."),
		bad("too deep", strings.Repeat(`{"a":`, 600)+"1"+strings.Repeat("}", 600), notJSON+"nesting is deeper than 512 levels at offset 2560."),
		{
			"malformed for SQS", sqs("SendMessage", `{`), 400, "SerializationException",
			notJSON + "unexpected end at offset 1.",
		},
		{
			"malformed for Lambda", lambda(http.MethodPost, "", `{`), 400, "SerializationException",
			notJSON + "unexpected end at offset 1.",
		},
		{
			"not a form", query("sts", "Action=%zz"), 400, "MalformedInput",
			`The request body is not a form: invalid URL escape "%zz"`,
		},
	}
}

// unknown are operations and resources that do not exist, or not here.
func unknown(url string) []refusal {
	const missing = "/nothing/invocations"
	function := "arn:aws:lambda:" + harness.Region + ":" + harness.Account + ":function:nothing"
	return []refusal{
		{"operation", events("Frobnicate", `{}`), 400, "UnknownOperationException", "The service events has no operation Frobnicate."},
		{"operation of SQS", sqs("Frobnicate", `{}`), 400, "UnknownOperationException", "The service sqs has no operation Frobnicate."},
		{
			"operation of Lambda",
			call{service: "lambda", path: "/2015-03-31/frobs"},
			404, "UnknownOperationException",
			"No operation of an AWS service is at POST /2015-03-31/frobs.",
		},
		{"operation of STS", query("sts", "Action=Frobnicate"), 400, "InvalidAction", "Could not find operation Frobnicate for version "},
		{
			"target of the new event bus",
			call{service: "events", target: "AWSEventsV2.PutEvents", body: `{}`},
			400,
			"UnknownOperationException", "The target 'AWSEventsV2.PutEvents' belongs to no service.",
		},
		{"operation not built", events("CreateArchive", `{}`), 501, "NotImplemented", "The operation events.CreateArchive is not implemented by stormbus."},
		{
			"operation of Lambda not built", lambda(http.MethodPost, "/f/aliases", `{}`), 501, "NotImplemented",
			"The operation lambda.CreateAlias is not implemented by stormbus.",
		},
		{"operation of STS not built", query("sts", "Action=AssumeRole"), 501, "NotImplemented", "The operation sts.AssumeRole is not implemented by stormbus."},
		{
			"nothing for SQS by query", query("sqs", "Action=SendMessage&Version=2012-11-05"), 400, "MissingParameter",
			"The request must contain the parameter QueueUrl.",
		},
		{"service not built", call{service: "dynamodb", target: "DynamoDB_20120810.ListTables"}, 501, "NotImplemented", "The operation dynamodb.ListTables is not implemented by stormbus."},
		{"rule", events("DescribeRule", `{"Name":"nothing"}`), 400, "ResourceNotFoundException", "Rule nothing does not exist on EventBus default."},
		{
			"rule of targets", events("PutTargets", `{"Rule":"nothing","Targets":[{"Id":"t","Arn":"`+function+`"}]}`), 400,
			"ResourceNotFoundException", "Rule nothing does not exist on EventBus default.",
		},
		{"event bus", events("DescribeEventBus", `{"Name":"nothing"}`), 400, "ResourceNotFoundException", "Event bus nothing does not exist."},
		{"queue", sqs("GetQueueUrl", `{"QueueName":"nothing"}`), 400, "QueueDoesNotExist", "The specified queue does not exist."},
		{"queue of a message", sqs("SendMessage", `{"QueueUrl":"`+url+`-not","MessageBody":"x"}`), 400, "QueueDoesNotExist", "The specified queue does not exist."},
		{"receipt", sqs("DeleteMessage", `{"QueueUrl":"`+url+`","ReceiptHandle":"x"}`), 400, "ReceiptHandleIsInvalid", `The input receipt handle "x" is not a valid receipt handle.`},
		{"function", lambda(http.MethodGet, "/nothing", ""), 404, "ResourceNotFoundException", "Function not found: " + function},
		{"function that is invoked", lambda(http.MethodPost, missing, `{}`), 404, "ResourceNotFoundException", "Function not found: " + function},
	}
}

// wrongTypes are bodies that are JSON, but not what the model says.
func wrongTypes(url string) []refusal {
	bad := func(name, body, message string) refusal {
		return refusal{name, events("PutEvents", body), 400, "SerializationException", message}
	}
	const number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	return []refusal{
		bad("boolean for text", `{"Entries":[{"Source":true}]}`, "class java.lang.Boolean can not be converted to an String"),
		bad("number for text", `{"Entries":[{"Source":1}]}`, number+" can not be converted to an String"),
		bad("object for text", `{"Entries":[{"Source":{}}]}`, "Start of structure or map found where not expected."),
		bad("list for text", `{"Entries":[{"Source":["s"]}]}`, "Start of list found where not expected."),
		{
			"text for number", sqs("ReceiveMessage", `{"QueueUrl":"`+url+`","MaxNumberOfMessages":"1"}`), 400, "SerializationException",
			"class java.lang.String can not be converted to an Integer",
		},
		{
			"text for number of Lambda", lambda(http.MethodPost, "", `{"FunctionName":"f","Timeout":"3"}`), 400, "SerializationException",
			"class java.lang.String can not be converted to an Integer",
		},
		{
			"nothing that is needed", events("PutRule", `{}`), 400, "ValidationException",
			"1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
		},
		{
			"no entries", events("PutEvents", `{"Entries":[]}`), 400, "ValidationException",
			"1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
		},
		{
			"pattern", events("PutRule", `{"Name":"r","EventPattern":"{\"source\":1}"}`), 400, "InvalidEventPatternException",
			"Event pattern is not valid. Reason: \"source\" must be an object or an array\n at [Source: (String)\"{\"source\":1}\"; line: 1, column: 12]",
		},
	}
}

// tooLarge are bodies beyond the limit.
func tooLarge() []refusal {
	const ofEvents, ofLambda = 8 << 20, wire.DefaultMaxBody
	message := func(limit int, operation string) string {
		return fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", limit, operation)
	}
	large, larger := strings.Repeat(" ", ofEvents+1), strings.Repeat(" ", ofLambda+1)
	return []refusal{
		{"body too large", events("PutEvents", large), 413, "RequestEntityTooLargeException", message(ofEvents, "PutEvents")},
		{
			"body of Lambda too large", lambda(http.MethodPost, "", larger), 413, "RequestEntityTooLargeException",
			message(ofLambda, "CreateFunction"),
		},
	}
}

// check sends the request and compares the answer.
func (tc refusal) check(t *testing.T, endpoint string) {
	t.Helper()
	r, err := tc.request.build(t, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get("X-Amzn-Requestid") == "" {
		t.Error("the answer has no request id")
	}
	code, message := errorIn(t, resp, body)
	type answer struct {
		Status        int
		Code, Message string
	}
	want := answer{tc.status, tc.code, tc.message}
	if diff := cmp.Diff(want, answer{resp.StatusCode, code, message}); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func (c call) build(t *testing.T, endpoint string) (*http.Request, error) {
	t.Helper()
	method, path := c.method, c.path
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/"
	}
	r, err := http.NewRequestWithContext(t.Context(), method, endpoint+path, strings.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	if c.form {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.target != "" {
		r.Header.Set("X-Amz-Target", c.target)
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20261124/%s/%s/aws4_request, SignedHeaders=host, Signature=00",
		harness.Account, harness.Region, c.service))
	return r, nil
}

// errorIn reads an error in any of the protocols.
func errorIn(t *testing.T, resp *http.Response, body []byte) (code, message string) {
	t.Helper()
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/xml") {
		var answer struct {
			Error struct{ Code, Message string }
		}
		if err := xml.Unmarshal(body, &answer); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		return answer.Error.Code, answer.Error.Message
	}
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&answer); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if answer.Type == "" {
		answer.Type = resp.Header.Get("X-Amzn-Errortype")
	}
	return answer.Type[strings.LastIndexByte(answer.Type, '#')+1:], answer.Message
}

// deploySeats makes a queue and a rule that sends it every event of the cinema.
func deploySeats(t *testing.T, client *awsclient.Client) {
	t.Helper()
	queue := "arn:aws:sqs:" + harness.Region + ":" + harness.Account + ":seats"
	for _, err := range []error{
		client.JSON(t.Context(), "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "seats"}, nil),
		client.JSON(t.Context(), "events", "AWSEvents.PutRule", map[string]any{"Name": "held", "EventPattern": `{"source":["cinema"]}`}, nil),
		client.JSON(t.Context(), "events", "AWSEvents.PutTargets", map[string]any{
			"Rule": "held", "Targets": []map[string]string{{"Id": "seats", "Arn": queue}},
		}, nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// publish publishes an event of the cinema and returns its id.
func publish(t *testing.T, client *awsclient.Client, kind string) string {
	t.Helper()
	var answer struct {
		FailedEntryCount int
		Entries          []struct{ EventId string }
	}
	err := client.JSON(t.Context(), "events", "AWSEvents.PutEvents", map[string]any{
		"Entries": []map[string]string{{"Source": "cinema", "DetailType": kind, "Detail": "{}"}},
	}, &answer)
	if err == nil && answer.FailedEntryCount > 0 {
		err = errors.New("the entry failed")
	}
	if err != nil {
		t.Fatalf("publish %s: %v", kind, err)
	}
	return answer.Entries[0].EventId
}

// receiveIDs receives and deletes messages until n events have arrived, some
// perhaps twice, and returns their ids in order.
func receiveIDs(t *testing.T, client *awsclient.Client, url string, n int) []string {
	t.Helper()
	ids := map[string]bool{}
	for len(ids) < n {
		var answer struct {
			Messages []struct{ Body, ReceiptHandle string }
		}
		err := client.JSON(t.Context(), "sqs", "AmazonSQS.ReceiveMessage",
			map[string]any{"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20}, &answer)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Messages) == 0 {
			break // nothing came for twenty seconds: the comparison tells what is missing
		}
		for _, m := range answer.Messages {
			var event struct{ ID string }
			if err := json.Unmarshal([]byte(m.Body), &event); err != nil {
				t.Fatal(err)
			}
			ids[event.ID] = true
			if err := client.JSON(t.Context(), "sqs", "AmazonSQS.DeleteMessage",
				map[string]any{"QueueUrl": url, "ReceiptHandle": m.ReceiptHandle}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}
