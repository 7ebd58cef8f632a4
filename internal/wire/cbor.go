package wire

import (
	"net/http"
	"reflect"
)

// cborCodec is Smithy's RPC v2 with CBOR: the input is the body, a map.
type cborCodec struct{}

const cborType = "application/cbor"

func (cborCodec) format() format { return cborFormat{} }

func (cborCodec) decode(c *call, in reflect.Value) ([]string, error) {
	return decodeCBOR(c.body, c.op.in, in)
}

func (cborCodec) encode(c *call, out reflect.Value) error {
	c.w.Header()["Smithy-Protocol"] = []string{smithyCBOR}
	if c.op.out.events != nil {
		return c.respondEventsRPC(cborFormat{}, out)
	}
	if c.op.model.Output == "" {
		c.respond(http.StatusOK, "", nil)
		return nil
	}
	c.buf = appendCBOR(c.buf, c.op.out, out)
	c.respond(http.StatusOK, cborType, c.buf)
	return nil
}

func (cborCodec) fail(c *call, f failure) {
	c.w.Header()["Smithy-Protocol"] = []string{smithyCBOR}
	name := f.code
	if m := c.model(); m != nil {
		if m.ErrorNamespace != "" && !f.common {
			name = m.ErrorNamespace + "#" + name
		}
		c.tellQueryCode(f)
	}
	fields := c.errorFields(f, map[string]any{"__type": name, "message": f.message})
	c.buf = appendCBORAny(c.buf, fields)
	c.respond(f.status, cborType, c.buf)
}

// cborFormat is CBOR.
type cborFormat struct{}

func (cborFormat) mediaType() string { return cborType }

func (cborFormat) read(body []byte, p *plan, v reflect.Value) ([]string, error) {
	return decodeCBOR(body, p, v)
}

func (cborFormat) write(b []byte, p *plan, v reflect.Value, _ root) []byte {
	return appendCBOR(b, p, v)
}
