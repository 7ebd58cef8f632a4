package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// parseQuery reads the signature of a presigned URL.
func parseQuery(query url.Values) (Signature, bool, error) {
	algorithm := query.Get("X-Amz-Algorithm")
	if algorithm != HMAC && algorithm != ECDSA {
		return Signature{}, false, incomplete("AWS query-string parameters must include 'X-Amz-Algorithm' with a known value.")
	}
	s := Signature{
		Algorithm: algorithm, Presigned: true, Signature: query.Get("X-Amz-Signature"), Token: query.Get("X-Amz-Security-Token"),
		Time: parseTime(query.Get("X-Amz-Date")),
	}
	if names := query.Get("X-Amz-SignedHeaders"); names != "" {
		s.SignedHeaders = strings.Split(names, ";")
	}
	if err := s.credential(query.Get("X-Amz-Credential")); err != nil {
		return Signature{}, false, err
	}
	return s, true, nil
}

// expires reads how long a presigned URL is good for. Callers of services other
// than S3 may leave it out, and then it is as long as clocks may differ.
func (s *Signature) expires(query url.Values) (time.Duration, error) {
	if !query.Has("X-Amz-Expires") {
		if isS3(s.Service) {
			return 0, errPresigned(s.Service)
		}
		return Skew, nil
	}
	seconds, err := strconv.ParseInt(query.Get("X-Amz-Expires"), 10, 64)
	switch {
	case err != nil:
		return 0, errExpires(s.Service, "X-Amz-Expires should be a number")
	case seconds < 1:
		return 0, errExpires(s.Service, "X-Amz-Expires must be non-negative")
	case seconds > int64(MaxExpires/time.Second):
		return 0, errExpires(s.Service, "X-Amz-Expires must be less than a week (in seconds); "+
			"that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	return time.Duration(seconds) * time.Second, nil
}

func errExpires(service, message string) error {
	if isS3(service) {
		return s3Error(http.StatusBadRequest, "AuthorizationQueryParametersError", "%s", message)
	}
	return incomplete(message)
}

// errPresigned says that a presigned URL lacks what it must have.
func errPresigned(service string) error {
	if isS3(service) {
		return s3Error(http.StatusBadRequest, "AuthorizationQueryParametersError",
			"Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "+
				"X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
	}
	return incomplete("AWS query-string parameters must include 'X-Amz-Date'.")
}

// headerTime is the time in X-Amz-Date or else in Date, which may have the
// form of HTTP.
func headerTime(h http.Header) time.Time {
	if stamp := h.Get("X-Amz-Date"); stamp != "" {
		return parseTime(stamp)
	}
	stamp := h.Get("Date")
	if stamp == "" {
		return time.Time{}
	}
	if t, err := http.ParseTime(stamp); err == nil {
		return t
	}
	return parseTime(stamp)
}

func parseTime(stamp string) time.Time {
	t, err := time.Parse(timeFormat, stamp)
	if err != nil {
		return time.Time{} // which Verify refuses
	}
	return t
}
