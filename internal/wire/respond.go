package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"stormbus/internal/shape"
	"stormbus/internal/telemetry"
)

// failWith answers with err. What is not an Error is the service's own fault:
// it is logged and not told.
func (c *call) failWith(err error) {
	var e *Error
	var bad *malformed
	switch {
	case errors.As(err, &e):
		c.logFault(e)
	case errors.As(err, &bad):
		e = commonError(http.StatusBadRequest, "SerializationException", "%s", bad.reason)
	default:
		if e = c.signatureError(err); e == nil {
			e = c.internalError(err)
		}
	}
	if c.status != 0 {
		return // the answer was on its way already
	}
	f := e.complete(c.model())
	c.code = f.code
	codec := c.codec
	if codec == nil {
		codec = c.guessCodec()
	}
	c.buf = c.buf[:0]
	codec.fail(c, f)
}

// logFault logs an error that a service declared to be its own fault.
func (c *call) logFault(e *Error) {
	f := e.complete(c.model())
	if f.status < http.StatusInternalServerError {
		return
	}
	level := slog.LevelError
	if f.status == http.StatusNotImplemented {
		level = slog.LevelWarn // nothing broke
	}
	c.server.log.LogAttrs(c.r.Context(), level, "request failed", append(c.attrs(), slog.Any(telemetry.KeyError, e))...)
}

// internalError logs err and returns what the caller is told instead.
func (c *call) internalError(err error) *Error {
	attrs := append(c.attrs(), slog.Any(telemetry.KeyError, err))
	if p := (*panicked)(nil); errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	level := slog.LevelError
	if errors.Is(err, context.Canceled) && c.r.Context().Err() != nil {
		level = slog.LevelDebug // the caller has gone, so nobody is told anything
	}
	c.server.log.LogAttrs(c.r.Context(), level, "request failed", attrs...)
	code := "InternalFailure"
	if m := c.model(); m != nil {
		code = m.InternalError
	}
	e := Errorf(code, internalMessage)
	e.Status, e.Fault = http.StatusInternalServerError, Receiver
	return e
}

// checksummed is the service whose answers have a checksum, which its clients
// compare: DynamoDB.
const checksummed = "dynamodb"

// respond writes the answer.
func (c *call) respond(status int, contentType string, body []byte) {
	h := c.w.Header()
	_, sized := h["Content-Length"] // of what a HEAD request does not get
	if !sized && status != http.StatusNoContent && status != http.StatusNotModified {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	if m := c.model(); m != nil && m.SigningName == checksummed {
		h["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
	}
	c.size = len(body)
	c.begin(status, contentType)
	if c.r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	if err := c.write(body); err != nil {
		c.logUnwritten(err)
	}
}

// An answer of this size does not fit into the buffer of net/http, which is of
// 4 KiB, with its head; up to the other it is worth to be copied once more so as
// to leave in one piece: each piece is a call of the system, here and at the
// client, and wakes the client.
const (
	holdFrom = 3 << 10
	holdTo   = 64 << 10
)

// write writes the answer's body.
func (c *call) write(body []byte) error {
	held, ok := c.r.Context().Value(connKey{}).(Holder)
	if !ok || len(body) < holdFrom || len(body) > holdTo {
		_, err := c.w.Write(body)
		return err
	}
	held.Hold()
	_, err := c.w.Write(body)
	flushed := http.NewResponseController(c.w).Flush() // into what is held
	return errors.Join(err, flushed, held.Release())
}

// Holder is a connection that can hold back what is written to it, so that it
// leaves in one piece.
type Holder interface {
	// Hold keeps back what is written from now on.
	Hold()
	// Release writes it.
	Release() error
}

type connKey struct{}

// ConnContext is that of http.Server: it lets answers leave in one piece where
// the connection is a [Holder]. One that carries several requests at once must
// not be.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if h, ok := c.(Holder); ok {
		return context.WithValue(ctx, connKey{}, h)
	}
	return ctx
}

// errorFields adds to fields, the members that every error has, those that this
// one has itself. Members that the model puts into headers go there.
func (c *call) errorFields(f failure, fields map[string]any) map[string]any {
	inHeader := map[string]string{}
	if f.model != nil {
		for i := range f.model.Members {
			if m := &f.model.Members[i]; m.Location == shape.Header {
				inHeader[m.Name] = m.Wire()
			}
		}
	}
	for name, value := range f.fields {
		if header, ok := inHeader[name]; ok {
			c.w.Header().Set(header, fmt.Sprint(value))
		} else {
			fields[name] = value
		}
	}
	return fields
}

// respondError writes an error as JSON: fields, and what the error itself has.
func (c *call) respondError(contentType string, f failure, fields map[string]any) {
	body, err := json.Marshal(c.errorFields(f, fields))
	if err != nil {
		c.server.log.LogAttrs(c.r.Context(), slog.LevelError, "error not encoded",
			append(c.attrs(), slog.Any(telemetry.KeyError, err))...)
		body = []byte("{}")
	}
	c.respond(f.status, contentType, body)
}

// tellQueryCode tells the code of an error in the query protocol that the
// service once had.
func (c *call) tellQueryCode(f failure) {
	if c.model().QueryCompatible {
		c.w.Header().Set("X-Amzn-Query-Error", f.queryCode+";"+string(f.fault))
	}
}

// attrs are the attributes of every log line about the request.
func (c *call) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String(telemetry.KeyRequestID, c.req.ID),
		slog.String(telemetry.KeyService, c.req.Service),
		slog.String(telemetry.KeyOperation, c.req.Operation),
	}
}

// finish counts and logs the request and gives back what was borrowed.
func (c *call) finish() {
	if cap(c.buf) > cap(*c.buffer) && cap(c.buf) <= maxPooled {
		*c.buffer = c.buf
	}
	c.server.buffers.Put(c.buffer)
	took := c.server.clock.Now().Sub(c.started)
	if c.server.metrics != nil {
		c.server.metrics.inFlight.Dec()
		c.observe(took)
	}
	if !c.server.log.Enabled(c.r.Context(), slog.LevelDebug) {
		return
	}
	c.server.log.LogAttrs(c.r.Context(), slog.LevelDebug, "request", append(c.attrs(),
		slog.String("method", c.r.Method),
		slog.String("path", c.r.URL.Path),
		slog.Int("status", c.status),
		slog.String("code", c.code),
		slog.Int64("received", c.received),
		slog.Int("sent", c.size),
		slog.Duration("took", took),
	)...)
}

// Larger buffers than this are not kept for the next answer.
const maxPooled = 1 << 20
