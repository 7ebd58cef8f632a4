package wire

import (
	"context"

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

// NewContext returns a context that carries r.
func NewContext(ctx context.Context, r Request) context.Context {
	return withRequest(ctx, &r)
}

// withRequest is NewContext for a request that does not change any more.
func withRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// From returns the request that ctx carries, or the zero Request.
func From(ctx context.Context) Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return *r
	}
	return Request{}
}
