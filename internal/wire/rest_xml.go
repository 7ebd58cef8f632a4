package wire

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
)

// restXMLCodec is rest-xml: the input is spread over the path, the query
// string, headers and the body.
type restXMLCodec struct{}

func (restXMLCodec) format() format { return xmlFormat{} }

func (r restXMLCodec) decode(c *call, in reflect.Value) ([]string, error) {
	return decodeREST(c, r.format(), in)
}

func (r restXMLCodec) encode(c *call, out reflect.Value) error {
	c.identifyTwice()
	return encodeREST(c, r.format(), out)
}

// identifyTwice tells the id of the request in the two headers that S3 has for
// it, instead of the one of all other services. It returns the second id.
func (c *call) identifyTwice() string {
	h := c.w.Header()
	h.Del("X-Amzn-Requestid")
	second := base64.StdEncoding.EncodeToString([]byte(c.req.ID))
	h["X-Amz-Request-Id"], h["X-Amz-Id-2"] = []string{c.req.ID}, []string{second}
	return second
}

// fail answers with an Error element. It stands alone in S3, and in an
// ErrorResponse in other services.
func (restXMLCodec) fail(c *call, f failure) {
	second := c.identifyTwice()
	m := c.model()
	wrapped := m != nil && m.ErrorWrapper
	x := xmlWriter{b: append(c.buf, xmlDeclaration...)}
	if wrapped {
		x.open("ErrorResponse", m.XMLNamespace)
	}
	x.open("Error", "")
	if wrapped {
		x.element("Type", string(f.fault))
	}
	x.element("Code", f.queryCode)
	x.element("Message", f.message)
	x.fields(f.fields)
	if !wrapped {
		x.element("RequestId", c.req.ID)
		x.element("HostId", second)
	}
	x.close("Error")
	if wrapped {
		x.element("RequestId", c.req.ID)
		x.close("ErrorResponse")
	}
	c.buf = x.b
	if c.r.Method == http.MethodHead || f.status == http.StatusNotModified {
		c.respond(f.status, "", nil)
		return
	}
	c.respond(f.status, "application/xml", c.buf)
}

// fields writes further members of an error, in the order of their names.
func (x *xmlWriter) fields(fields map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		x.element(name, fmt.Sprint(fields[name]))
	}
}
