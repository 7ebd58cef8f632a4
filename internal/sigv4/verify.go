package sigv4

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"stormbus/internal/clock"
)

// Skew is how far the clock of a caller may be from ours.
const Skew = 15 * time.Minute

// MaxExpires is the longest time that a presigned URL may be good for.
const MaxExpires = 7 * 24 * time.Hour

// Verifier proves signatures. It is safe for concurrent use.
type Verifier struct {
	Keys Keys
	// Clock is the host's, not the one that moves the data: callers sign by
	// the clocks of their machines.
	Clock clock.Clock
}

// Proof is a signature that was verified. It carries what the signatures of the
// chunks of a body are made with.
type Proof struct {
	Credentials Credentials
	key         []byte
	stamp       string // of the time
	scope       string
	seed        string // the signature of the headers
	service     string
}

// Verify proves the signature s of r, whose payload has the given hash: what
// [PayloadHash] says, or the hash of the body. It does not read the body; see
// [OpenBody]. The error is an *[Error].
func (v *Verifier) Verify(r *http.Request, s *Signature, payloadHash string) (*Proof, error) {
	if err := v.checkTime(r, s); err != nil {
		return nil, err
	}
	if s.Algorithm != HMAC {
		return nil, incomplete("Signatures for a set of regions (" + s.Algorithm + ") are not verified here: use " + HMAC + ".")
	}
	if err := checkSigned(r, s); err != nil {
		return nil, err
	}
	c, known := v.Keys.Credentials(s.AccessKeyID)
	if !known {
		return nil, errUnknownKey(s.Service)
	}
	if !equal(string(c.SessionToken), s.Token) {
		return nil, errToken(s.Service)
	}
	key := signingKey(c.Secret, s.Date, s.Region, s.Service)
	want := s.sign(key, canonicalRequest(r, s, payloadHash))
	if !equal(want, s.Signature) {
		return nil, errMismatch(s.Service)
	}
	return &Proof{
		Credentials: c, key: key, stamp: s.Time.UTC().Format(timeFormat), scope: s.scope(), seed: want, service: s.Service,
	}, nil
}

// equal compares without telling by its time where the difference is.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// checkTime checks that the signature has a time, that it fits its scope, and
// that it is near enough.
func (v *Verifier) checkTime(r *http.Request, s *Signature) error {
	if s.Time.IsZero() {
		if s.Presigned {
			return errPresigned(s.Service)
		}
		return incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=" +
			withoutSignature(r.Header.Get("Authorization")))
	}
	if day := s.Time.UTC().Format("20060102"); day != s.Date {
		return mismatch(fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "+
			"'%s' != '%s', from '%s'.", s.Date, day, s.Time.UTC().Format(timeFormat)))
	}
	now := v.Clock.Now()
	switch {
	case s.Time.After(now.Add(Skew)):
		return errSkew(s, now)
	case !s.Presigned && s.Time.Before(now.Add(-Skew)):
		return errSkew(s, now)
	case s.Presigned:
		return checkExpires(r, s, now)
	}
	return nil
}

// checkExpires checks that a presigned URL is still good.
func checkExpires(r *http.Request, s *Signature, now time.Time) error {
	expires, err := s.expires(r.URL.Query())
	if err != nil {
		return err
	}
	if end := s.Time.Add(expires); now.After(end) {
		return errExpired(s, end, now)
	}
	return nil
}

// withoutSignature is an Authorization header as it can be printed.
func withoutSignature(header string) string {
	before, _, _ := strings.Cut(header, "Signature=")
	return before
}

// checkSigned checks that the signature covers what gives a request its
// meaning: the host, and every header that is AWS's.
func checkSigned(r *http.Request, s *Signature) error {
	if !slices.Contains(s.SignedHeaders, "host") {
		return errUnsigned(s.Service, "Host")
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-") && !slices.ContainsFunc(s.SignedHeaders, func(signed string) bool {
			return textproto.CanonicalMIMEHeaderKey(signed) == name
		}) {
			return errUnsigned(s.Service, strings.ToLower(name))
		}
	}
	return nil
}
