package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// payloadHeader says what of the body is in the signature.
const payloadHeader = "X-Amz-Content-Sha256"

// What payloadHeader may say, beside a hash in hexadecimal.
const (
	UnsignedPayload          = "UNSIGNED-PAYLOAD"
	StreamingSigned          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// PayloadHash returns what a request says its payload hash to be. It gives
// false where nothing is said: then it is the hash of the body.
func PayloadHash(r *http.Request, s *Signature) (string, bool) {
	value := r.Header.Get(payloadHeader)
	if value == "" && s.Presigned {
		value = r.URL.Query().Get(payloadHeader)
		if value == "" && isS3(s.Service) {
			value = UnsignedPayload
		}
	}
	return value, value != ""
}

// Body is the body of a request as its caller means it: without the frames of
// aws-chunked. It reads no more than one buffer ahead. A Body is for one
// goroutine.
type Body struct {
	io.Reader
	closer io.Closer
	// Length is the number of bytes that will be read, or -1 if it is not
	// known.
	Length int64
	frames *frames // nil if there are none
}

// Close closes the request's own body.
func (b *Body) Close() error { return b.closer.Close() }

// Framed reports whether the body was in the frames of aws-chunked.
func (b *Body) Framed() bool { return b.frames != nil }

// Announces reports whether a trailer called name will follow the body.
func (b *Body) Announces(name string) bool { return b.frames != nil && b.frames.announces(name) }

// Trailer returns the value of a trailer. There is none before Read has given
// io.EOF.
func (b *Body) Trailer(name string) string {
	if b.frames == nil {
		return ""
	}
	return b.frames.trailers[strings.ToLower(name)]
}

// OpenBody prepares to read the body of r. With a proof, the body must be what
// was signed; without one, frames are taken off and no signature is looked at.
// What is wrong with the body is an *[Error] of Read.
func OpenBody(r *http.Request, proof *Proof) (*Body, error) {
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	b := &Body{Reader: body, closer: body, Length: r.ContentLength}
	declared := r.Header.Get(payloadHeader)
	if proof != nil {
		// The hash is of what was sent, frames and all.
		if isHash(declared) {
			b.Reader = &hashed{from: body, hash: sha256.New(), want: declared, service: proof.service}
		} else if !isKnownPayload(declared) {
			return nil, errPayloadHeader()
		}
	}
	if isFramed(r, declared) {
		f, err := newFrames(r, b.Reader, declared, proof)
		if err != nil {
			return nil, err
		}
		b.Reader, b.frames, b.Length = f, f, f.want
	}
	return b, nil
}

func isKnownPayload(declared string) bool {
	switch declared {
	case "", UnsignedPayload, StreamingSigned, StreamingSignedTrailer, StreamingUnsignedTrailer:
		return true
	}
	return false
}

func errPayloadHeader() error {
	return s3Error(http.StatusBadRequest, "InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "+
		"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "+
		"STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.")
}

// Framed reports whether the body of r has the frames of aws-chunked.
func Framed(r *http.Request) bool { return isFramed(r, r.Header.Get(payloadHeader)) }

func isFramed(r *http.Request, declared string) bool {
	switch declared {
	case StreamingSigned, StreamingSignedTrailer, StreamingUnsignedTrailer:
		return true
	}
	for _, value := range r.Header["Content-Encoding"] {
		for coding := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(coding), awsChunked) {
				return true
			}
		}
	}
	return false
}

const awsChunked = "aws-chunked"

// StripEncoding takes aws-chunked out of a Content-Encoding: it is a matter of
// the transport, not of what is stored. The rest keeps its order.
func StripEncoding(h http.Header) {
	values, given := h["Content-Encoding"]
	if !given {
		return
	}
	var rest []string
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, awsChunked) {
				rest = append(rest, coding)
			}
		}
	}
	if len(rest) == 0 {
		delete(h, "Content-Encoding")
		return
	}
	h["Content-Encoding"] = []string{strings.Join(rest, ",")}
}

func isHash(text string) bool {
	if len(text) != 2*sha256.Size {
		return false
	}
	_, err := hex.DecodeString(text)
	return err == nil
}

// hashed reads a body and compares its hash at the end.
type hashed struct {
	from    io.Reader
	hash    hash.Hash
	want    string
	service string
	err     error
}

// Read reads, and gives an error instead of io.EOF if the body is another one
// than was signed.
func (h *hashed) Read(p []byte) (int, error) {
	if h.err != nil {
		return 0, h.err
	}
	n, err := h.from.Read(p)
	h.hash.Write(p[:n]) // never fails
	if err == io.EOF && !equal(hex.EncodeToString(h.hash.Sum(nil)), strings.ToLower(h.want)) {
		err = errPayload(h.service)
	}
	h.err = err
	return n, err
}

// errPayload says that a body is not the one that was signed.
func errPayload(service string) error {
	if isS3(service) {
		return s3Error(http.StatusBadRequest, "XAmzContentSHA256Mismatch",
			"The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return errMismatch(service)
}

// decodedLength is the length that a framed body has without its frames.
func decodedLength(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return 0, s3Error(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	return n, nil
}
