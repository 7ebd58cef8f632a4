package sigv4

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Sign signs r for a service in a region: it sets the headers X-Amz-Date,
// X-Amz-Security-Token and Authorization. The headers that r has are signed
// with it, so it must not be changed any more. The hash is that of the body
// ([HashPayload]) or UNSIGNED-PAYLOAD; for S3 it must be in the header
// X-Amz-Content-Sha256 as well, which is set.
func Sign(r *http.Request, c Credentials, region, service, payloadHash string, now time.Time) {
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	now = now.UTC()
	r.Header.Set("X-Amz-Date", now.Format(timeFormat))
	if c.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", string(c.SessionToken))
	}
	if isS3(service) {
		r.Header.Set(payloadHeader, payloadHash)
	}
	s := Signature{
		Algorithm: HMAC, AccessKeyID: c.AccessKeyID, Date: now.Format("20060102"), Region: region, Service: service, Time: now,
		SignedHeaders: []string{"host"},
	}
	for name := range r.Header {
		if name != "Authorization" && name != "User-Agent" && name != "X-Amzn-Trace-Id" {
			s.SignedHeaders = append(s.SignedHeaders, strings.ToLower(name))
		}
	}
	slices.Sort(s.SignedHeaders)
	signature := s.sign(signingKey(c.Secret, s.Date, region, service), canonicalRequest(r, &s, payloadHash))
	r.Header.Set("Authorization", HMAC+" Credential="+c.AccessKeyID+"/"+s.scope()+
		", SignedHeaders="+strings.Join(s.SignedHeaders, ";")+", Signature="+signature)
}
