package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"

	"stormbus/internal/checksum"
	"stormbus/internal/shape"
	"stormbus/internal/sigv4"
)

// The signing name of requests for the server's own paths.
const internalService = "stormbus"

// hashing notes the hash of a body while it is read.
type hashing struct {
	io.ReadCloser
	hash hash.Hash
}

// Read reads.
func (h *hashing) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.hash.Write(p[:n]) // never fails
	return n, err
}

// watchBody begins to note the hash of the body, which may be read before the
// operation is known. Where nothing is verified it costs nothing.
func (c *call) watchBody() {
	if c.server.auth != nil && c.r.Body != nil {
		c.hashing = &hashing{ReadCloser: c.r.Body, hash: sha256.New()}
		c.r.Body = c.hashing
	}
}

// authorize verifies the signature of a request for an operation, and prepares
// its body.
func (c *call) authorize() error {
	if c.server.auth == nil || c.op.model.Unsigned {
		return c.openBody(nil)
	}
	service := c.op.service.model
	switch {
	case !c.signed:
		return sigv4.Missing(service.SigningName)
	case c.signature.Service != service.SigningName:
		return sigv4.WrongService(service.SigningName, c.signature.Service)
	}
	if c.declares() {
		declared, _ := sigv4.PayloadHash(c.r, &c.signature)
		proof, err := c.prove(declared)
		if err != nil {
			return err
		}
		return c.openBody(proof)
	}
	if err := c.readBody(); err != nil {
		return err
	}
	if _, err := c.prove(hex.EncodeToString(c.hashing.hash.Sum(nil))); err != nil {
		return err
	}
	if c.op.streams() {
		c.r.Body = io.NopCloser(bytes.NewReader(c.body))
	}
	return nil
}

// declares reports whether the request may say itself what of its body is
// signed, so that the signature is verified before the body is read. S3's
// requests must; others may say that the body is not signed if the model does.
// All other bodies are held in memory and hashed.
func (c *call) declares() bool {
	if c.op.service.model.Protocol == shape.RestXML {
		return true
	}
	declared, _ := sigv4.PayloadHash(c.r, &c.signature)
	return c.op.model.UnsignedBody && declared == sigv4.UnsignedPayload
}

// prove verifies the signature over a payload of the given hash, and takes the
// account from the key.
func (c *call) prove(payloadHash string) (*sigv4.Proof, error) {
	if payloadHash == "" { // only S3's can be
		return nil, commonError(http.StatusBadRequest, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	}
	proof, err := c.server.auth.Verify(c.r, &c.signature, payloadHash)
	if err != nil {
		return nil, err
	}
	c.req.Scope.Account = proof.Credentials.Account
	return proof, nil
}

// openBody takes the frames off a body and verifies while it is read what the
// proof, and the checksums that the operation knows, say about it.
func (c *call) openBody(proof *sigv4.Proof) error {
	sums := c.op.model.Checksum != nil
	if c.bodyRead || proof == nil && !sums && !sigv4.Framed(c.r) {
		return nil
	}
	body, err := sigv4.OpenBody(c.r, proof)
	if err != nil {
		return err
	}
	if body.Framed() {
		c.r.ContentLength = body.Length
		sigv4.StripEncoding(c.r.Header)
	}
	c.r.Body = body
	if !sums {
		return nil
	}
	verified, err := checksum.Open(body, c.r.Header, body)
	if err != nil || verified == nil {
		return err
	}
	c.req.Checksums = verified
	c.r.Body = struct {
		io.Reader
		io.Closer
	}{verified, body}
	return nil
}

// authorizeInternal verifies the signature of a request for one of the server's
// own paths. What tells no more than that the server is well is open to all.
func (c *call) authorizeInternal() error {
	if c.server.auth == nil || c.r.URL.Path == InternalPrefix+"health" || c.r.URL.Path == InternalPrefix+"metrics" {
		return nil
	}
	if err := c.attribute(); err != nil {
		return err
	}
	switch {
	case !c.signed:
		return sigv4.Missing(internalService)
	case c.signature.Service != internalService:
		return sigv4.WrongService(internalService, c.signature.Service)
	}
	if err := c.readBody(); err != nil {
		return err
	}
	c.r.Body = io.NopCloser(bytes.NewReader(c.body))
	_, err := c.prove(hex.EncodeToString(c.hashing.hash.Sum(nil)))
	return err
}

// The names of signature errors in the query protocol.
var queryCodes = map[string]string{
	"IncompleteSignatureException":        "IncompleteSignature",
	"InvalidSignatureException":           "SignatureDoesNotMatch",
	"MissingAuthenticationTokenException": "MissingAuthenticationToken",
	"UnrecognizedClientException":         "InvalidClientTokenId",
}

// signatureError is what the caller is told of a signature, or of a body that is
// not the one that was signed. It gives nil if err is something else.
func (c *call) signatureError(err error) *Error {
	if e := (*checksum.Error)(nil); errors.As(err, &e) {
		return commonError(http.StatusBadRequest, e.Code, "%s", e.Message)
	}
	e := (*sigv4.Error)(nil)
	if !errors.As(err, &e) {
		return nil
	}
	status := e.Status
	if status == 0 {
		status = http.StatusForbidden
		// The services that have always spoken JSON say 400; SQS does not.
		if m := c.model(); m != nil && m.Protocol == shape.JSON && !m.QueryCompatible {
			status = http.StatusBadRequest
		}
	}
	told := commonError(status, e.Code, "%s", e.Message)
	told.QueryCode = queryCodes[e.Code]
	return told
}
