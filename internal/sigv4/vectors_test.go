package sigv4_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/rogpeppe/go-internal/txtar"

	"stormbus/internal/clock"
	"stormbus/internal/sigv4"
	"stormbus/internal/telemetry"
)

// keyring is a few keys.
type keyring map[string]sigv4.Credentials

// Credentials finds a key.
func (k keyring) Credentials(id string) (sigv4.Credentials, bool) { c, ok := k[id]; return c, ok }

// verifier has one key, at one time.
func verifier(c sigv4.Credentials, now time.Time) *sigv4.Verifier {
	return &sigv4.Verifier{Keys: keyring{c.AccessKeyID: c}, Clock: clock.NewVirtual(now)}
}

// verify verifies a request as the wire does, body and all.
func verify(v *sigv4.Verifier, r *http.Request) ([]byte, error) {
	s, signed, err := sigv4.Parse(r)
	if err != nil {
		return nil, err
	}
	if !signed {
		return nil, sigv4.Missing("")
	}
	hash, declared := sigv4.PayloadHash(r, &s)
	if !declared {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if _, err := v.Verify(r, &s, sigv4.HashPayload(body)); err != nil {
			return nil, err
		}
		return body, nil
	}
	proof, err := v.Verify(r, &s, hash)
	if err != nil {
		return nil, err
	}
	body, err := sigv4.OpenBody(r, proof)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(body)
}

const (
	exampleKey    = "AKIAIOSFODNN7EXAMPLE"
	exampleSecret = telemetry.Redacted("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
)

// TestSuiteOfAWS verifies the requests of AWS's own test suite.
func TestSuiteOfAWS(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/aws-signing-test-suite.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) < 16 {
		t.Fatalf("there are only %d cases", len(archive.Files))
	}
	for _, file := range archive.Files {
		t.Run(file.Name, func(t *testing.T) {
			t.Parallel()
			c := sigv4.Credentials{AccessKeyID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
			r := readRequest(t, file.Data)
			c.SessionToken = telemetry.Redacted(r.Header.Get("X-Amz-Security-Token"))
			if _, err := verify(verifier(c, time.Date(2015, 8, 30, 12, 40, 0, 0, time.UTC)), r); err != nil {
				t.Error(err)
			}
		})
	}
}

// readRequest reads a request as the suite writes them: its paths may hold what
// HTTP does not allow.
func readRequest(t *testing.T, text []byte) *http.Request {
	t.Helper()
	reader := bufio.NewReader(bytes.NewReader(text))
	line, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	method, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	target := strings.TrimSuffix(rest, " HTTP/1.1")
	header, err := textproto.NewReader(reader).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(target, "?")
	return &http.Request{
		Method: method, RequestURI: target, URL: &url.URL{Path: "/", RawQuery: query}, Host: header.Get("Host"),
		Header: http.Header(header), Body: io.NopCloser(bytes.NewReader(bytes.TrimSuffix(body, []byte("\n")))),
	}
}

// TestBotocore verifies requests that botocore has signed.
func TestBotocore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/botocore.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Method, URL, Body string
		Headers                 map[string]string
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) < 9 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(c.Method, c.URL, strings.NewReader(c.Body))
			r.RequestURI = strings.TrimPrefix(c.URL, "http://localhost:4566")
			for name, value := range c.Headers {
				r.Header.Set(name, value)
			}
			key := sigv4.Credentials{AccessKeyID: exampleKey, Secret: exampleSecret}
			if strings.Contains(c.Name, "token") {
				key.SessionToken = "session+token/of=botocore"
			}
			body, err := verify(verifier(key, time.Date(2026, 11, 24, 8, 0, 10, 0, time.UTC)), r)
			if err != nil || string(body) != c.Body {
				t.Errorf("verify = %q, %v", body, err)
			}
		})
	}
}

// TestGoSDK verifies requests that the Go SDK signs.
func TestGoSDK(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	key := sigv4.Credentials{AccessKeyID: exampleKey, Secret: exampleSecret, SessionToken: "token=="}
	credentials := awssdk.Credentials{AccessKeyID: exampleKey, SecretAccessKey: string(exampleSecret), SessionToken: "token=="}
	for _, c := range []struct{ service, method, target, body string }{
		{"events", http.MethodPost, "/", `{"Entries":[]}`},
		{"sts", http.MethodPost, "/", "Action=GetCallerIdentity"},
		{"lambda", http.MethodGet, "/2015-03-31/functions/arn%3Aaws%3Alambda/x?Marker=a%2Bb+c&A=&b=1&b=0", ""},
		{"s3", http.MethodPut, "/bucket/a%20b//c/%C3%BC%2B~.txt?x=%2F", "hello"},
	} {
		for _, presign := range []bool{false, true} {
			t.Run(c.service, func(t *testing.T) {
				t.Parallel()
				signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = c.service == "s3" })
				out, err := http.NewRequest(c.method, "http://localhost:4566"+c.target, strings.NewReader(c.body))
				if err != nil {
					t.Fatal(err)
				}
				out.Header.Set("Content-Type", "text/plain")
				hash := sigv4.HashPayload([]byte(c.body))
				var target string
				if presign {
					query := out.URL.Query()
					query.Set("X-Amz-Expires", "60")
					out.URL.RawQuery = query.Encode()
					if c.service == "s3" {
						hash = sigv4.UnsignedPayload
					}
					signed, _, err := signer.PresignHTTP(t.Context(), credentials, out, hash, c.service, "eu-west-1", now)
					if err != nil {
						t.Fatal(err)
					}
					target = strings.TrimPrefix(signed, "http://localhost:4566")
				} else {
					if c.service == "s3" {
						out.Header.Set("X-Amz-Content-Sha256", hash)
					}
					if err := signer.SignHTTP(t.Context(), credentials, out, hash, c.service, "eu-west-1", now); err != nil {
						t.Fatal(err)
					}
					target = out.URL.RequestURI()
				}
				r := httptest.NewRequest(c.method, target, strings.NewReader(c.body))
				r.Host, r.Header = "localhost:4566", out.Header
				body, err := verify(verifier(key, now.Add(time.Minute)), r)
				if err != nil || string(body) != c.body {
					t.Errorf("verify %s = %q, %v", target, body, err)
				}
			})
		}
	}
}
