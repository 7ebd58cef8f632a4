package wire

import (
	"context"
	"net/http"

	"stormbus/internal/arn"
	"stormbus/internal/checksum"
	"stormbus/internal/telemetry"
)

// Request is what is known about a request apart from its input.
type Request struct {
	ID          string // told to the caller in every answer
	Service     string // the model's name
	Operation   string
	Scope       arn.Scope // account and region of the caller
	AccessKeyID string    // empty if the request is not signed
	Trace       telemetry.Trace
	// Checksums are those of the body that the caller sent, verified once the
	// body was read to its end; nil if there are none.
	Checksums *checksum.Reader
	BaseURL   string // scheme://host as the caller sees us, without a slash at the end
	Host      VirtualHost
}

type requestKey struct{}

// carried is what a context carries.
type carried struct {
	req    Request
	writer http.ResponseWriter // of the answer; nil outside of a server
}

// NewContext returns a context that carries r.
func NewContext(ctx context.Context, r Request) context.Context {
	return withRequest(ctx, &carried{req: r})
}

// withRequest is NewContext for a request that does not change any more.
func withRequest(ctx context.Context, c *carried) context.Context {
	return context.WithValue(ctx, requestKey{}, c)
}

// From returns the request that ctx carries, or the zero Request.
func From(ctx context.Context) Request {
	if c, ok := ctx.Value(requestKey{}).(*carried); ok {
		return c.req
	}
	return Request{}
}

// AnswerTrace tells the caller the trace of what its request has caused, in a
// header of the answer. It must be called before the operation returns.
func AnswerTrace(ctx context.Context, t telemetry.Trace) {
	if c, ok := ctx.Value(requestKey{}).(*carried); ok && c.writer != nil {
		c.writer.Header().Set(telemetry.TraceHeader, t.String())
	}
}
