package wire_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

// TestGuard sends what browsers send for pages of other sites.
func TestGuard(t *testing.T) {
	t.Parallel()
	server := wire.NewServer(wire.Config{
		Services:     []wire.Service{{Model: sqs.Model}},
		AllowedHosts: []string{"Bus.Example"},
		CrossSite:    func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/open/") },
		Internal:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
	})
	const passes = ""
	for name, test := range map[string]struct {
		method, host, path string
		header             []string
		refused            string // part of the message
	}{
		"no browser":                   {refused: passes},
		"its own page":                 {header: []string{"Origin", "http://LOCALHOST:4566", "Sec-Fetch-Site", "same-origin"}, refused: passes},
		"typed by a person":            {header: []string{"Sec-Fetch-Site", "none"}, refused: passes},
		"an allowed name":              {host: "bus.example:4566", refused: passes},
		"an allowed name with a dot":   {host: "BUS.example.", refused: passes},
		"another name":                 {host: "bus.example.evil.test", refused: "The host name 'bus.example.evil.test' is not served here"},
		"no name":                      {host: "-", refused: "is not served here"},
		"no name but all addresses":    {host: "0.0.0.0:4566", refused: "is not served here"},
		"another site":                 {header: []string{"Origin", "https://evil.test"}, refused: "Requests from the site 'https://evil.test' are refused."},
		"another port":                 {header: []string{"Origin", "http://localhost:3000"}, refused: "Requests from the site 'http://localhost:3000' are refused."},
		"a page without a site":        {header: []string{"Origin", "null"}, refused: "Requests from the site 'null' are refused."},
		"a picture on another site":    {header: []string{"Sec-Fetch-Site", "cross-site"}, refused: "(Sec-Fetch-Site: cross-site)"},
		"a picture on a sister's site": {header: []string{"Sec-Fetch-Site", "same-site"}, refused: "(Sec-Fetch-Site: same-site)"},
		"a preflight": {
			method: http.MethodOptions, header: []string{"Origin", "https://evil.test", "Access-Control-Request-Method", "DELETE"},
			refused: "Pages of the site 'https://evil.test' may not send DELETE requests",
		},
		"where other sites may": {path: "/open/", header: []string{"Origin", "https://evil.test", "Sec-Fetch-Site", "cross-site"}, refused: passes},
		"where other sites may, by another name": {
			path: "/open/", host: "evil.test", header: []string{"Origin", "https://evil.test"}, refused: "is not served here",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method := test.method
			if method == "" {
				method = http.MethodPost
			}
			r := newRequest(method, "/"+strings.TrimPrefix(test.path, "/"), "", test.header...)
			if test.host != "" {
				r.Host = strings.TrimPrefix(test.host, "-")
			}
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			if guarded := w.Code == http.StatusForbidden; guarded != (test.refused != passes) || !strings.Contains(w.Body.String(), test.refused) {
				t.Errorf("HTTP %d %s, want %q", w.Code, w.Body, test.refused)
			}
			for name := range w.Header() {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("the answer has the header %s", name)
				}
			}
		})
	}
}

// TestOwnPathsAreAtTheServersHost keeps pages of buckets and functions away from
// what is the server's.
func TestOwnPathsAreAtTheServersHost(t *testing.T) {
	t.Parallel()
	server := wire.NewServer(wire.Config{
		Services: []wire.Service{{Model: sqs.Model}},
		Internal: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
	})
	for host, own := range map[string]bool{
		"localhost:4566": true, "bus.localhost": true, "127.0.0.1": true,
		"pages.s3.localhost:4566": false, "f.lambda-url.eu-west-1.localhost": false, "a.execute-api.localhost": false,
	} {
		r := newRequest(http.MethodGet, "/_stormbus/api/events", "")
		r.Host = host
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if got := w.Code == http.StatusTeapot; got != own {
			t.Errorf("%s: HTTP %d, the server's own: %t, want %t", host, w.Code, got, own)
		}
	}
}
