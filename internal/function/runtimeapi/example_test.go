package runtimeapi_test

import (
	"fmt"
	"net/http"
	"strings"

	"stormbus/internal/function/runtimeapi"
)

// A runtime asks for an invocation and posts its result.
func Example() {
	api, err := runtimeapi.Listen(runtimeapi.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer api.Close()
	defer http.DefaultClient.CloseIdleConnections()
	call, err := api.Send(runtimeapi.Invocation{RequestID: "one", Payload: []byte(`{"n": 1}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	base := "http://" + api.Addr() + "/2018-06-01/runtime/invocation/"
	next, err := http.Get(base + "next")
	if err != nil {
		fmt.Println(err)
		return
	}
	next.Body.Close()
	answer, err := http.Post(base+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", strings.NewReader(`"done"`))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer.Body.Close()
	fmt.Println(answer.StatusCode, string((<-call.Done()).Payload))
	// Output: 202 "done"
}
