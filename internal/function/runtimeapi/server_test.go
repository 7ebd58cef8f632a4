package runtimeapi_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"stormbus/internal/function/runtimeapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const prefix = "/2018-06-01/runtime"

// rig is a Runtime API and a client that plays the runtime.
type rig struct {
	*runtimeapi.Server
	t      *testing.T
	client *http.Client
}

func listen(t *testing.T, cfg runtimeapi.Config) *rig {
	t.Helper()
	s, err := runtimeapi.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{Server: s, t: t, client: &http.Client{Transport: transport}}
}

type answer struct {
	Status int
	Body   string
	header http.Header
}

func (r *rig) do(ctx context.Context, method, path string, body io.Reader, header ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+r.Addr()+path, body)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{Status: resp.StatusCode, Body: string(b), header: resp.Header}, err
}

func (r *rig) must(method, path, body string, header ...string) answer {
	r.t.Helper()
	a, err := r.do(r.t.Context(), method, path, strings.NewReader(body), header...)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// next asks for an invocation in the background.
func (r *rig) next() <-chan answer {
	out := make(chan answer, 1)
	go func() {
		if a, err := r.do(r.t.Context(), "GET", prefix+"/invocation/next", nil); err == nil {
			out <- a
		}
		close(out)
	}()
	return out
}

func (r *rig) send(id string) *runtimeapi.Call {
	r.t.Helper()
	c, err := r.Send(runtimeapi.Invocation{RequestID: id, Payload: []byte(`{"n":1}`), Deadline: time.UnixMilli(1500)})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// reach brings a fresh server into a state. The state Running and what follows
// it concern the invocation "one".
func (r *rig) reach(state string) {
	r.t.Helper()
	switch state {
	case "Started":
	case "InitError":
		r.must("POST", prefix+"/init/error", `{}`)
	case "Ready":
		r.next()
		<-r.Initialized()
	case "Running":
		r.send("one")
		<-r.next()
	case "InvocationResponse", "InvocationErrorResponse":
		r.reach("Running")
		what := map[string]string{"InvocationResponse": "response", "InvocationErrorResponse": "error"}[state]
		half := r.raw("POST " + prefix + "/invocation/one/" + what + " HTTP/1.1\r\nHost: " + r.Addr() +
			"\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
		// The server asks for the body when it has begun to read it.
		if line, err := bufio.NewReader(half).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			r.t.Fatalf("answer to Expect = %q, %v", line, err)
		}
	case "ResponseSent":
		r.reach("Running")
		r.must("POST", prefix+"/invocation/one/response", `1`)
	default:
		r.t.Fatalf("no such state: %s", state)
	}
}

func (r *rig) raw(request string) net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.Addr())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		r.t.Fatal(err)
	}
	return conn
}

func TestInvocationHeaders(t *testing.T) {
	t.Parallel()
	r := listen(t, runtimeapi.Config{})
	_, err := r.Send(runtimeapi.Invocation{
		RequestID: "id-1", Payload: []byte("[]"), Deadline: time.UnixMilli(1234), FunctionARN: "arn:f",
		Trace: "Root=1;Parent=2", ClientContext: `{"custom":{}}`, Identity: `{"a":1}`, TenantID: "t",
	})
	if err != nil {
		t.Fatal(err)
	}
	got := <-r.next()
	want := map[string]string{
		"Content-Type":                        "application/json",
		"Lambda-Runtime-Aws-Request-Id":       "id-1",
		"Lambda-Runtime-Deadline-Ms":          "1234",
		"Lambda-Runtime-Invoked-Function-Arn": "arn:f",
		"Lambda-Runtime-Trace-Id":             "Root=1;Parent=2",
		"Lambda-Runtime-Client-Context":       `{"custom":{}}`,
		"Lambda-Runtime-Cognito-Identity":     `{"a":1}`,
		"Lambda-Runtime-Aws-Tenant-Id":        "t",
	}
	have := map[string]string{}
	for name := range want {
		have[name] = got.header.Get(name)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if got.Body != "[]" {
		t.Errorf("body = %q", got.Body)
	}
	r.must("POST", prefix+"/invocation/id-1/response", "1")
	r.send("id-2")
	bare := <-r.next()
	for _, absent := range []string{"Trace-Id", "Client-Context", "Cognito-Identity", "Aws-Tenant-Id", "Invoked-Function-Arn"} {
		if v, ok := bare.header["Lambda-Runtime-"+absent]; ok {
			t.Errorf("header Lambda-Runtime-%s = %q, want none", absent, v)
		}
	}
}

func TestInitError(t *testing.T) {
	t.Parallel()
	r := listen(t, runtimeapi.Config{})
	got := r.must("POST", prefix+"/init/error", `{"errorType":"X"}`, "Lambda-Runtime-Function-Error-Type", "Runtime.ImportModuleError")
	if got.Status != 202 {
		t.Errorf("status = %d", got.Status)
	}
	want := runtimeapi.Outcome{Payload: []byte(`{"errorType":"X"}`), ContentType: "application/json", ErrorType: "Runtime.ImportModuleError"}
	if diff := cmp.Diff(want, <-r.Initialized()); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

func TestClientThatGaveUpAsksAgain(t *testing.T) {
	t.Parallel()
	r := listen(t, runtimeapi.Config{})
	conn := r.raw("GET " + prefix + "/invocation/next HTTP/1.1\r\nHost: " + r.Addr() + "\r\n\r\n")
	<-r.Initialized()
	conn.Close()
	r.send("one")
	// Until the server reads the end of the first connection, a second request
	// is one too many. The invocation may even have been written to the dead
	// connection: then it is handed out again.
	for {
		got := <-r.next()
		if got.Status == 200 {
			return
		}
		if got.Status != 403 {
			t.Fatalf("answer = %+v", got)
		}
	}
}

func TestSendIsForOneAtATime(t *testing.T) {
	t.Parallel()
	r := listen(t, runtimeapi.Config{})
	c := r.send("one")
	if _, err := r.Send(runtimeapi.Invocation{RequestID: "two"}); err != runtimeapi.ErrBusy {
		t.Errorf("second Send = %v, want ErrBusy", err)
	}
	if !r.Withdraw(c) {
		t.Error("an invocation that nobody fetched could not be withdrawn")
	}
	c = r.send("three")
	<-r.next()
	if r.Withdraw(c) {
		t.Error("an invocation under way was withdrawn")
	}
	if _, err := r.Send(runtimeapi.Invocation{RequestID: "four"}); err != runtimeapi.ErrBusy {
		t.Errorf("Send while running = %v, want ErrBusy", err)
	}
}

func TestIdleIsCalledWhenTheRuntimeHasNothingToDo(t *testing.T) {
	t.Parallel()
	idle := make(chan struct{}, 1)
	r := listen(t, runtimeapi.Config{Idle: func() { idle <- struct{}{} }})
	r.send("one")
	<-r.next()
	r.must("POST", prefix+"/invocation/one/response", "1")
	select {
	case <-idle:
		t.Fatal("Idle was called before the runtime asked for the next invocation")
	default:
	}
	r.next()
	<-idle
}

func TestOnlyTheProcessMayAsk(t *testing.T) {
	t.Parallel()
	r := listen(t, runtimeapi.Config{})
	if got := r.must("GET", "/2018-06-01/ping", ""); got.Status != 200 || got.Body != "pong" {
		t.Errorf("ping = %+v", got)
	}
	if got := r.must("GET", "/2018-06-01/ping", "", "Origin", "http://example.com"); got.Status != 403 {
		t.Errorf("request of a web page = %+v", got)
	}
	conn := r.raw("GET /2018-06-01/ping HTTP/1.1\r\nHost: rebound.example.com:" + strconv.Itoa(80) + "\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("request with a foreign Host = %d", resp.StatusCode)
	}
	for _, path := range []string{"/runtime/restore/next", "/nothing"} {
		if got := r.must("GET", "/2018-06-01"+path, ""); got.Status != 404 {
			t.Errorf("GET %s = %+v", path, got)
		}
	}
}
