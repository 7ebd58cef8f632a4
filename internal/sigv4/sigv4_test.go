package sigv4_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/sigv4"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header string
		query  string
		want   sigv4.Signature
		ok     bool
		code   string
	}{
		{name: "unsigned"},
		{name: "bearer token", header: "Bearer abc"},
		{
			name: "header",
			header: "AWS4-HMAC-SHA256 Credential=123456789012/20261123/eu-west-1/events/aws4_request, " +
				"SignedHeaders=content-type;host;x-amz-date, Signature=abcdef",
			want: sigv4.Signature{
				Algorithm: sigv4.HMAC, AccessKeyID: "123456789012", Date: "20261123", Region: "eu-west-1", Service: "events",
				SignedHeaders: []string{"content-type", "host", "x-amz-date"}, Signature: "abcdef",
			},
			ok: true,
		},
		{
			name:   "header without spaces",
			header: "AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/sqs/aws4_request,SignedHeaders=host,Signature=00",
			want: sigv4.Signature{
				Algorithm: sigv4.HMAC, AccessKeyID: "k", Date: "20261123", Region: "us-east-1", Service: "sqs",
				SignedHeaders: []string{"host"}, Signature: "00",
			},
			ok: true,
		},
		{
			name:   "for a set of regions",
			header: "AWS4-ECDSA-P256-SHA256 Credential=k/20261123/s3/aws4_request, SignedHeaders=host, Signature=00",
			want: sigv4.Signature{
				Algorithm: sigv4.ECDSA, AccessKeyID: "k", Date: "20261123", Service: "s3",
				SignedHeaders: []string{"host"}, Signature: "00",
			},
			ok: true,
		},
		{
			name: "presigned",
			query: "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261123%2Fus-east-1%2Fs3%2Faws4_request" +
				"&X-Amz-SignedHeaders=host&X-Amz-Signature=00",
			want: sigv4.Signature{
				Algorithm: sigv4.HMAC, AccessKeyID: "k", Date: "20261123", Region: "us-east-1", Service: "s3",
				SignedHeaders: []string{"host"}, Signature: "00", Presigned: true,
			},
			ok: true,
		},
		{name: "presigned with no algorithm", query: "X-Amz-Credential=k", code: "IncompleteSignatureException"},
		{name: "nothing after the algorithm", header: "AWS4-HMAC-SHA256", code: "IncompleteSignatureException"},
		{
			name:   "short credential",
			header: "AWS4-HMAC-SHA256 Credential=k/20261123, SignedHeaders=host, Signature=00",
			code:   "IncompleteSignatureException",
		},
		{
			name:   "colon in the region",
			header: "AWS4-HMAC-SHA256 Credential=k/20261123/us:east/s3/aws4_request, SignedHeaders=host, Signature=00",
			code:   "InvalidSignatureException",
		},
		{
			name:   "empty service",
			header: "AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1//aws4_request, SignedHeaders=host, Signature=00",
			code:   "InvalidSignatureException",
		},
		{
			name:   "other terminator",
			header: "AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/s3/aws5, SignedHeaders=host, Signature=00",
			code:   "InvalidSignatureException",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/?"+test.query, nil)
			if test.header != "" {
				r.Header.Set("Authorization", test.header)
			}
			got, ok, err := sigv4.Parse(r)
			var e *sigv4.Error
			if errors.As(err, &e) != (test.code != "") || (e != nil && e.Code != test.code) {
				t.Fatalf("Parse = error %v, want code %q", err, test.code)
			}
			if ok != test.ok {
				t.Errorf("Parse = %t, want %t", ok, test.ok)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Parse: -want +got\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00", "")
	f.Add("", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261123%2Fus-east-1%2Fs3%2Faws4_request")
	f.Fuzz(func(t *testing.T, header, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		r.Header["Authorization"] = []string{header}
		s, ok, err := sigv4.Parse(r)
		if ok && (err != nil || s.AccessKeyID == "" || s.Service == "") {
			t.Errorf("Parse(%q, %q) = %+v, %v", header, query, s, err)
		}
	})
}
