package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"stormbus/internal/telemetry"
)

// Credentials are what a caller signs with.
type Credentials struct {
	AccessKeyID string
	Secret      telemetry.Redacted
	// SessionToken, if there is one, must come with every request.
	SessionToken telemetry.Redacted
	Account      string // to which the key belongs, 12 digits
}

// Keys tells the credentials that belong to an access key id. Implementations
// are safe for concurrent use.
type Keys interface {
	Credentials(accessKeyID string) (Credentials, bool)
}

// signingKey derives what requests of one day to one service in one region are
// signed with.
func signingKey(secret telemetry.Redacted, date, region, service string) []byte {
	key := mac([]byte("AWS4"+string(secret)), date)
	key = mac(key, region)
	key = mac(key, service)
	return mac(key, terminator)
}

// terminator is the last part of every scope.
const terminator = "aws4_request"

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

// HashPayload returns the hash of a body as signatures have it.
func HashPayload(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// scope is what a key is derived for: date/region/service/aws4_request.
func (s *Signature) scope() string {
	return s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator
}

// sign returns the signature of a request whose text is canonical.
func (s *Signature) sign(key []byte, canonical string) string {
	text := HMAC + "\n" + s.Time.UTC().Format(timeFormat) + "\n" + s.scope() + "\n" + HashPayload([]byte(canonical))
	return hex.EncodeToString(mac(key, text))
}
