package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"

	"stormbus/internal/shape"
)

// A body is read into a buffer that begins at most this large, and that grows
// at most to this many times what has arrived, whatever the request claims its
// length to be.
const (
	firstRead  = 64 << 10
	growFactor = 8
)

// Of a body that is too large, the rest is read and thrown away if it is not
// larger than this: such a caller will usually have sent all of it before it
// listens, so otherwise it would see a broken connection instead of the error.
// A larger rest is not read, and its connection ends.
const thrownAway = 4 << 20

// bodyLimit is the size of the largest body of the request: that of its
// operation, else of its service. The server's own limit is for everything that
// is held in memory, and for what has no other.
func (c *call) bodyLimit() int64 {
	limit := int64(0)
	if m := c.model(); m != nil {
		limit = m.MaxBody
	}
	if c.op != nil && c.op.model.MaxBody > 0 {
		limit = c.op.model.MaxBody
	}
	if streams := c.op != nil && c.op.impl != nil && c.op.streams(); limit > 0 && streams {
		return limit
	}
	if limit == 0 || limit > c.server.maxBody {
		return c.server.maxBody
	}
	return limit
}

// readBody reads the body, which must not be larger than the limit.
func (c *call) readBody() error {
	if c.bodyRead {
		return c.withinLimit()
	}
	limit := c.bodyLimit()
	if c.r.ContentLength > limit {
		if c.r.Header.Get("Expect") == "" {
			return c.tooLarge(c.r.Body, limit)
		}
		return c.tooLarge(http.NoBody, limit)
	}
	// One byte more than is allowed says that it is too large.
	body, err := readAll(io.LimitReader(c.r.Body, limit+1), c.r.ContentLength)
	if err != nil {
		return c.bodyError(err)
	}
	if int64(len(body)) > limit {
		return c.tooLarge(c.r.Body, limit)
	}
	c.received = int64(len(body))
	if c.isCompressed() {
		if body, err = unzip(body, limit); err != nil {
			return err
		}
	}
	c.body, c.bodyRead = body, true
	return c.withinLimit()
}

// withinLimit checks a body that was read before its operation was known, or
// that was compressed.
func (c *call) withinLimit() error {
	if limit := c.bodyLimit(); int64(len(c.body)) > limit {
		return c.tooLarge(http.NoBody, limit)
	}
	return nil
}

// isCompressed reports whether the body is compressed for the way only. The
// encoding of an object in S3 is its own and stays.
func (c *call) isCompressed() bool {
	m := c.model()
	return c.r.Header.Get("Content-Encoding") == "gzip" && (m == nil || m.Protocol != shape.RestXML)
}

// unzip returns what body is compressed from, up to a little more than limit.
func unzip(body []byte, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err == nil {
		body, err = readAll(io.LimitReader(z, limit+1), -1)
	}
	if err != nil {
		return nil, serialization("The request body is not valid gzip: %v", err)
	}
	return body, nil
}

// readAll is io.ReadAll for a body whose length is expected to be size, or -1.
func readAll(r io.Reader, size int64) ([]byte, error) {
	first := int64(firstRead)
	if size >= 0 && size < first {
		first = size
	}
	// One byte more than is expected saves growing the buffer to see the end.
	b := make([]byte, 0, first+1)
	for {
		if len(b) == cap(b) {
			b = grow(b, size)
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// grow returns b with more room: at once as much as is expected, if enough of
// it has arrived to believe that.
func grow(b []byte, size int64) []byte {
	if size < int64(len(b)) {
		return append(b, 0)[:len(b)]
	}
	more := make([]byte, len(b), min(size+1, growFactor*int64(len(b))))
	copy(more, b)
	return more
}

// bodyError is what the caller is told when its body cannot be read.
func (c *call) bodyError(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	if e := c.signatureError(err); e != nil {
		return e
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		message := "The request body ended too early."
		if c.isS3() {
			message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
		}
		return commonError(http.StatusBadRequest, "IncompleteBody", "%s", message)
	}
	if c.r.Context().Err() != nil {
		return fmt.Errorf("read the request body: %w", c.r.Context().Err())
	}
	return commonError(http.StatusBadRequest, "IncompleteBody", "The request body could not be read.")
}

// isS3 reports whether the service is S3, which has errors of its own for
// bodies.
func (c *call) isS3() bool { return c.service != nil && c.service.greedy() }

func (c *call) tooLarge(rest io.Reader, limit int64) error {
	if c.r.ContentLength <= limit+thrownAway {
		// Only the caller's connection suffers if this fails, and it is told
		// by net/http, which closes it.
		_, _ = io.CopyN(io.Discard, rest, thrownAway)
	}
	if c.isS3() {
		e := commonError(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
		e.Fields = map[string]any{"MaxSizeAllowed": limit}
		return e
	}
	name := c.req.Operation
	if name == "" {
		name = "requested"
	}
	return commonError(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
		"Request must be smaller than %d bytes for the %s operation", limit, name)
}
