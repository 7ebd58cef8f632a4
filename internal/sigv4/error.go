package sigv4

import (
	"fmt"
	"net/http"
	"time"
)

// Error is a signature that cannot be read or is not good, or a body that is
// not what was signed. Code and Message are AWS's: S3's own for S3, else those
// of the JSON protocols.
type Error struct {
	Code    string
	Message string
	Status  int // HTTP status; 0 leaves it to the protocol
}

// Error gives the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The codes of the JSON protocols.
const (
	codeMissing      = "MissingAuthenticationTokenException"
	codeIncomplete   = "IncompleteSignatureException"
	codeUnrecognized = "UnrecognizedClientException"
	codeInvalid      = "InvalidSignatureException"
)

// isS3 reports whether a signing name is S3's, which has rules and errors of
// its own.
func isS3(service string) bool { return service == "s3" || service == "s3express" }

func incomplete(message string) error { return &Error{Code: codeIncomplete, Message: message} }

func mismatch(message string) error { return &Error{Code: codeInvalid, Message: message} }

// s3Error is an error as S3 tells it.
func s3Error(status int, code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

// Missing returns the error for a request that is not signed but must be.
func Missing(service string) *Error {
	if isS3(service) {
		return s3Error(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	return &Error{Code: codeMissing, Message: "Missing Authentication Token"}
}

// WrongService returns the error for a signature that was made for another
// service than the one that is called.
func WrongService(want, got string) *Error {
	if isS3(want) {
		return s3Error(http.StatusBadRequest, "AuthorizationHeaderMalformed",
			"The authorization header is malformed; incorrect service %q. This endpoint belongs to %q.", got, want)
	}
	return &Error{Code: codeInvalid, Message: fmt.Sprintf("Credential should be scoped to correct service: '%s'. ", want)}
}

func errUnknownKey(service string) error {
	if isS3(service) {
		return s3Error(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	}
	return &Error{Code: codeUnrecognized, Message: "The security token included in the request is invalid."}
}

func errToken(service string) error {
	if isS3(service) {
		return s3Error(http.StatusBadRequest, "InvalidToken", "The provided token is malformed or otherwise invalid.")
	}
	return errUnknownKey(service)
}

func errMismatch(service string) error {
	if isS3(service) {
		return s3Error(http.StatusForbidden, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	}
	return mismatch("The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

// errUnsigned says that a header must be in the signature and is not.
func errUnsigned(service, header string) error {
	if isS3(service) {
		return s3Error(http.StatusForbidden, "AccessDenied", "There were headers present in the request which were not signed")
	}
	return mismatch(fmt.Sprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", header))
}

// errSkew says that the clock of the caller and ours are too far apart.
func errSkew(s *Signature, now time.Time) error {
	stamp := func(t time.Time) string { return t.UTC().Format(timeFormat) }
	switch {
	case isS3(s.Service) && s.Presigned:
		return s3Error(http.StatusForbidden, "AccessDenied", "Request is not valid yet")
	case isS3(s.Service):
		return s3Error(http.StatusForbidden, "RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.")
	case s.Time.Before(now):
		return mismatch(fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)",
			stamp(s.Time), stamp(now.Add(-Skew)), stamp(now)))
	}
	return mismatch(fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)",
		stamp(s.Time), stamp(now.Add(Skew)), stamp(now)))
}

// errExpired says that a presigned URL has had its time.
func errExpired(s *Signature, end, now time.Time) error {
	if isS3(s.Service) {
		return s3Error(http.StatusForbidden, "AccessDenied", "Request has expired")
	}
	return mismatch(fmt.Sprintf("Signature expired: %s is now earlier than %s",
		end.UTC().Format(timeFormat), now.UTC().Format(timeFormat)))
}
