package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/stepfunctions"
)

func TestVirtualHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]VirtualHost{
		"localhost:4566":                          {},
		"s3.localhost":                            {},
		"s3.eu-west-1.amazonaws.com":              {},
		"bucket.s3.localhost:4566":                {Kind: HostS3, Name: "bucket"},
		"bucket.s3.eu-west-1.localhost":           {Kind: HostS3, Name: "bucket", Region: "eu-west-1"},
		"my.s3.bucket.s3.us-gov-west-1.localhost": {Kind: HostS3, Name: "my.s3.bucket", Region: "us-gov-west-1"},
		"A1B2.execute-api.localhost":              {Kind: HostAPI, Name: "a1b2"},
		"a1.execute-api.eu-central-1.localhost":   {Kind: HostAPI, Name: "a1", Region: "eu-central-1"},
		"u1.lambda-url.us-east-1.localhost:4566":  {Kind: HostFunction, Name: "u1", Region: "us-east-1"},
		"a.b.lambda-url.localhost":                {},
		"execute-api.localhost":                   {},
		"[::1]:4566":                              {},
		"127.0.0.1":                               {},
	} {
		if got := virtualHost(host); got != want {
			t.Errorf("virtualHost(%s) = %+v, want %+v", host, got, want)
		}
	}
}

// TestHosts sends requests to function URLs and APIs, also such that look like
// calls of AWS's services.
func TestHosts(t *testing.T) {
	t.Parallel()
	server := NewServer(Config{
		Services: []Service{{Model: lambda.Model}},
		Hosts: map[string]http.Handler{HostFunction: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := From(r.Context())
			w.WriteHeader(http.StatusTeapot)
			_, _ = fmt.Fprint(w, q.Host.Name, " ", q.Host.Region, " ", r.URL.Path)
		})},
	})
	call := func(host string) (int, string) {
		r := httptest.NewRequest(http.MethodPost, "http://"+host+"/2015-03-31/functions?Action=x", strings.NewReader("{}"))
		r.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
		r.Header.Set("Authorization",
			"AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		body, err := io.ReadAll(w.Result().Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.Code, string(body)
	}
	if status, body := call("u1.lambda-url.eu-west-1.localhost"); status != http.StatusTeapot || body != "u1 eu-west-1 /2015-03-31/functions" {
		t.Errorf("function: %d %s", status, body)
	}
	if status, body := call("a1.execute-api.localhost"); status != http.StatusNotImplemented || !strings.Contains(body, "execute-api") {
		t.Errorf("API: %d %s", status, body)
	}
}

// TestHostPrefix has the names that clients make of localhost for operations
// that want a prefix, and names that only look like these.
func TestHostPrefix(t *testing.T) {
	t.Parallel()
	server := NewServer(Config{
		AllowedHosts: []string{"example.com"},
		Services:     []Service{{Model: stepfunctions.Model}, {Model: lambda.Model}},
	})
	for host, want := range map[string]bool{
		"sync-localhost:4566": true, "SYNC-localhost": true, "sync-sync-localhost": false, "async-localhost": false,
		"sync-example.com": false, "example.com": true, "sync-": false, "-localhost": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", nil)
		r.Host = host
		if e := server.guard(r); (e == nil) != want {
			t.Errorf("%s: %v, want it served: %t", host, e, want)
		}
	}
}
