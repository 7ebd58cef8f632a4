package wire

import (
	"reflect"
	"strings"

	"stormbus/internal/shape"
)

// queryCodec is query: the input is a form, the output is XML.
type queryCodec struct{}

func (queryCodec) format() format { return xmlFormat{} }

func (queryCodec) decode(c *call, in reflect.Value) ([]string, error) {
	values, err := c.form()
	if err != nil {
		return nil, err
	}
	if err := newForm(values).structure(c.op.in, in, "", 0); err != nil {
		return nil, err
	}
	c.addressQueue(in)
	return nil, nil
}

// addressQueue fills in the URL of the queue from where the request was sent
// to, if it is not among the parameters: the oldest clients of SQS call a queue
// at its own URL.
func (c *call) addressQueue(in reflect.Value) {
	i, takes := c.op.in.body["QueueUrl"]
	if !takes || strings.Trim(c.r.URL.Path, "/") == "" {
		return
	}
	if v := in.Field(c.op.in.fields[i].index); v.IsNil() {
		setString(v, c.req.BaseURL+c.r.URL.EscapedPath())
	}
}

func (queryCodec) encode(c *call, out reflect.Value) error {
	x := xmlWriter{b: c.buf}
	op := c.op.model
	x.open(op.Name+"Response", c.model().XMLNamespace)
	wrapper := c.resultWrapper()
	if wrapper != "" {
		x.open(wrapper, "")
	}
	x.members(c.op.out, out)
	if wrapper != "" {
		x.close(wrapper)
	}
	x.open("ResponseMetadata", "")
	x.element("RequestId", c.req.ID)
	x.close("ResponseMetadata")
	x.close(op.Name + "Response")
	c.buf = x.b
	c.respond(c.op.status(), xmlType, c.buf)
	return nil
}

// resultWrapper is the element around an output. The models of services that
// have changed their protocol do not tell it any more.
func (c *call) resultWrapper() string {
	op := c.op.model
	if op.ResultWrapper == "" && op.Output != "" && c.model().Protocol != shape.Query {
		return op.Name + "Result"
	}
	return op.ResultWrapper
}

func (queryCodec) fail(c *call, f failure) {
	x := xmlWriter{b: c.buf}
	namespace := ""
	if m := c.model(); m != nil {
		namespace = m.XMLNamespace
	}
	x.open("ErrorResponse", namespace)
	x.open("Error", "")
	x.element("Type", string(f.fault))
	x.element("Code", f.queryCode)
	x.element("Message", f.queryMessage)
	x.close("Error")
	x.element("RequestId", c.req.ID)
	x.close("ErrorResponse")
	c.buf = x.b
	c.respond(f.status, xmlType, c.buf)
}
