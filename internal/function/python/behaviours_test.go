package python_test

import (
	"strconv"
	"time"

	"stormbus/internal/function/runtimeapi"
)

// behaviours are programs whose effects AWS's runtime client and ours share.
var behaviours = []struct {
	name        string
	program     program
	failsInit   bool
	invocations []runtimeapi.Invocation
}{
	{
		name: "errors", program: program{handler: "app.run", files: map[string]string{"app.py": `
import json
class Own(Exception): pass
class Silent(Exception):
    def __str__(self): return ""
def inner(): raise Own("from inside")
def run(event, context):
    if event == 1: raise Exception("Handler fails")
    if event == 2: inner()
    if event == 3: raise Silent()
    if event == 4: raise KeyError("k")
    if event == 5:
        try: inner()
        except Own as e: raise ValueError("second") from e
    if event == 6: json.loads("{")
    if event == 7: raise ValueError("two\nlines  é 😀")
    if event == 8: return [].append
    if event == 9: (1 /
        0)
    if event == 10: raise Own("a", 1)
    if event == 11: eval("1 +", {})
    if event == 12: import nothing_of_that_name
    return event
`}},
		invocations: numbered(12),
	},
	{
		name: "odd events", program: program{handler: "app.run", files: map[string]string{"app.py": `
def run(event, context): return [type(event).__name__, repr(event)]
`}},
		// The texts about malformed JSON are the parser's: AWS's names more
		// positions, and not all of its versions accept NaN.
		invocations: payloads(`null`, `true`, `1`, `1.5`, `"s"`, `[]`, `{}`, `{"a":1,"a":2}`,
			"\xef\xbb\xbf{}", ``, ` `, `{"a":}`, "\xff\xff", `"\ud800"`),
	},
	{
		name: "context", program: program{handler: "app.run", files: map[string]string{"app.py": `
import os
def run(event, context):
    i, c = context.identity, context.client_context
    return {
        "id": context.aws_request_id, "group": context.log_group_name, "stream": context.log_stream_name,
        "name": context.function_name, "memory": context.memory_limit_in_mb, "version": context.function_version,
        "arn": context.invoked_function_arn, "tenant": context.tenant_id,
        "identity": [i.cognito_identity_id, i.cognito_identity_pool_id],
        "client": c and [c.custom, c.env, c.client and [c.client.installation_id, c.client.app_title,
            c.client.app_version_name, c.client.app_version_code, c.client.app_package_name]],
        "left": context.get_remaining_time_in_millis() if event == "left" else -1,
        "trace": os.environ.get("_X_AMZN_TRACE_ID"), "kinds": [type(context.memory_limit_in_mb).__name__, type(context.get_remaining_time_in_millis()).__name__],
    }
`}},
		invocations: []runtimeapi.Invocation{
			{Payload: []byte(`1`), FunctionARN: "arn:aws:lambda:us-east-1:000000000000:function:fn:live", Trace: "Root=1-a-b;Parent=c;Sampled=1"},
			{Payload: []byte(`2`)},
			{Payload: []byte(`"left"`), Deadline: time.UnixMilli(1)},
			{Payload: []byte(`3`), TenantID: "tenant", Identity: `{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}`},
			{Payload: []byte(`4`), ClientContext: `{"custom":{"a":1},"env":{"b":"2"},"client":{"installation_id":"i","app_title":"t","app_version_name":"n","app_version_code":"c","app_package_name":"p"}}`},
			{Payload: []byte(`5`), ClientContext: `{"client":{"app_title":"t"}}`},
			{Payload: []byte(`6`), ClientContext: `{}`},
			{Payload: []byte(`7`), ClientContext: `{`},
			{Payload: []byte(`8`), Identity: `{`},
		},
	},
	{
		name: "text log", program: program{handler: "app.run", files: map[string]string{"app.py": logging}},
		invocations: numbered(1),
	},
	{
		name: "text log with a level", program: program{handler: "app.run", files: map[string]string{"app.py": logging}, env: map[string]string{"AWS_LAMBDA_LOG_LEVEL": "DEBUG"}},
		invocations: numbered(2),
	},
	{
		name: "JSON log", program: program{handler: "app.run", files: map[string]string{"app.py": logging}, env: map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "TRACE"}},
		invocations: append(numbered(2), runtimeapi.Invocation{Payload: []byte("1"), TenantID: "tenant"}),
	},
	{
		name: "JSON log without a level", program: program{handler: "app.run", files: map[string]string{"app.py": logging}, env: map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON"}},
		invocations: numbered(1),
	},
	{name: "no dot", failsInit: true, program: program{handler: "run", files: map[string]string{"app.py": "def run(e, c): pass"}}},
	{name: "built-in module", failsInit: true, program: program{handler: "sys.exit"}},
	{name: "no module", failsInit: true, program: program{handler: "app.run"}},
	{name: "no function", failsInit: true, program: program{handler: "app.walk", files: map[string]string{"app.py": "def run(e, c): pass"}}},
	{name: "import of nothing", failsInit: true, program: program{handler: "app.run", files: map[string]string{"app.py": "import nothing_of_that_name"}}},
	{name: "syntax error", failsInit: true, program: program{handler: "app.run", files: map[string]string{"app.py": "x = 1\ndef run(e, c:\n    pass\n"}}},
	{name: "indentation error", failsInit: true, program: program{handler: "app.run", files: map[string]string{"app.py": "def run(e, c):\npass\n"}}},
	{name: "exception at import", failsInit: true, program: program{handler: "app.run", files: map[string]string{"app.py": "class Own(Exception): pass\nraise Own('at import')"}}},
	{
		name: "JSON log of a failed init", failsInit: true,
		program: program{handler: "app.run", files: map[string]string{"app.py": "1 / 0"}, env: map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON"}},
	},
	{
		name: "module in a directory", program: program{handler: "src/app.run", files: map[string]string{"src/app.py": "def run(e, c): return __name__"}},
		invocations: numbered(1),
	},
	{
		name: "module in a package", program: program{handler: "src.app.run", files: map[string]string{"src/app.py": "def run(e, c): return __name__"}},
		invocations: numbered(1),
	},
}

// logging is a handler that logs in many ways.
const logging = `
import logging, sys
log = logging.getLogger("own")
log.warning("at import")
def run(event, context):
    print("printed", event)
    sys.stderr.write("to stderr\n")
    log.debug("debug")
    log.info("info %s", event)
    log.warning("two\nlines é")
    log.error("with extra", extra={"order": 7, "odd": {1}})
    log.critical({"a": 1})
    log.log(25, "in between")
    logging.getLogger().warning("root")
    context.log("plain")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("caught")
    if event == 2: raise ValueError("uncaught")
`

// numbered are invocations with the events 1 to n.
func numbered(n int) []runtimeapi.Invocation {
	var list []runtimeapi.Invocation
	for i := 1; i <= n; i++ {
		list = append(list, runtimeapi.Invocation{Payload: []byte(strconv.Itoa(i))})
	}
	return list
}

func payloads(events ...string) []runtimeapi.Invocation {
	var list []runtimeapi.Invocation
	for _, e := range events {
		list = append(list, runtimeapi.Invocation{Payload: []byte(e)})
	}
	return list
}
