package sigv4_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stormbus/internal/sigv4"
)

var signedAt = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func example() sigv4.Credentials {
	return sigv4.Credentials{AccessKeyID: exampleKey, Secret: exampleSecret, Account: "123456789012"}
}

// put is a signed request with everything that a signature covers.
func put(c sigv4.Credentials, service string) *http.Request {
	const body = `{"Entries":[]}`
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4566/a%20path?b=1&a=2", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Content-Sha256", sigv4.HashPayload([]byte(body)))
	r.RequestURI = "/a%20path?b=1&a=2"
	sigv4.Sign(r, c, "eu-west-1", service, sigv4.HashPayload([]byte(body)), signedAt)
	return r
}

// TestSignAndVerify verifies what Sign signs, and nothing that was changed
// since.
func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	withToken := example()
	withToken.SessionToken = "token"
	tests := []struct {
		name    string
		signer  sigv4.Credentials
		service string
		change  func(r *http.Request)
		later   time.Duration
		code    string // empty: verified
		message string // part of it
	}{
		{name: "json", service: "events"},
		{name: "S3", service: "s3"},
		{name: "just in time", service: "events", later: sigv4.Skew},
		{name: "a header that is not signed", service: "events", change: func(r *http.Request) { r.Header.Set("User-Agent", "x") }},
		{
			name: "method", service: "events", change: func(r *http.Request) { r.Method = http.MethodGet },
			code: "InvalidSignatureException", message: "The request signature we calculated does not match the signature you provided. " +
				"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		},
		{name: "path", service: "events", change: func(r *http.Request) { r.RequestURI = "/another%20path?b=1&a=2" }, code: "InvalidSignatureException"},
		{name: "query", service: "events", change: func(r *http.Request) { r.URL.RawQuery = "b=1&a=3" }, code: "InvalidSignatureException"},
		{name: "host", service: "events", change: func(r *http.Request) { r.Host = "localhost" }, code: "InvalidSignatureException"},
		{name: "signed header", service: "events", change: func(r *http.Request) { r.Header.Set("X-Amz-Target", "AWSEvents.DeleteRule") }, code: "InvalidSignatureException"},
		{name: "signed header once more", service: "events", change: func(r *http.Request) { r.Header.Add("Content-Type", "x") }, code: "InvalidSignatureException"},
		{
			name: "another header of AWS", service: "events", change: func(r *http.Request) { r.Header.Set("X-Amz-Trailer", "x") },
			code: "InvalidSignatureException", message: "'x-amz-trailer' must be a 'SignedHeader' in the AWS Authorization.",
		},
		{
			name: "another header of AWS, S3", service: "s3", change: func(r *http.Request) { r.Header.Set("X-Amz-Acl", "x") },
			code: "AccessDenied", message: "There were headers present in the request which were not signed",
		},
		{name: "body", service: "events", change: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"Entries":{}}`)) }, code: "InvalidSignatureException"},
		{
			name: "body, S3", service: "s3", change: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(``)) },
			code: "XAmzContentSHA256Mismatch", message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
		},
		{name: "signature", service: "events", change: replace("Signature=", "Signature=0"), code: "InvalidSignatureException"},
		{
			name: "signature, S3", service: "s3", change: replace("Signature=", "Signature=0"),
			code: "SignatureDoesNotMatch", message: "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
		},
		{name: "region", service: "events", change: replace("eu-west-1", "eu-west-2"), code: "InvalidSignatureException"},
		{name: "service", service: "events", change: replace("/events/", "/sqs/"), code: "InvalidSignatureException"},
		{name: "host left out", service: "events", change: replace(";host;", ";"), code: "InvalidSignatureException", message: "'Host' must be a 'SignedHeader'"},
		{
			name: "day", service: "events", change: replace("20261124", "20261123"), code: "InvalidSignatureException",
			message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261123' != '20261124', from '20261124T080000Z'.",
		},
		{
			name: "unknown key", service: "events", change: replace(exampleKey, "AKIAIOSFODNN7EXAMPLF"),
			code: "UnrecognizedClientException", message: "The security token included in the request is invalid.",
		},
		{
			name: "unknown key, S3", service: "s3", change: replace(exampleKey, "AKIAIOSFODNN7EXAMPLF"),
			code: "InvalidAccessKeyId", message: "The AWS Access Key Id you provided does not exist in our records.",
		},
		{name: "a token that is not the key's", signer: withToken, service: "events", code: "UnrecognizedClientException"},
		{
			name: "too late", service: "events", later: sigv4.Skew + time.Second, code: "InvalidSignatureException",
			message: "Signature expired: 20261124T080000Z is now earlier than 20261124T080001Z (20261124T081501Z - 15 min.)",
		},
		{
			name: "too early", service: "events", later: -sigv4.Skew - time.Second, code: "InvalidSignatureException",
			message: "Signature not yet current: 20261124T080000Z is still later than 20261124T075959Z (20261124T074459Z + 15 min.)",
		},
		{
			name: "too late, S3", service: "s3", later: sigv4.Skew + time.Second,
			code: "RequestTimeTooSkewed", message: "The difference between the request time and the current time is too large.",
		},
		{
			name: "no time", service: "events", change: func(r *http.Request) { r.Header.Del("X-Amz-Date") },
			code: "IncompleteSignatureException", message: "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
		},
		{name: "not signed", service: "events", change: func(r *http.Request) { r.Header.Del("Authorization") }, code: "MissingAuthenticationTokenException", message: "Missing Authentication Token"},
		{name: "for a set of regions", service: "events", change: replace("AWS4-HMAC-SHA256 Credential="+exampleKey+"/20261124/eu-west-1/", "AWS4-ECDSA-P256-SHA256 Credential="+exampleKey+"/20261124/"), code: "IncompleteSignatureException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			signer := example()
			if test.signer.AccessKeyID != "" {
				signer = test.signer
			}
			r := put(signer, test.service)
			if test.change != nil {
				test.change(r)
			}
			_, err := verify(verifier(example(), signedAt.Add(test.later)), r)
			wantError(t, err, test.code, test.message)
		})
	}
}

// replace replaces a part of the Authorization header.
func replace(before, after string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), before, after, 1))
	}
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var e *sigv4.Error
	switch {
	case errors.As(err, &e):
		if e.Code != code || !strings.Contains(e.Message, message) {
			t.Errorf("error %v, want %s: %s", err, code, message)
		}
		if strings.Contains(e.Message, "Signature=") || strings.Contains(e.Message, string(exampleSecret)) {
			t.Errorf("the message tells a secret: %s", e.Message)
		}
	case err != nil:
		t.Errorf("error %v is none of this package", err)
	case code != "":
		t.Errorf("no error, want %s", code)
	}
}

// TestTokenMustCome has a key that is good only with its session token.
func TestTokenMustCome(t *testing.T) {
	t.Parallel()
	key := example()
	key.SessionToken = "token"
	_, err := verify(verifier(key, signedAt), put(key, "events"))
	wantError(t, err, "", "")
	_, err = verify(verifier(key, signedAt), put(example(), "events"))
	wantError(t, err, "UnrecognizedClientException", "")
	_, err = verify(verifier(key, signedAt), put(example(), "s3"))
	wantError(t, err, "InvalidToken", "")
}

// published is a presigned URL from AWS's documentation of S3.
const published = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
	"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
	"&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

func TestPresigned(t *testing.T) {
	t.Parallel()
	made := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name          string
		before, after string // changed in the URL
		at            time.Duration
		header        string
		code, message string
	}{
		{name: "at its last second", at: 24 * time.Hour},
		{name: "expired", at: 24*time.Hour + time.Second, code: "AccessDenied", message: "Request has expired"},
		{name: "not valid yet", at: -16 * time.Minute, code: "AccessDenied", message: "Request is not valid yet"},
		{name: "good for longer than it was made for", before: "86400", after: "86401", code: "SignatureDoesNotMatch"},
		{name: "good for too long", before: "86400", after: "604801", code: "AuthorizationQueryParametersError", message: "X-Amz-Expires must be less than a week (in seconds)"},
		{name: "good for no time", before: "86400", after: "0", code: "AuthorizationQueryParametersError"},
		{name: "good for how long?", before: "86400", after: "a", code: "AuthorizationQueryParametersError", message: "X-Amz-Expires should be a number"},
		{name: "good for how long it does not say", before: "&X-Amz-Expires=86400", code: "AuthorizationQueryParametersError", message: "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."},
		{name: "no time", before: "&X-Amz-Date=20130524T000000Z", code: "AuthorizationQueryParametersError"},
		{name: "no signed headers", before: "&X-Amz-SignedHeaders=host", code: "AccessDenied"},
		{name: "another key", before: "/test.txt", after: "/text.txt", code: "SignatureDoesNotMatch"},
		{name: "a header of AWS", header: "X-Amz-Acl", code: "AccessDenied", message: "There were headers present in the request which were not signed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "http://examplebucket.s3.amazonaws.com"+strings.Replace(published, test.before, test.after, 1), nil)
			r.RequestURI = r.URL.RequestURI()
			if test.header != "" {
				r.Header.Set(test.header, "x")
			}
			_, err := verify(verifier(example(), made.Add(test.at)), r)
			wantError(t, err, test.code, test.message)
		})
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
		"/a%20b/../c", "a=b&&=&%zz", "20261124T080000Z", "a  b")
	f.Add("", "//", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261124%2Fus-east-1%2Fsqs%2Faws4_request"+
		"&X-Amz-Date=20261124T080000Z&X-Amz-SignedHeaders=host;;x&X-Amz-Expires=1", "", "")
	v := verifier(example(), signedAt)
	f.Fuzz(func(t *testing.T, authorization, path, query, date, value string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RequestURI, r.URL.RawQuery = path, query
		r.Header = http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}, "X": {value}}
		body, err := verify(v, r)
		if err == nil {
			t.Errorf("a request that nobody signed was verified: %q", body)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	r := put(example(), "events")
	v := verifier(example(), signedAt)
	s, _, err := sigv4.Parse(r)
	if err != nil {
		b.Fatal(err)
	}
	hash, _ := sigv4.PayloadHash(r, &s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, &s, hash); err != nil {
			b.Fatal(err)
		}
	}
}
