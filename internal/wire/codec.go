package wire

import (
	"net/http"
	"reflect"

	"stormbus/internal/shape"
)

// codec is one protocol in the server's direction. It has no state: everything
// about a request is in the call.
type codec interface {
	// decode reads the request's input into the structure in. It returns the
	// elements that are null, as violations.
	decode(c *call, in reflect.Value) (found []string, err error)
	// encode answers with the structure out.
	encode(c *call, out reflect.Value) error
	// fail answers with an error.
	fail(c *call, f failure)
	// format is that of the protocol's bodies and of messages in its streams.
	format() format
}

// codecFor returns the codec of a protocol, or nil if there is none yet.
func codecFor(p shape.Protocol) codec {
	switch p {
	case shape.JSON:
		return jsonCodec{}
	case shape.RestJSON:
		return restJSONCodec{}
	case shape.CBOR:
		return cborCodec{}
	case shape.RestXML:
		return restXMLCodec{}
	case shape.Query:
		return queryCodec{}
	}
	return nil
}

// jsonCodec is awsJson 1.0 and 1.1: the input is the body, an object.
type jsonCodec struct{}

func (jsonCodec) format() format { return jsonFormat{} }

func (jsonCodec) decode(c *call, in reflect.Value) ([]string, error) {
	return decodeJSON(c.body, c.op.in, in)
}

func (jsonCodec) encode(c *call, out reflect.Value) error {
	if c.op.out.events != nil {
		return c.respondEventsRPC(jsonFormat{}, out)
	}
	c.buf = appendJSON(c.buf, c.op.out, out, "")
	c.respond(http.StatusOK, jsonType(c), c.buf)
	return nil
}

func (jsonCodec) fail(c *call, f failure) {
	name := f.code
	m := c.model()
	switch {
	case m == nil:
	case m.ErrorNamespace != "" && !f.common:
		name = m.ErrorNamespace + "#" + name
	case m.JSONVersion == "1.0":
		name = "com.amazon.coral.service#" + name
	}
	if m != nil {
		c.tellQueryCode(f)
	}
	fields := map[string]any{"__type": name, "message": f.message}
	c.respondError(jsonType(c), f, fields)
}

// jsonType is the media type of the answer. Where the service is not known, it
// is the request's.
func jsonType(c *call) string {
	if m := c.model(); m != nil && m.JSONVersion != "" {
		return "application/x-amz-json-" + m.JSONVersion
	}
	if c.r.Header.Get("Content-Type") == "application/x-amz-json-1.0" {
		return "application/x-amz-json-1.0"
	}
	return "application/x-amz-json-1.1"
}
