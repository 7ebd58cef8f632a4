package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// literal writes the fields of a Go composite literal, leaving out zero values.
type literal struct{ *bytes.Buffer }

func (l literal) text(field, value string) {
	if value != "" {
		fmt.Fprintf(l, "%s: %q, ", field, value)
	}
}

func (l literal) flag(field string, value bool) {
	if value {
		fmt.Fprintf(l, "%s: true, ", field)
	}
}

func (l literal) texts(field string, values []string) {
	if len(values) == 0 {
		return
	}
	fmt.Fprintf(l, "%s: []string{", field)
	for i, v := range values {
		if i > 0 {
			l.WriteString(", ")
		}
		fmt.Fprintf(l, "%q", v)
	}
	l.WriteString("}, ")
}

// number writes a number that is not zero.
func (l literal) number(field string, value int64) {
	if value != 0 {
		fmt.Fprintf(l, "%s: %d, ", field, value)
	}
}

func (l literal) namespace(field string, n namespace) {
	if n == (namespace{}) {
		return
	}
	fmt.Fprintf(l, "%s: shape.Namespace{", field)
	l.text("URI", n.URI)
	l.text("Prefix", n.Prefix)
	l.WriteString("}, ")
}

var protocols = map[string]string{
	"json": "shape.JSON", "rest-json": "shape.RestJSON", "rest-xml": "shape.RestXML",
	"query": "shape.Query", "smithy-rpc-v2-cbor": "shape.CBOR",
}

func (g *generator) service(b *bytes.Buffer) error {
	l := literal{b}
	b.WriteString("\nimport \"stormbus/internal/shape\"\n")
	b.WriteString("\n// Model describes the API. It must not be written to.\nvar Model = &shape.Service{\n")
	if err := g.metadata(l); err != nil {
		return err
	}
	b.WriteString("\nOperations: operations,\n")
	if len(g.reached) > 0 {
		b.WriteString("Shapes: shapes,\n")
	}
	if len(g.exceptions()) > 0 {
		b.WriteString("Errors: errors,\n")
	}
	b.WriteString("}\n")
	g.operations(l)
	return g.errorTable(l)
}

// metadata writes what holds for the whole service, a line per field.
func (g *generator) metadata(l literal) error {
	m := g.model.Metadata
	protocol, also, err := g.protocols()
	if err != nil {
		return err
	}
	validation := "ValidationException"
	if m.Protocol == "query" {
		validation = "ValidationError"
	}
	for _, write := range []func(){
		func() { l.text("Name", g.Package) },
		func() { l.text("ID", m.ServiceID) },
		func() { l.text("APIVersion", m.APIVersion) },
		func() { l.text("SigningName", or(m.SigningName, m.EndpointPrefix)) },
		func() { fmt.Fprintf(l, "Protocol: %s,", protocol) },
		func() {
			if len(also) > 0 {
				fmt.Fprintf(l, "Also: []shape.Protocol{%s},", strings.Join(also, ", "))
			}
		},
		func() { l.text("JSONVersion", m.JSONVersion) },
		func() { l.text("TargetPrefix", m.TargetPrefix) },
		func() { l.text("XMLNamespace", m.XMLNamespace) },
		func() { l.flag("QueryCompatible", m.AWSQueryCompatible != nil) },
		func() { l.text("ErrorNamespace", m.ErrorNamespace) },
		func() { l.text("InternalError", or(m.InternalError, "InternalFailure")) },
		func() { l.text("ValidationError", or(m.ValidationError, validation)) },
		func() { l.flag("Lenient", m.Lenient) },
		func() { l.number("MaxBody", m.MaxBody) },
	} {
		before := l.Len()
		if write(); l.Len() > before {
			l.WriteString("\n")
		}
	}
	return nil
}

// protocols returns the protocol of the service and its others.
func (g *generator) protocols() (first string, also []string, err error) {
	m := g.model.Metadata
	for i, name := range append([]string{m.Protocol}, m.Protocols...) {
		goName, ok := protocols[name]
		switch {
		case !ok:
			return "", nil, fmt.Errorf("protocol %q is not supported", name)
		case i == 0:
			first = goName
		case goName != first:
			also = append(also, goName)
		}
	}
	return first, also, nil
}

// speaks reports whether the service has the protocol, as its first or beside it.
func (g *generator) speaks(protocol string) bool {
	return g.model.Metadata.Protocol == protocol || slices.Contains(g.model.Metadata.Protocols, protocol)
}

func (g *generator) operations(l literal) {
	l.WriteString("\nvar operations = []shape.Operation{\n")
	for _, name := range sortedKeys(g.model.Operations) {
		op := g.model.Operations[name]
		l.WriteString("{")
		l.text("Name", name)
		l.text("Method", op.HTTP.Method)
		l.text("URI", op.HTTP.RequestURI)
		if op.HTTP.ResponseCode != http.StatusOK {
			l.number("Status", int64(op.HTTP.ResponseCode))
		}
		if slices.Contains(g.ops, name) {
			g.inOut(l, name, op)
		}
		l.text("HostPrefix", op.Endpoint.HostPrefix)
		l.flag("Unsigned", op.AuthType == "none" || slices.Contains(op.Auth, "smithy.api#noAuth"))
		l.flag("UnsignedBody", op.AuthType == "v4-unsigned-body" || op.UnsignedPayload)
		l.checksum(op.HTTPChecksum)
		l.number("MaxBody", op.MaxBody)
		l.flag("Listed", slices.Contains(g.ops, name))
		l.WriteString("},\n")
	}
	l.WriteString("}\n")
}

// inOut writes what an operation takes and gives.
func (g *generator) inOut(l literal, name string, op *operation) {
	if op.Input != nil {
		l.text("Input", op.Input.Shape)
		l.text("InputElement", op.Input.LocationName)
		l.namespace("InputNamespace", op.Input.XMLNamespace)
	}
	if op.Output != nil {
		wrapper := op.Output.ResultWrapper
		if wrapper == "" && g.speaks("query") {
			wrapper = name + "Result" // models that are newer than another protocol do not tell it
		}
		l.text("Output", op.Output.Shape)
		l.text("OutputElement", op.Output.LocationName)
		l.text("ResultWrapper", wrapper)
	}
}

func (l literal) checksum(c *checksum) {
	if c == nil {
		return
	}
	l.WriteString("Checksum: &shape.Checksum{")
	l.flag("Required", c.RequestChecksumRequired)
	l.text("AlgorithmMember", c.RequestAlgorithmMember)
	l.text("ValidationMember", c.RequestValidationModeMember)
	l.texts("Algorithms", c.ResponseAlgorithms)
	l.WriteString("}, ")
}

func (g *generator) errorTable(l literal) error {
	if len(g.exceptions()) == 0 {
		return nil
	}
	l.WriteString("\nvar errors = []shape.Error{\n")
	for _, name := range g.exceptions() {
		s := g.model.Shapes[name]
		l.WriteString("{")
		l.text("Name", name)
		fault := s.Fault
		if e := s.Error; e != nil {
			if e.Code != name {
				l.text("Code", e.Code)
			}
			if e.HTTPStatusCode != 0 {
				fmt.Fprintf(l, "Status: %d, ", e.HTTPStatusCode)
				fault = fault || e.HTTPStatusCode >= 500
			}
			fault = fault && !e.SenderFault
		}
		l.flag("Fault", fault)
		if err := g.members(l, s); err != nil {
			return err
		}
		l.WriteString("},\n")
	}
	l.WriteString("}\n")
	return nil
}

func (g *generator) shapes(b *bytes.Buffer) error {
	if len(g.reached) == 0 {
		return nil
	}
	l := literal{b}
	b.WriteString("\nimport \"stormbus/internal/shape\"\n")
	b.WriteString("\nvar shapes = []shape.Shape{\n")
	for _, name := range g.reached {
		if err := g.shape(l, name); err != nil {
			return fmt.Errorf("shape %s: %w", name, err)
		}
	}
	b.WriteString("}\n")
	return nil
}

func (g *generator) shape(l literal, name string) error {
	s := g.model.Shapes[name]
	kind := s.Type
	switch {
	case s.Document:
		kind = "document"
	case kind == "character":
		kind = "string"
	}
	l.WriteString("{")
	l.text("Name", name)
	fmt.Fprintf(l, "Kind: shape.%s, ", exported(kind))
	l.text("Payload", s.Payload)
	l.text("MediaType", s.MediaType)
	l.flag("Streaming", s.Streaming)
	l.flag("EventStream", s.EventStream)
	l.flag("Union", s.Union)
	l.namespace("Namespace", s.XMLNamespace)
	l.texts("Unpublished", s.Unpublished)
	if s.Member != nil {
		l.text("Elem", s.Member.Shape)
		l.text("ElemName", s.Member.LocationName)
	}
	if s.Value != nil {
		l.text("Elem", s.Value.Shape)
		l.text("ElemName", s.Value.LocationName)
		l.text("Key", s.Key.Shape)
		l.text("KeyName", s.Key.LocationName)
	}
	l.flag("Flattened", s.Flattened)
	l.text("Min", s.Min.String())
	l.text("Max", s.Max.String())
	l.text("Pattern", s.Pattern)
	l.texts("Enum", s.Enum)
	l.text("TimestampFormat", s.TimestampFormat)
	l.flag("Sensitive", s.Sensitive)
	if err := g.members(l, s); err != nil {
		return err
	}
	l.WriteString("},\n")
	return nil
}

var locations = map[string]string{
	"header": "shape.Header", "headers": "shape.Headers", "querystring": "shape.QueryString",
	"uri": "shape.URI", "statusCode": "shape.StatusCode",
}

func (g *generator) members(l literal, s *shape) error {
	if len(s.Members) == 0 {
		return nil
	}
	l.WriteString("Members: []shape.Member{\n")
	for _, m := range s.Members {
		of := g.model.Shapes[m.Ref.Shape]
		l.WriteString("{")
		l.text("Name", m.Name)
		l.text("Shape", m.Ref.Shape)
		if wire := or(m.Ref.LocationName, of.LocationName); wire != m.Name {
			l.text("WireName", wire)
		}
		l.text("QueryName", m.Ref.QueryName)
		if m.Ref.Location != "" {
			where, ok := locations[m.Ref.Location]
			if !ok {
				return fmt.Errorf("member %s has the unknown location %q", m.Name, m.Ref.Location)
			}
			fmt.Fprintf(l, "Location: %s, ", where)
		}
		l.flag("Required", slices.Contains(s.Required, m.Name))
		l.flag("Flattened", m.Ref.Flattened)
		l.flag("JSONValue", m.Ref.JSONValue)
		l.flag("IdempotencyToken", m.Ref.IdempotencyToken)
		l.flag("Attribute", m.Ref.XMLAttribute)
		l.namespace("Namespace", m.Ref.XMLNamespace)
		l.flag("EventPayload", m.Ref.EventPayload)
		l.flag("EventHeader", m.Ref.EventHeader)
		l.flag("Streaming", m.Ref.Streaming || of.Streaming)
		l.text("TimestampFormat", m.Ref.TimestampFormat)
		l.WriteString("},\n")
	}
	l.WriteString(strings.TrimSpace("}, "))
	return nil
}
