package wire

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"stormbus/internal/shape"
)

// queryCodec is query: the input is a form, the output is XML.
type queryCodec struct{}

const xmlType = "text/xml"

func (queryCodec) decode(c *call, in reflect.Value) ([]string, error) {
	values, err := c.form()
	if err != nil {
		return nil, err
	}
	return nil, newForm(values).structure(c.op.in, in, "", 0)
}

func (queryCodec) encode(c *call, out reflect.Value) error {
	x := xmlWriter{b: c.buf}
	op := c.op.model
	x.open(op.Name+"Response", c.model().XMLNamespace)
	if op.ResultWrapper != "" {
		x.open(op.ResultWrapper, "")
	}
	x.members(c.op.out, out)
	if op.ResultWrapper != "" {
		x.close(op.ResultWrapper)
	}
	x.open("ResponseMetadata", "")
	x.element("RequestId", c.req.ID)
	x.close("ResponseMetadata")
	x.close(op.Name + "Response")
	c.buf = x.b
	c.respond(c.op.status(), xmlType, c.buf)
	return nil
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
	x.element("Message", f.message)
	x.close("Error")
	x.element("RequestId", c.req.ID)
	x.close("ErrorResponse")
	c.buf = x.b
	c.respond(f.status, xmlType, c.buf)
}

// xmlWriter appends XML.
type xmlWriter struct{ b []byte }

func (x *xmlWriter) open(name, namespace string) {
	x.b = append(append(x.b, '<'), name...)
	if namespace != "" {
		x.b = append(x.b, ` xmlns="`...)
		x.text(namespace)
		x.b = append(x.b, '"')
	}
	x.b = append(x.b, '>')
}

func (x *xmlWriter) close(name string) {
	x.b = append(append(append(x.b, "</"...), name...), '>')
}

func (x *xmlWriter) element(name, text string) {
	x.open(name, "")
	x.text(text)
	x.close(name)
}

// text writes character data. What XML 1.0 cannot hold becomes the replacement
// character.
func (x *xmlWriter) text(s string) {
	for _, r := range s {
		switch {
		case r == '&':
			x.b = append(x.b, "&amp;"...)
		case r == '<':
			x.b = append(x.b, "&lt;"...)
		case r == '>':
			x.b = append(x.b, "&gt;"...)
		case r == '"':
			x.b = append(x.b, "&quot;"...)
		case r == '\r':
			x.b = append(x.b, "&#xD;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			x.b = utf8.AppendRune(x.b, utf8.RuneError)
		default:
			x.b = utf8.AppendRune(x.b, r)
		}
	}
}

func (x *xmlWriter) members(p *plan, v reflect.Value) {
	for i := range p.fields {
		f := &p.fields[i]
		if fv := v.Field(f.index); !fv.IsNil() {
			x.value(f.plan, fv, f.name, f)
		}
	}
}

// value writes an element called name. For a member, m is its field.
func (x *xmlWriter) value(p *plan, v reflect.Value, name string, m *field) {
	flat := p.shape.Flattened || m != nil && m.member.Flattened
	switch p.kind {
	case shape.Structure:
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		x.open(name, "")
		x.members(p, v)
		x.close(name)
	case shape.List:
		item := nameOr(p.shape.ElemName, name)
		if !flat {
			x.open(name, "")
			item = elemName(p)
		}
		for i := range v.Len() {
			x.value(p.elem, v.Index(i), item, nil)
		}
		if !flat {
			x.close(name)
		}
	case shape.Map:
		item := name
		if !flat {
			x.open(name, "")
			item = "entry"
		}
		for _, key := range sortedKeys(v) {
			x.open(item, "")
			x.element(keyName(p), key)
			x.value(p.elem, mapElem(v, key), valueName(p), nil)
			x.close(item)
		}
		if !flat {
			x.close(name)
		}
	default:
		format := p.shape.TimestampFormat
		if m != nil {
			format = m.format
		}
		text, _ := getText(p, v, nameOr(format, formatISO))
		x.element(name, strings.ToValidUTF8(text, "\ufffd"))
	}
}
