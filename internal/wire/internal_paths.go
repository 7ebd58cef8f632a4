package wire

import (
	"io"
	"net/http"
)

// toInternal hands the request on, with what is known about it.
func (c *call) toInternal() error {
	c.locate()
	if err := c.authorizeInternal(); err != nil {
		return err
	}
	c.req.Service = "internal"
	c.handOn(c.server.internal)
	return nil
}

// statusWriter notes what another handler answers.
type statusWriter struct {
	http.ResponseWriter
	status, size int
}

// WriteHeader notes the status.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the size.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.size += n
	return n, err
}

// Flush sends what was written so far, for streams of events.
func (w *statusWriter) Flush() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var _ io.Writer = (*statusWriter)(nil)
