package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

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
