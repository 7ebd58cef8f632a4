package runtimeapi_test

import (
	"fmt"
	"testing"

	"stormbus/internal/function/runtimeapi"
)

func errorBody(kind, message string) string {
	return fmt.Sprintf(`{"errorMessage":%q,"errorType":%q}`, message, kind)
}

func TestEveryStateAndRequest(t *testing.T) {
	t.Parallel()
	const ok = `{"status":"OK"}`
	badID := answer{Status: 400, Body: errorBody("InvalidRequestID", "Invalid request ID")}
	accepted := answer{Status: 202, Body: ok}
	event := answer{Status: 200, Body: `{"n":1}`}
	refused := func(from, to string) answer {
		return answer{Status: 403, Body: errorBody("InvalidStateTransition",
			"State transition from "+from+" to "+to+" failed for runtime. Error: State transition is not allowed")}
	}
	blocks := answer{Status: -1}
	const sent = "RuntimeResponseSentState"
	table := map[string]map[string]answer{
		"Started": {
			"next": blocks, "response": badID, "error": badID, "other response": badID, "other error": badID,
			"init error": accepted,
		},
		"InitError": {
			"next": refused("InitError", "Ready"), "response": badID, "error": badID, "other response": badID, "other error": badID,
			"init error": refused("InitError", "InitError"),
		},
		"Ready": {
			"next": refused("Ready", "Ready"), "response": badID, "error": badID, "other response": badID, "other error": badID,
			"init error": refused("Ready", "InitError"),
		},
		"Running": {
			"next": event, "response": accepted, "error": accepted, "other response": badID, "other error": badID,
			"init error": refused("Running", "InitError"),
		},
		"InvocationResponse": {
			"next":       refused("InvocationResponse", "Ready"),
			"response":   refused("InvocationResponse", "InvocationResponse"),
			"error":      refused("InvocationResponse", "InvocationErrorResponse"),
			"init error": refused("InvocationResponse", "InitError"), "other response": badID, "other error": badID,
		},
		"InvocationErrorResponse": {
			"next":       refused("InvocationErrorResponse", "Ready"),
			"response":   refused("InvocationErrorResponse", "InvocationResponse"),
			"error":      refused("InvocationErrorResponse", "InvocationErrorResponse"),
			"init error": refused("InvocationErrorResponse", "InitError"), "other response": badID, "other error": badID,
		},
		"ResponseSent": {
			"next": blocks, "response": badID, "error": badID, "other response": badID, "other error": badID,
			"init error": refused(sent, "InitError"),
		},
	}
	requests := map[string][2]string{
		"next":           {"GET", prefix + "/invocation/next"},
		"response":       {"POST", prefix + "/invocation/one/response"},
		"error":          {"POST", prefix + "/invocation/one/error"},
		"other response": {"POST", prefix + "/invocation/two/response"},
		"other error":    {"POST", prefix + "/invocation/two/error"},
		"init error":     {"POST", prefix + "/init/error"},
	}
	for state, row := range table {
		for name, request := range requests {
			t.Run(state+"/"+name, func(t *testing.T) {
				t.Parallel()
				want, listed := row[name]
				if !listed {
					t.Fatal("the table has no such cell")
				}
				r := listen(t, runtimeapi.Config{})
				r.reach(state)
				if want.Status == blocks.Status {
					pending := r.next()
					r.send("next one")
					if got := <-pending; got.Status != 200 {
						t.Errorf("%s in %s = %d %s, want an event once there is one", name, state, got.Status, got.Body)
					}
					return
				}
				got := r.must(request[0], request[1], `{}`)
				if got.Status != want.Status || got.Body != want.Body {
					t.Errorf("%s in %s = %d %s, want %d %s", name, state, got.Status, got.Body, want.Status, want.Body)
				}
				if ct := got.header.Get("Content-Type"); ct != "application/json" {
					t.Errorf("Content-Type = %q", ct)
				}
			})
		}
	}
}
