package wire

import (
	"io"
	"net/http"
	"reflect"

	"stormbus/internal/shape"
)

// decodeREST reads an input that is spread over the path, the query string,
// headers and the body. What is in the body is in the format f.
func decodeREST(c *call, f format, in reflect.Value) ([]string, error) {
	p := c.op.in
	if err := decodeLocations(c, p, in); err != nil {
		return nil, err
	}
	if p.payload == nil {
		if len(p.body) == 0 {
			return nil, nil
		}
		return f.read(c.body, p, in)
	}
	v := in.Field(p.payload.index)
	if p.payload.plan.kind == reader {
		v.Set(reflect.ValueOf(c.stream()))
		return nil, nil
	}
	if len(c.body) == 0 {
		return nil, nil
	}
	switch p.payload.plan.kind {
	case shape.Blob:
		v.SetBytes(c.body)
	case shape.String:
		setString(v, string(c.body))
	default:
		return f.read(c.body, p.payload.plan, v)
	}
	return nil, nil
}

// encodeREST answers with an output that is spread over the status, headers and
// the body. What is in the body is in the format f.
func encodeREST(c *call, f format, out reflect.Value) error {
	p := c.op.out
	status := encodeLocations(c, p, out)
	switch {
	case status == http.StatusNoContent, status == http.StatusNotModified:
		c.respond(status, "", nil)
	case p.payload != nil:
		return encodePayload(c, f, status, p, out.Field(p.payload.index))
	default:
		if len(p.body) > 0 {
			c.buf = f.write(c.buf, p, out, c.outputRoot())
		}
		c.respond(status, typeOf(f, c.buf), c.buf)
	}
	return nil
}

// encodePayload answers with v, the member of p that is the whole body.
func encodePayload(c *call, f format, status int, p *plan, v reflect.Value) error {
	m := p.payload
	switch m.plan.kind {
	case reader:
		var body io.Reader
		if !v.IsNil() {
			body = v.Interface().(io.Reader)
		}
		return c.respondStream(status, nameOr(p.shape.MediaType, blobType), body)
	case eventStream:
		return c.respondEvents(status, f, m, v)
	case shape.Blob:
		c.respond(status, nameOr(p.shape.MediaType, blobType), v.Bytes())
	case shape.String:
		text, _ := getText(m.plan, v, "")
		c.respond(status, "text/plain", []byte(text))
	default:
		if !v.IsNil() {
			c.buf = f.write(c.buf, m.plan, v, root{name: m.element, namespace: c.rootNamespace(m.member.Namespace)})
		}
		c.respond(status, typeOf(f, c.buf), c.buf)
	}
	return nil
}

// typeOf is the media type of a body. In XML, no body has none.
func typeOf(f format, body []byte) string {
	if f == (xmlFormat{}) && len(body) == 0 {
		return ""
	}
	return f.mediaType()
}

const blobType = "application/octet-stream"
