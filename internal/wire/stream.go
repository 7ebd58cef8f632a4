package wire

import (
	"errors"
	"io"
	"log/slog"
	"net/http"

	"stormbus/internal/telemetry"
)

// stream is the body as a reader, for an operation that reads it itself. What
// it returns fails with an [Error] for the caller where the body is too large
// or ends too early.
func (c *call) stream() io.Reader {
	return &bodyStream{call: c, left: c.bodyLimit()}
}

type bodyStream struct {
	call *call
	left int64 // bytes that may still be read
}

// Read reads from the body.
func (s *bodyStream) Read(b []byte) (int, error) {
	if int64(len(b)) > s.left+1 {
		b = b[:s.left+1] // the one byte that is too many
	}
	n, err := s.call.r.Body.Read(b)
	s.left -= int64(n)
	s.call.received += int64(n)
	if s.left < 0 {
		return 0, s.call.tooLarge(http.NoBody, s.call.bodyLimit())
	}
	if err != nil && err != io.EOF {
		return n, s.call.bodyError(err)
	}
	return n, err
}

// respondStream answers with what it reads from body, which may be nil, and
// closes it if it can be closed. If the length of the answer is not known from
// a header, every piece is sent as it comes.
func (c *call) respondStream(status int, contentType string, body io.Reader) error {
	if body == nil {
		c.respond(status, contentType, nil)
		return nil
	}
	if closer, ok := body.(io.Closer); ok {
		defer func() {
			if err := closer.Close(); err != nil {
				c.logUnwritten(err)
			}
		}()
	}
	_, sized := c.w.Header()["Content-Length"]
	c.begin(status, contentType)
	if c.r.Method == http.MethodHead {
		return nil
	}
	var w io.Writer = c.w
	if !sized {
		w = flushed{c.w, http.NewResponseController(c.w)}
	}
	n, err := io.Copy(w, body)
	c.size = int(n)
	if err != nil {
		c.abort(err)
	}
	return nil
}

// flushed sends every piece at once.
type flushed struct {
	io.Writer
	control *http.ResponseController
}

// Write writes b and sends it.
func (f flushed) Write(b []byte) (int, error) {
	n, err := f.Writer.Write(b)
	if err == nil {
		err = flush(f.control)
	}
	return n, err
}

// flush sends what was written. Not every writer can.
func flush(control *http.ResponseController) error {
	if err := control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// begin writes the status and the headers of an answer.
func (c *call) begin(status int, contentType string) {
	h := c.w.Header()
	if _, given := h["Content-Type"]; !given && contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
	c.status = status
	c.w.WriteHeader(status)
}

// abort ends an answer that has begun and cannot be finished: the connection is
// broken, so that the caller cannot take the part for the whole.
func (c *call) abort(err error) {
	c.logUnwritten(err)
	panic(http.ErrAbortHandler)
}

func (c *call) logUnwritten(err error) {
	c.server.log.LogAttrs(c.r.Context(), slog.LevelDebug, "answer not written",
		append(c.attrs(), slog.Any(telemetry.KeyError, err))...)
}
