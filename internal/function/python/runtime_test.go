package python_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/clock"
	"stormbus/internal/function/python"
	"stormbus/internal/function/runtimeapi"
)

// errorBody is the document that the caller of a failed function gets.
type errorBody struct {
	ErrorMessage, ErrorType, RequestID string
	StackTrace                         []string
}

func decodeError(t *testing.T, out runtimeapi.Outcome) errorBody {
	t.Helper()
	var b errorBody
	if err := json.Unmarshal(out.Payload, &b); err != nil {
		t.Fatalf("error body %q: %v", out.Payload, err)
	}
	return b
}

func TestEvents(t *testing.T) {
	t.Parallel()
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		p := start(t, i, program{handler: "app.run", files: map[string]string{
			"app.py": "def run(event, context): return [type(event).__name__, repr(event)]",
		}})
		for event, want := range map[string]string{
			`null`:                 `["NoneType", "None"]`,
			`true`:                 `["bool", "True"]`,
			`1`:                    `["int", "1"]`,
			`1.50`:                 `["float", "1.5"]`,
			`"s"`:                  `["str", "'s'"]`,
			`[1]`:                  `["list", "[1]"]`,
			`{"a":1,"a":2}`:        `["dict", "{'a': 2}"]`,
			`[NaN, 1e400]`:         `["list", "[nan, inf]"]`,
			"\xef\xbb\xbf{}":       `["dict", "{}"]`,
			"  [ 1 , 2 ]\n":        `["list", "[1, 2]"]`,
			`"\u0041\ud83d\ude00"`: `["str", "'A` + map[bool]string{true: "😀", false: `\ud83d\ude00`}[i.Version.Minor >= 12] + `'"]`,
		} {
			if got := p.invoke(event); string(got.Payload) != want {
				t.Errorf("event %q = %s, want %s", event, got.Payload, want)
			}
		}
		for _, event := range []string{``, ` `, `{`, `{'a':1}`, `1 2`, "\xff\xff"} {
			got := decodeError(t, p.invoke(event))
			if got.ErrorType != "Runtime.UnmarshalError" || !strings.HasPrefix(got.ErrorMessage, "Unable to unmarshal input: ") {
				t.Errorf("event %q = %+v", event, got)
			}
		}
	})
}

func TestRaisedErrors(t *testing.T) {
	t.Parallel()
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		p := start(t, i, program{handler: "app.run", files: map[string]string{
			"app.py": `class Own(Exception):
    def __str__(self): return ""
class Unprintable(Exception):
    def __str__(self): raise KeyError(1)
def inner(): raise Own(1)
def run(event, context):
    if event == 1:
        raise Exception("Handler fails")
    if event == 2: inner()
    if event == 3: raise Unprintable()
    if event == 4: raise ValueError("half \ud800")
    return "still here"
`,
		}})
		file := p.code + "/app.py"
		tests := []errorBody{
			{"Handler fails", "Exception", "request-1", []string{"  File \"" + file + "\", line 8, in run\n    raise Exception(\"Handler fails\")\n"}},
			{"", "Own", "request-2", []string{
				"  File \"" + file + "\", line 9, in run\n    if event == 2: inner()\n",
				"  File \"" + file + "\", line 5, in inner\n    def inner(): raise Own(1)\n",
			}},
			{"<unprintable Unprintable object>", "Unprintable", "request-3", []string{"  File \"" + file + "\", line 10, in run\n    if event == 3: raise Unprintable()\n"}},
			{"half �", "ValueError", "request-4", []string{"  File \"" + file + "\", line 11, in run\n    if event == 4: raise ValueError(\"half \\ud800\")\n"}},
		}
		for n, want := range tests {
			out := p.invoke(string(rune('1' + n)))
			if diff := cmp.Diff(want, decodeError(t, out)); diff != "" {
				t.Errorf("event %d (-want +got):\n%s", n+1, diff)
			}
			if out.ErrorType != "Runtime.Unknown" {
				t.Errorf("event %d: error type = %q", n+1, out.ErrorType)
			}
			var cause struct {
				WorkingDirectory string `json:"working_directory"`
				Exceptions       []struct{ Type string }
				Paths            []string
			}
			if err := json.Unmarshal([]byte(out.Cause), &cause); err != nil || cause.WorkingDirectory != p.code ||
				len(cause.Exceptions) != 1 || cause.Exceptions[0].Type != want.ErrorType || !cmp.Equal(cause.Paths, []string{file}) {
				t.Errorf("event %d: cause = %s, %v", n+1, out.Cause, err)
			}
		}
		if got := p.invoke("5"); string(got.Payload) != `"still here"` {
			t.Errorf("after errors = %s", got.Payload)
		}
		want := "<17 [ERROR] Exception: Handler fails\nTraceback (most recent call last):\n" +
			"\u00a0\u00a0File \"" + file + "\", line 8, in run\n\u00a0\u00a0\u00a0\u00a0raise Exception(\"Handler fails\")>" +
			"<17 [ERROR] Own\nTraceback"
		if out := p.output(); !strings.HasPrefix(out, want) {
			t.Errorf("output = %s\nwant it to begin with %s", out, want)
		}
	})
}

func TestInitFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, handler, source string
		want                  errorBody // its message is a prefix, its trace a part of the trace
	}{
		{name: "no dot", handler: "run", want: errorBody{ErrorType: "Runtime.MalformedHandlerName", ErrorMessage: "Bad handler 'run': not enough values to unpack (expected 2, got 1)"}},
		{name: "built-in module", handler: "sys.exit", want: errorBody{ErrorType: "Runtime.BuiltInModuleConflict", ErrorMessage: "Cannot use built-in module sys as a handler module"}},
		{name: "no module", handler: "lib/other.run", want: errorBody{ErrorType: "Runtime.ImportModuleError", ErrorMessage: "Unable to import module 'lib/other': No module named 'lib'"}},
		{name: "no function", handler: "app.walk", want: errorBody{ErrorType: "Runtime.HandlerNotFound", ErrorMessage: "Handler 'walk' missing on module 'app'"}},
		{name: "import of nothing", handler: "app.run", source: "import nothing_of_that_name", want: errorBody{ErrorType: "Runtime.ImportModuleError", ErrorMessage: "Unable to import module 'app': No module named 'nothing_of_that_name'"}},
		{name: "syntax error", handler: "app.run", source: "x = (1,\ny = 2\n", want: errorBody{ErrorType: "Runtime.UserCodeSyntaxError", ErrorMessage: "Syntax error in module 'app': ", StackTrace: []string{"/app.py\" Line "}}},
		{name: "exception", handler: "app.run", source: "class Own(Exception): pass\nraise Own('at import')", want: errorBody{ErrorType: "Own", ErrorMessage: "at import", StackTrace: []string{"/app.py\", line 2, in <module>\n    raise Own('at import')\n"}}},
	}
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				p := start(t, i, program{handler: tt.handler, files: map[string]string{"app.py": tt.source}})
				got := decodeError(t, p.initialized())
				if status := p.exit(); status != 1 {
					t.Errorf("exit status = %d, want 1", status)
				}
				if got.ErrorType != tt.want.ErrorType || !strings.HasPrefix(got.ErrorMessage, tt.want.ErrorMessage) || got.RequestID != "" {
					t.Errorf("error = %+v, want %+v", got, tt.want)
				}
				trace := strings.Join(got.StackTrace, "")
				if (trace == "") != (tt.want.StackTrace == nil) || !strings.Contains(trace, strings.Join(tt.want.StackTrace, "")) {
					t.Errorf("trace = %q, want %q in it", got.StackTrace, tt.want.StackTrace)
				}
				if strings.Contains(trace, "stormbus_runtime") {
					t.Errorf("trace has frames of the runtime: %q", got.StackTrace)
				}
				out := p.output()
				if !strings.Contains(out, "LAMBDA_WARNING: ") || !strings.Contains(out, "<17 [ERROR] "+got.ErrorType+": "+got.ErrorMessage) {
					t.Errorf("output = %s", out)
				}
			})
		}
	})
}

func TestContext(t *testing.T) {
	t.Parallel()
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		p := start(t, i, program{handler: "app.run", files: map[string]string{"app.py": `
import os
def run(event, c):
    if event == "repr": return repr(c)
    client = c.client_context
    return {
        "id": c.aws_request_id, "group": c.log_group_name, "stream": c.log_stream_name, "name": c.function_name,
        "memory": c.memory_limit_in_mb, "version": c.function_version, "arn": c.invoked_function_arn, "tenant": c.tenant_id,
        "identity": [c.identity.cognito_identity_id, c.identity.cognito_identity_pool_id],
        "client": client and [client.custom, client.env, client.client and client.client.app_title],
        "left": c.get_remaining_time_in_millis(), "trace": os.environ.get("_X_AMZN_TRACE_ID"),
    }
`}})
		past := time.UnixMilli(1)
		got := p.send(runtimeapi.Invocation{
			Payload: []byte("1"), Deadline: past, FunctionARN: "arn:f:live", Trace: "Root=1-a-b;Parent=c;Sampled=1", TenantID: "t",
			Identity: `{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}`, ClientContext: `{"custom":{"a":1},"client":{"app_title":"é"}}`,
		})
		want := `{"id": "request-1", "group": "/aws/lambda/fn", "stream": "stream", "name": "fn", "memory": "128", "version": "$LATEST", "arn": "arn:f:live", ` +
			`"tenant": "t", "identity": ["i", "p"], "client": [{"a": 1}, null, "é"], "left": 0, "trace": "Root=1-a-b;Parent=c;Sampled=1"}`
		if i.Version.Minor < 12 {
			want = strings.Replace(want, "é", `\u00e9`, 1)
		}
		if diff := cmp.Diff(want, string(got.Payload)); diff != "" {
			t.Errorf("everything given (-want +got):\n%s", diff)
		}
		got = p.send(runtimeapi.Invocation{Payload: []byte("2"), Deadline: past})
		want = `{"id": "request-2", "group": "/aws/lambda/fn", "stream": "stream", "name": "fn", "memory": "128", "version": "$LATEST", "arn": "", ` +
			`"tenant": null, "identity": [null, null], "client": null, "left": 0, "trace": null}`
		if diff := cmp.Diff(want, string(got.Payload)); diff != "" {
			t.Errorf("nothing given (-want +got):\n%s", diff)
		}
		var left struct{ Left int }
		got = p.send(runtimeapi.Invocation{Payload: []byte("3"), Deadline: clock.Real().Now().Add(time.Hour)})
		if err := json.Unmarshal(got.Payload, &left); err != nil || left.Left <= 0 || left.Left > 3600_000 {
			t.Errorf("remaining time = %d, %v", left.Left, err)
		}
		got = p.invoke(`"repr"`)
		if !strings.Contains(string(got.Payload), "LambdaContext([aws_request_id=request-4,log_group_name=/aws/lambda/fn,") {
			t.Errorf("repr = %s", got.Payload)
		}
		bad := decodeError(t, p.send(runtimeapi.Invocation{Payload: []byte("5"), ClientContext: "{"}))
		if bad.ErrorType != "Runtime.LambdaContextUnmarshalError" || !strings.HasPrefix(bad.ErrorMessage, "Unable to parse Client Context JSON: ") {
			t.Errorf("bad client context = %+v", bad)
		}
	})
}

func TestLogs(t *testing.T) {
	t.Parallel()
	const text = "printed é\nto stderr\n" +
		"<03 [WARNING]\tTIME\trequest-1\ttwo\nlines é\n>" +
		"<03 [ERROR]\tTIME\trequest-1\twith extra\n>" +
		"<03 plain>" +
		"half a line|"
	const structured = "printed é\nto stderr\n" +
		`<0e {"timestamp": "TIME", "level": "INFO", "message": "info 1", "logger": "own", "requestId": "request-1"}` + "\n>" +
		`<12 {"timestamp": "TIME", "level": "WARNING", "message": "two\nlines é", "logger": "own", "requestId": "request-1"}` + "\n>" +
		`<16 {"timestamp": "TIME", "level": "ERROR", "message": "with extra", "logger": "own", "requestId": "request-1", "order": 7}` + "\n>" +
		"<03 plain>" +
		"half a line|"
	tests := []struct {
		name string
		env  map[string]string
		want string
	}{
		{name: "text", want: text},
		{
			name: "text with a level", env: map[string]string{"AWS_LAMBDA_LOG_LEVEL": "ERROR"},
			want: "printed é\nto stderr\n<17 [ERROR]\tTIME\trequest-1\twith extra\n><03 plain>half a line|",
		},
		{name: "JSON", env: map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}, want: structured},
		{
			name: "text where the locale is not UTF-8", want: text,
			env: map[string]string{"LANG": "C", "LC_CTYPE": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
		},
		{
			name: "without frames", env: map[string]string{"_LAMBDA_TELEMETRY_LOG_FD": ""},
			want: strings.NewReplacer("<03 ", "", "plain>", "plain\n", ">", "").Replace(text),
		},
	}
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				p := start(t, i, program{handler: "app.run", env: tt.env, files: map[string]string{"app.py": `
import logging, os, sys
log = logging.getLogger("own")
def run(event, context):
    print("printed é")
    sys.stderr.write("to stderr\n")
    log.info("info %s", event)
    log.warning("two\nlines é")
    log.error("with extra", extra={"order": 7})
    context.log("plain")
    sys.stdout.write("half a line")
    os.write(1, b"|")
    return "_LAMBDA_TELEMETRY_LOG_FD" in os.environ
`}})
				if got := p.invoke("1"); string(got.Payload) != "false" {
					t.Errorf("result = %s", got.Payload)
				}
				got := stamp.ReplaceAllString(p.output(), "TIME")
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
			})
		}
	})
}

var stamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z`)

func TestExits(t *testing.T) {
	t.Parallel()
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		for source, want := range map[string]int{
			"import sys; sys.exit(0)": 0,
			"import sys; sys.exit(3)": 3,
			"import os; os._exit(4)":  4,
		} {
			p := start(t, i, program{handler: "app.run", files: map[string]string{"app.py": "def run(e, c):\n    " + source}})
			if _, err := p.api.Send(runtimeapi.Invocation{RequestID: "r", Payload: []byte("1")}); err != nil {
				t.Fatal(err)
			}
			if got := p.exit(); got != want {
				t.Errorf("%s: exit status = %d, want %d", source, got, want)
			}
		}
		p := start(t, i, program{handler: "app.run", files: map[string]string{"app.py": "def run(e, c): pass"}})
		p.initialized()
		if err := p.api.Close(); err != nil {
			t.Fatal(err)
		}
		if got := p.exit(); got != 1 {
			t.Errorf("exit status without an API = %d, want 1", got)
		}
	})
}

func TestLargeResults(t *testing.T) {
	t.Parallel()
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		p := start(t, i, program{handler: "app.run", files: map[string]string{"app.py": "def run(n, c): return 'x' * n"}})
		if got := p.invoke("6291554"); len(got.Payload) != runtimeapi.MaxResponse || got.ErrorType != "" {
			t.Errorf("largest result: %d bytes, %s", len(got.Payload), got.ErrorType)
		}
		for _, n := range []string{"6291555", "20000000"} {
			if got := p.invoke(n); got.ErrorType != runtimeapi.TooLarge {
				t.Errorf("result of %s characters: %d bytes, error type %q", n, len(got.Payload), got.ErrorType)
			}
		}
		if got := p.invoke("1"); string(got.Payload) != `"x"` {
			t.Errorf("afterwards = %s", got.Payload)
		}
	})
}
