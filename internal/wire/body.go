package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// A body is read into a buffer that begins at most this large, whatever the
// request claims its length to be.
const firstRead = 64 << 10

// Of a body that is too large, as much again as the limit and this much more is
// read and thrown away: the caller will usually have sent all of it before it
// listens, so otherwise it would see a broken connection instead of the error.
const thrownAway = 16 << 20

// readBody reads the body, which must not be larger than the limit.
func (c *call) readBody() error {
	if c.bodyRead {
		return nil
	}
	limit := c.server.maxBody
	if c.r.ContentLength > limit {
		if c.r.Header.Get("Expect") == "" {
			return c.tooLarge(c.r.Body, limit)
		}
		return c.tooLarge(http.NoBody, limit)
	}
	size := c.r.ContentLength
	if size < 0 || size > firstRead {
		size = firstRead
	}
	// One byte more than is allowed says that it is too large, and one more
	// than is expected saves growing the buffer to see the end.
	body, err := readAll(io.LimitReader(c.r.Body, limit+1), int(size)+1)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return commonError(http.StatusBadRequest, "IncompleteBody", "The request body ended too early.")
		}
		if c.r.Context().Err() != nil {
			return fmt.Errorf("read the request body: %w", c.r.Context().Err())
		}
		return commonError(http.StatusBadRequest, "IncompleteBody", "The request body could not be read.")
	}
	if int64(len(body)) > limit {
		return c.tooLarge(c.r.Body, limit)
	}
	c.body, c.bodyRead = body, true
	return nil
}

// readAll is io.ReadAll with a first size.
func readAll(r io.Reader, size int) ([]byte, error) {
	b := make([]byte, 0, size)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
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

func (c *call) tooLarge(rest io.Reader, limit int64) error {
	// Only the caller's connection suffers if this fails, and it is told by
	// net/http, which closes it.
	_, _ = io.CopyN(io.Discard, rest, limit+thrownAway)
	name := c.req.Operation
	if name == "" {
		name = "requested"
	}
	return commonError(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
		"Request must be smaller than %d bytes for the %s operation", limit, name)
}
