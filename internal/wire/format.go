package wire

import (
	"reflect"

	"stormbus/internal/shape"
)

// format is how a protocol writes one value as a body, or as a message of a
// stream. It has no state.
type format interface {
	mediaType() string
	// read reads body, which is one value for p, into v. It returns the
	// elements that are null, as violations. No body at all is an empty value.
	read(body []byte, p *plan, v reflect.Value) (found []string, err error)
	// write appends the structure, list, map or scalar v, which is not absent.
	write(b []byte, p *plan, v reflect.Value, root root) []byte
}

// root is the outermost element of a document, for the formats that have one.
type root struct {
	name      string
	namespace shape.Namespace
	// unwrapped documents are the text of the structure's only member.
	unwrapped bool
}

// outputRoot is the root of the answer. Where it has the name of the output's
// only member, it is that member.
func (c *call) outputRoot() root {
	op, p := c.op.model, c.op.out
	return root{
		name: nameOr(op.OutputElement, op.Output), namespace: c.rootNamespace(shape.Namespace{}),
		unwrapped: len(p.fields) == 1 && p.fields[0].element == op.OutputElement && p.fields[0].plan.kind == shape.String,
	}
}

// rootNamespace is the namespace of a document of the service.
func (c *call) rootNamespace(n shape.Namespace) shape.Namespace {
	if n.URI == "" {
		n.URI = c.model().XMLNamespace
	}
	return n
}

// jsonFormat is JSON.
type jsonFormat struct{}

func (jsonFormat) mediaType() string { return "application/json" }

func (jsonFormat) read(body []byte, p *plan, v reflect.Value) ([]string, error) {
	return decodeJSON(body, p, v)
}

func (jsonFormat) write(b []byte, p *plan, v reflect.Value, _ root) []byte {
	return appendJSON(b, p, v, "")
}

// xmlFormat is XML as in rest-xml.
type xmlFormat struct{}

func (xmlFormat) mediaType() string { return "application/xml" }

func (xmlFormat) read(body []byte, p *plan, v reflect.Value) ([]string, error) {
	return nil, decodeXML(body, p, v)
}

func (xmlFormat) write(b []byte, p *plan, v reflect.Value, root root) []byte {
	x := xmlWriter{b: append(b, xmlDeclaration...)}
	if root.unwrapped {
		x.unwrapped(p, v, root)
	} else {
		x.structure(p, v, root.name, root.namespace)
	}
	return x.b
}

const xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
