package checksum

import (
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/textproto"
	"strings"
)

// Error is a checksum that cannot be used, or that is not the body's. Code and
// Message are S3's; the status is 400.
type Error struct {
	Code    string
	Message string
}

// Error gives the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Value is a checksum of a body.
type Value struct {
	Algorithm Algorithm
	Text      string // in base64
}

// Trailers gives the trailers of a body, once it was read to its end.
type Trailers interface {
	Announces(name string) bool
	Trailer(name string) string
}

// Reader reads a body and compares its checksums at the end. It is for one
// goroutine.
type Reader struct {
	from     io.Reader
	trailers Trailers
	checks   []check
	values   []Value
	err      error
}

// check is one checksum in the making.
type check struct {
	algorithm Algorithm
	hash      hash.Hash
	want      string // empty: in the trailer
}

// Open returns a reader of from that verifies the checksums that h announces:
// one of the headers x-amz-checksum-*, or a trailer of that name, and
// Content-MD5. It returns nil if there are none. Trailers may be nil. The error,
// also of Read, is an *[Error].
func Open(from io.Reader, h http.Header, trailers Trailers) (*Reader, error) {
	r := &Reader{from: from, trailers: trailers}
	for _, a := range Algorithms() {
		value, announced := h.Get(a.Header()), trailers != nil && trailers.Announces(a.Header())
		switch {
		case value != "" && !a.valid(value):
			return nil, &Error{"InvalidRequest", fmt.Sprintf("Value for %s header is invalid.", strings.ToLower(a.Header()))}
		case value != "" || announced:
			r.checks = append(r.checks, check{a, a.New(), value})
		}
	}
	if len(r.checks) > 1 {
		return nil, &Error{"InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."}
	}
	if value, given := h[textproto.CanonicalMIMEHeaderKey(MD5.Header())]; given {
		if len(value) != 1 || !MD5.valid(value[0]) {
			return nil, &Error{"InvalidDigest", "The Content-MD5 you specified was invalid."}
		}
		r.checks = append(r.checks, check{MD5, MD5.New(), value[0]})
	}
	if len(r.checks) == 0 {
		return nil, nil
	}
	return r, nil
}

// Read reads, and gives an error instead of io.EOF if the body is another one
// than its checksums say.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.from.Read(p)
	for _, c := range r.checks {
		c.hash.Write(p[:n]) // never fails
	}
	if err == io.EOF {
		err = r.compare()
	}
	r.err = err
	return n, err
}

// compare returns io.EOF if the checksums are right.
func (r *Reader) compare() error {
	values := make([]Value, 0, len(r.checks))
	for _, c := range r.checks {
		want := c.want
		if want == "" {
			want = r.trailers.Trailer(c.algorithm.Header())
		}
		if !c.algorithm.valid(want) {
			return &Error{"InvalidRequest", fmt.Sprintf("Value for %s trailing header is invalid.", strings.ToLower(c.algorithm.Header()))}
		}
		got := Encode(c.hash)
		if subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
			return errBadDigest(c.algorithm)
		}
		values = append(values, Value{c.algorithm, got})
	}
	r.values = values
	return io.EOF
}

// Values returns the checksums that were verified. There are none before Read
// has given io.EOF.
func (r *Reader) Values() []Value { return r.values }

func errBadDigest(a Algorithm) error {
	if a == MD5 {
		return &Error{"BadDigest", "The Content-MD5 you specified did not match what we received."}
	}
	return &Error{"BadDigest", fmt.Sprintf("The %s you specified did not match the calculated checksum.", a)}
}
