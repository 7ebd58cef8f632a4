package wire_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"stormbus/internal/checksum"
	"stormbus/internal/clock"
	"stormbus/internal/shape/events"
	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/s3"
	"stormbus/internal/shape/sqs"
	"stormbus/internal/shape/sts"
	"stormbus/internal/sigv4"
	"stormbus/internal/wire"
)

var (
	authTime = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	alice    = sigv4.Credentials{AccessKeyID: "AKIAALICE", Secret: "secret of alice", Account: "111122223333"}
)

// enforcing is a server that verifies signatures. Its operations answer what
// account calls them; PutObject notes what it reads.
func enforcing(put *stored) *wire.Server {
	return wire.NewServer(wire.Config{
		Auth: &sigv4.Verifier{Keys: sigv4.Ring{alice.AccessKeyID: alice}, Clock: clock.NewVirtual(authTime)},
		Services: []wire.Service{
			{Model: events.Model, Operations: []wire.Operation{wire.Op("PutEvents", putEvents)}},
			{Model: lambda.Model, Operations: []wire.Operation{wire.Op("ListFunctions",
				func(context.Context, *lambda.ListFunctionsInput) (*lambda.ListFunctionsOutput, error) {
					return nil, nil
				})}},
			{Model: s3.Model, Operations: []wire.Operation{wire.Op("PutObject", put.putObject)}},
			{Model: sqs.Model, Operations: []wire.Operation{wire.Op("ListQueues",
				func(context.Context, *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) { return nil, nil })}},
			{Model: sts.Model, Operations: []wire.Operation{
				wire.Op("GetCallerIdentity", func(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
					account := wire.From(ctx).Scope.Account
					return &sts.GetCallerIdentityOutput{Account: &account}, nil
				}),
			}},
		},
		Internal: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
			_, _ = w.Write(append([]byte("internal "), body...)) // the test sees what is missing
		}),
	})
}

// stored is what PutObject has read.
type stored struct {
	body      string
	encoding  string
	checksums []checksum.Value
}

func (s *stored) putObject(ctx context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	s.body = string(body)
	if in.ContentEncoding != nil {
		s.encoding = *in.ContentEncoding
	}
	if sums := wire.From(ctx).Checksums; sums != nil {
		s.checksums = sums.Values()
	}
	return &s3.PutObjectOutput{}, nil
}

// signedBy signs a request for a service.
func signedBy(c sigv4.Credentials, service string, at time.Time, r *http.Request, body string) *http.Request {
	sigv4.Sign(r, c, "eu-west-1", service, sigv4.HashPayload([]byte(body)), at)
	return r
}

func newRequest(method, target, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "localhost:4566"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// calls are one request for each protocol, and the code with which it is refused
// if it is not signed, by an unknown key, with a wrong secret.
var calls = []struct {
	service string
	request func() (r *http.Request, body string)
	status  int
	missing string
	unknown string
	wrong   string
}{
	{
		"events", func() (*http.Request, string) {
			body := `{"Entries":[{"Source":"a","DetailType":"b","Detail":"{}"}]}`
			return newRequest(http.MethodPost, "/", body, "X-Amz-Target", "AWSEvents.PutEvents"), body
		}, http.StatusBadRequest, "MissingAuthenticationTokenException", "UnrecognizedClientException", "InvalidSignatureException",
	},
	{
		"lambda", func() (*http.Request, string) {
			return newRequest(http.MethodGet, "/2015-03-31/functions/?Marker=a%20b", ""), ""
		}, http.StatusForbidden, "MissingAuthenticationTokenException", "UnrecognizedClientException", "InvalidSignatureException",
	},
	{
		"sqs", func() (*http.Request, string) {
			return newRequest(http.MethodPost, "/", "{}", "X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0"), "{}"
		}, http.StatusForbidden, "MissingAuthenticationToken", "InvalidClientTokenId", "SignatureDoesNotMatch",
	},
	{
		"sts", func() (*http.Request, string) {
			body := url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}.Encode()
			return newRequest(http.MethodPost, "/", body, "Content-Type", "application/x-www-form-urlencoded"), body
		}, http.StatusForbidden, "MissingAuthenticationToken", "InvalidClientTokenId", "SignatureDoesNotMatch",
	},
	{
		"s3", func() (*http.Request, string) { return newRequest(http.MethodPut, "/bucket/a%20key", "hello"), "hello" },
		http.StatusForbidden, "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch",
	},
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	stranger, forger := alice, alice
	stranger.AccessKeyID, forger.Secret = "AKIASTRANGER", "another secret"
	for _, c := range calls {
		t.Run(c.service, func(t *testing.T) {
			t.Parallel()
			server := enforcing(&stored{})
			r, body := c.request()
			wantAnswer(t, server, signedBy(alice, c.service, authTime, r, body), http.StatusOK, "")
			r, body = c.request()
			wantAnswer(t, server, signedBy(stranger, c.service, authTime, r, body), c.status, c.unknown)
			r, body = c.request()
			wantAnswer(t, server, signedBy(forger, c.service, authTime, r, body), c.status, c.wrong)
			r, _ = c.request()
			wantAnswer(t, server, r, c.status, c.missing)
			r, body = c.request()
			old := c.wrong
			if c.service == "s3" {
				old = "RequestTimeTooSkewed"
			}
			wantAnswer(t, server, signedBy(alice, c.service, authTime.Add(-time.Hour), r, body), c.status, old)
			r, body = c.request()
			wantAnswer(t, server, signedBy(alice, c.service, authTime, r, body+" "), map[bool]int{true: http.StatusBadRequest, false: c.status}[c.service == "s3"],
				map[bool]string{true: "XAmzContentSHA256Mismatch", false: c.wrong}[c.service == "s3"])
		})
	}
}

// wantAnswer sends a request and looks for a code in the answer, wherever the
// protocol has it.
func wantAnswer(t *testing.T, server http.Handler, r *http.Request, status int, code string) string {
	t.Helper()
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	text := w.Header().Get("X-Amzn-Query-Error") + w.Header().Get("X-Amzn-Errortype") + w.Body.String()
	if w.Code != status || !strings.Contains(text, code) {
		t.Errorf("%s %s: HTTP %d %s, want %d %s", r.Method, r.URL, w.Code, text, status, code)
	}
	return w.Body.String()
}

// TestServiceOfSignature refuses a signature for one service with which another
// one is called, by its target header.
func TestServiceOfSignature(t *testing.T) {
	t.Parallel()
	r := newRequest(http.MethodPost, "/", "{}", "X-Amz-Target", "AmazonSQS.ListQueues")
	wantAnswer(t, enforcing(&stored{}), signedBy(alice, "events", authTime, r, "{}"), http.StatusForbidden, "Credential should be scoped to correct service: 'sqs'.")
}

// TestAccountOfKey takes the account from the key, not from its name.
func TestAccountOfKey(t *testing.T) {
	t.Parallel()
	body := "Action=GetCallerIdentity&Version=2011-06-15"
	r := newRequest(http.MethodPost, "/", body, "Content-Type", "application/x-www-form-urlencoded")
	wantAnswer(t, enforcing(&stored{}), signedBy(alice, "sts", authTime, r, body), http.StatusOK, "<Account>111122223333</Account>")
}

// TestUnsignedOperation lets through what AWS wants no signature for.
func TestUnsignedOperation(t *testing.T) {
	t.Parallel()
	body := "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s&WebIdentityToken=t"
	r := newRequest(http.MethodPost, "/", body, "Content-Type", "application/x-www-form-urlencoded")
	wantAnswer(t, enforcing(&stored{}), r, http.StatusNotImplemented, "AssumeRoleWithWebIdentity")
}

// TestCompressedBody verifies a body as it was sent, not what it holds.
func TestCompressedBody(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(putEventsBody(t, 1, 10)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r := newRequest(http.MethodPost, "/", packed.String(), "X-Amz-Target", "AWSEvents.PutEvents", "Content-Encoding", "gzip")
	wantAnswer(t, enforcing(&stored{}), signedBy(alice, "events", authTime, r, packed.String()), http.StatusOK, "EventId")
}

// TestOwnPaths wants a signature for what the server tells of events, and none
// for its health.
func TestOwnPaths(t *testing.T) {
	t.Parallel()
	server := enforcing(&stored{})
	wantAnswer(t, server, newRequest(http.MethodGet, "/_stormbus/health", ""), http.StatusOK, "internal ")
	wantAnswer(t, server, newRequest(http.MethodGet, "/_stormbus/api/events", ""), http.StatusForbidden, "MissingAuthenticationToken")
	wantAnswer(t, server, newRequest(http.MethodGet, "/_stormbus/health/../api/events", ""), http.StatusForbidden, "MissingAuthenticationToken")
	r := newRequest(http.MethodPost, "/_stormbus/api/events?bus=a", "body")
	wantAnswer(t, server, signedBy(alice, "stormbus", authTime, r, "body"), http.StatusOK, "internal body")
	r = newRequest(http.MethodPost, "/_stormbus/api/events?bus=a", "body")
	wantAnswer(t, server, signedBy(alice, "events", authTime, r, "body"), http.StatusForbidden, "correct service: 'stormbus'")
}

// TestFramedUpload takes an upload in frames apart, whether signatures are
// verified or not, and verifies its checksum in both cases.
func TestFramedUpload(t *testing.T) {
	t.Parallel()
	const good, bad = "y/Q5Jg==", "y/Q5Jh=="
	for name, verified := range map[string]bool{"verified": true, "off": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			send := func(sum string, status int, code string) *stored {
				put := &stored{}
				server := enforcing(put)
				if !verified {
					server = wire.NewServer(wire.Config{Services: []wire.Service{
						{Model: s3.Model, Operations: []wire.Operation{wire.Op("PutObject", put.putObject)}},
					}})
				}
				body := "4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:" + sum + "\r\n\r\n"
				r := newRequest(http.MethodPut, "/bucket/key", body, "Content-Encoding", "aws-chunked,gzip",
					"X-Amz-Decoded-Content-Length", "9", "X-Amz-Trailer", "x-amz-checksum-crc32")
				sigv4.Sign(r, alice, "eu-west-1", "s3", sigv4.StreamingUnsignedTrailer, authTime)
				wantAnswer(t, server, r, status, code)
				return put
			}
			put := send(good, http.StatusOK, "")
			if put.body != "123456789" || put.encoding != "gzip" {
				t.Errorf("stored %q in the encoding %q", put.body, put.encoding)
			}
			if len(put.checksums) != 1 || put.checksums[0] != (checksum.Value{Algorithm: checksum.CRC32, Text: good}) {
				t.Errorf("checksums %v", put.checksums)
			}
			send("y/Q5Jw==", http.StatusBadRequest, "BadDigest")
			send(bad[:4], http.StatusBadRequest, "InvalidRequest")
		})
	}
}

func BenchmarkAuthorize(b *testing.B) {
	server := enforcing(&stored{})
	body := string(putEventsBody(b, 10, 1000))
	r := newRequest(http.MethodPost, "/", body, "X-Amz-Target", "AWSEvents.PutEvents")
	r = signedBy(alice, "events", authTime, r, body)
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		clear(w.header)
		server.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
	}
}

// TestMissingMember still tells a signed caller what is wrong with its input.
func TestMissingMember(t *testing.T) {
	t.Parallel()
	r := newRequest(http.MethodPost, "/", "{}", "X-Amz-Target", "AWSEvents.PutEvents")
	text := wantAnswer(t, enforcing(&stored{}), signedBy(alice, "events", authTime, r, "{}"), http.StatusBadRequest, "ValidationException")
	if !json.Valid([]byte(text)) {
		t.Errorf("the answer is not JSON: %s", text)
	}
}
