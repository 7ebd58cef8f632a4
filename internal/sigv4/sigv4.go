package sigv4

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The algorithms of signatures that are read.
const (
	HMAC  = "AWS4-HMAC-SHA256"
	ECDSA = "AWS4-ECDSA-P256-SHA256" // SigV4A: signed for a set of regions
)

// timeFormat is how signatures write their time, in UTC.
const timeFormat = "20060102T150405Z"

// Signature is what a request says about who signed it.
type Signature struct {
	Algorithm     string
	AccessKeyID   string
	Date          string // yyyymmdd
	Region        string // empty for ECDSA, which has a set of regions
	Service       string // the signing name
	SignedHeaders []string
	Signature     string // hexadecimal
	Presigned     bool   // in the query string, not in a header

	Time  time.Time // at which it was made; zero if that is not said, or not in a form that is known
	Token string    // of the session, if there is one
}

// Parse reads the signature of r, from its Authorization header or, presigned,
// from its query string. A request without one, or with another kind of
// authorization, gives false.
func Parse(r *http.Request) (Signature, bool, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		algorithm, rest, _ := strings.Cut(header, " ")
		if algorithm != HMAC && algorithm != ECDSA {
			return Signature{}, false, nil
		}
		s, err := parseHeader(algorithm, rest)
		if err != nil {
			return Signature{}, false, err
		}
		s.Time, s.Token = headerTime(r.Header), r.Header.Get("X-Amz-Security-Token")
		return s, true, nil
	}
	if !strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		return Signature{}, false, nil
	}
	return parseQuery(r.URL.Query())
}

// parseHeader reads what follows the algorithm in an Authorization header:
// Credential=…, SignedHeaders=…, Signature=…
func parseHeader(algorithm, text string) (Signature, error) {
	s := Signature{Algorithm: algorithm}
	var credential string
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "Credential":
			credential = value
		case "SignedHeaders":
			s.SignedHeaders = strings.Split(value, ";")
		case "Signature":
			s.Signature = value
		}
	}
	var missing []string
	for _, p := range []struct {
		name  string
		given bool
	}{
		{"Credential", credential != ""},
		{"Signature", s.Signature != ""},
		{"SignedHeaders", len(s.SignedHeaders) > 0},
	} {
		if !p.given {
			missing = append(missing, fmt.Sprintf("Authorization header requires '%s' parameter.", p.name))
		}
	}
	if len(missing) > 0 {
		return Signature{}, incomplete(strings.Join(missing, " "))
	}
	return s, s.credential(credential)
}

// credential reads key/date/region/service/aws4_request. The scope of ECDSA has
// no region.
func (s *Signature) credential(text string) error {
	parts := strings.Split(text, "/")
	want := 5
	if s.Algorithm == ECDSA {
		want = 4
	}
	if len(parts) != want || parts[0] == "" {
		return incomplete(fmt.Sprintf("Credential must have exactly %d slash-delimited elements, "+
			"e.g. keyid/date/region/service/term, got '%s'", want, text))
	}
	if parts[want-1] != "aws4_request" {
		return mismatch(fmt.Sprintf("Credential should be scoped with a valid terminator: 'aws4_request', not '%s'.", parts[want-1]))
	}
	s.AccessKeyID, s.Date, s.Service = parts[0], parts[1], parts[want-2]
	if want == 5 {
		s.Region = parts[2]
		if !isName(s.Region) {
			return mismatch(fmt.Sprintf("Credential should be scoped to a valid region, not '%s'.", s.Region))
		}
	}
	if !isName(s.Service) {
		return mismatch(fmt.Sprintf("Credential should be scoped to correct service, not '%s'.", s.Service))
	}
	return nil
}

// isName reports whether s can be a region or a service: it becomes part of
// ARNs and of keys.
func isName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}
