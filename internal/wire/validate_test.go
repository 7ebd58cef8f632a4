package wire_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// send sends one request and returns the status, the code and the message.
func send(h http.Handler, r *http.Request) (status int, code, message string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var body struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		return w.Code, "", w.Body.String()
	}
	code = body.Type
	if code == "" {
		code = w.Header().Get("X-Amzn-Errortype")
	}
	return w.Code, code, body.Message
}

// target makes a request of a JSON service.
func target(name, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", name)
	return r
}

const (
	one   = "1 validation error detected: "
	two   = "2 validation errors detected: "
	fails = " failed to satisfy constraint: "
)

func TestValidation(t *testing.T) {
	t.Parallel()
	h := newServer(io.Discard)
	long := strings.Repeat("a", 65)
	entry := `PutEventsRequestEntry(time=Mon Nov 23 10:00:00 UTC 2026, source=s, resources=[r, q], detailType=null, ` +
		`detail=null, eventBusName=null, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)`
	tests := []struct{ name, target, body, want string }{
		{"all good", "AWSEvents.PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"a"}]}`, ""},
		{
			"null in a structure in a list", "AWSEvents.PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":null}]}`,
			one + "Value null at 'targets.1.member.arn'" + fails + "Member must not be null",
		},
		{
			"pattern before length", "AWSEvents.PutTargets", `{"Rule":"` + long + `!","Targets":[{"Id":"1","Arn":"a"}]}`,
			two + "Value '" + long + "!' at 'rule'" + fails + `Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; ` +
				"Value '" + long + "!' at 'rule'" + fails + "Member must have length less than or equal to 64",
		},
		{
			"several members", "AWSEvents.PutTargets", `{"Targets":[{"Id":"1","Arn":"a"},{"Id":"` + long + `","Arn":"a"}]}`,
			two + "Value null at 'rule'" + fails + "Member must not be null; " +
				"Value '" + long + "' at 'targets.2.member.id'" + fails + "Member must have length less than or equal to 64",
		},
		{
			"empty list", "AWSEvents.PutEvents", `{"Entries":[]}`,
			one + "Value '[]' at 'entries'" + fails + "Member must have length greater than or equal to 1",
		},
		{
			"structures as Java prints them", "AWSEvents.PutEvents",
			`{"Entries":[` + strings.TrimSuffix(strings.Repeat(`{"Source":"s","Time":1795428000,"Resources":["r","q"]},`, 11), ",") + `]}`,
			one + "Value '[" + strings.TrimSuffix(strings.Repeat(entry+", ", 11), ", ") + "]' at 'entries'" + fails +
				"Member must have length less than or equal to 10",
		},
		{
			"null in a list", "AWSEvents.PutEvents", `{"Entries":[{"Resources":["a",null]}]}`,
			one + "Value null at 'entries.1.member.resources.2.member'" + fails + "Member must not be null",
		},
		{
			"enumeration", "AWSEvents.PutTargets",
			`{"Rule":"r","Targets":[{"Id":"1","Arn":"a","EcsParameters":{"TaskDefinitionArn":"t","LaunchType":"MOON"}}]}`,
			one + "Value 'MOON' at 'targets.1.member.ecsParameters.launchType'" + fails +
				"Member must satisfy enum value set: [EC2, FARGATE, EXTERNAL]",
		},
		{
			"number", "AWSEvents.PutTargets",
			`{"Rule":"r","Targets":[{"Id":"1","Arn":"a","RetryPolicy":{"MaximumEventAgeInSeconds":59}}]}`,
			one + "Value '59' at 'targets.1.member.retryPolicy.maximumEventAgeInSeconds'" + fails +
				"Member must have value greater than or equal to 60",
		},
		{
			"secret values are not told", "AWSEvents.PutTargets",
			`{"Rule":"r","Targets":[{"Id":"1","Arn":"a","RedshiftDataParameters":{"Database":"d","Sql":""}}]}`,
			one + "Value at 'targets.1.member.redshiftDataParameters.sql'" + fails + "Member must have length greater than or equal to 1",
		},
		{
			"keys and values of maps", "AWSEvents.PutTargets",
			`{"Rule":"r","Targets":[{"Id":"1","Arn":"a","InputTransformer":{"InputTemplate":"t","InputPathsMap":{"!":"x"}}}]}`,
			one + "Value '{!=x}' at 'targets.1.member.inputTransformer.inputPathsMap'" + fails +
				"Map keys must satisfy constraint: [Member must have length less than or equal to 256, " +
				`Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [A-Za-z0-9\_\-]+, ` +
				"Member must not be null]",
		},
		{
			"elements of lists", "AWSEvents.PutTargets",
			`{"Rule":"r","Targets":[{"Id":"1","Arn":"a","HttpParameters":{"PathParameterValues":["x"," "]}}]}`,
			one + "Value '[x,  ]' at 'targets.1.member.httpParameters.pathParameterValues'" + fails +
				`Member must satisfy constraint: [Member must satisfy regular expression pattern: ^(?!\s*$).+, Member must not be null]`,
		},
		{
			"characters are counted, not bytes", "AWSEvents.PutTargets",
			`{"Rule":"r","Targets":[{"Id":"1","Arn":"` + strings.Repeat("ä", 1600) + `"}]}`, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, code, message := send(h, target(test.target, test.body))
			if test.want == "" {
				if status != http.StatusOK {
					t.Fatalf("%d %s: %s", status, code, message)
				}
				return
			}
			if status != http.StatusBadRequest || code != "ValidationException" {
				t.Errorf("got %d %s, want 400 ValidationException", status, code)
			}
			if message != test.want {
				t.Errorf("got  %s\nwant %s", message, test.want)
			}
		})
	}
}

func TestViolationsAreBounded(t *testing.T) {
	t.Parallel()
	body := `{"Rule":"r","Targets":[` + strings.TrimSuffix(strings.Repeat(`{},`, 99), ",") + `]}`
	_, _, message := send(newServer(io.Discard), target("AWSEvents.PutTargets", body))
	if !strings.HasPrefix(message, "100 validation errors detected: ") || strings.Count(message, ";") != 99 {
		t.Errorf("got %s", message)
	}
}
