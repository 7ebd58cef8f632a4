package main

import (
	"bytes"
	"fmt"
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

var protocols = map[string]string{"json": "shape.JSON", "rest-json": "shape.RestJSON", "query": "shape.Query"}

func (g *generator) service(b *bytes.Buffer) error {
	m := g.model.Metadata
	protocol, ok := protocols[m.Protocol]
	if !ok {
		return fmt.Errorf("protocol %q is not supported", m.Protocol)
	}
	l := literal{b}
	b.WriteString("\nimport \"stormbus/internal/shape\"\n")
	b.WriteString("\n// Model describes the API. It must not be written to.\nvar Model = &shape.Service{\n")
	line := func(write func()) {
		before := b.Len()
		if write(); b.Len() > before {
			b.WriteString("\n")
		}
	}
	line(func() { l.text("Name", g.Package) })
	line(func() { l.text("ID", m.ServiceID) })
	line(func() { l.text("APIVersion", m.APIVersion) })
	signing := m.SigningName
	if signing == "" {
		signing = m.EndpointPrefix
	}
	line(func() { l.text("SigningName", signing) })
	line(func() { fmt.Fprintf(b, "Protocol: %s,", protocol) })
	line(func() { l.text("JSONVersion", m.JSONVersion) })
	line(func() { l.text("TargetPrefix", m.TargetPrefix) })
	line(func() { l.text("XMLNamespace", m.XMLNamespace) })
	line(func() { l.flag("QueryCompatible", m.AWSQueryCompatible != nil) })
	line(func() { l.text("ErrorNamespace", m.ErrorNamespace) })
	line(func() { l.text("InternalError", or(m.InternalError, "InternalFailure")) })
	validation := "ValidationException"
	if m.Protocol == "query" {
		validation = "ValidationError"
	}
	line(func() { l.text("ValidationError", or(m.ValidationError, validation)) })
	line(func() { l.flag("Lenient", m.Lenient) })
	b.WriteString("Operations: operations,\nShapes: shapes,\nErrors: errors,\n}\n")
	g.operations(l)
	return g.errorTable(l)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (g *generator) operations(l literal) {
	l.WriteString("\nvar operations = []shape.Operation{\n")
	for _, name := range sortedKeys(g.model.Operations) {
		op := g.model.Operations[name]
		l.WriteString("{")
		l.text("Name", name)
		l.text("Method", op.HTTP.Method)
		l.text("URI", op.HTTP.RequestURI)
		if op.HTTP.ResponseCode != 0 && op.HTTP.ResponseCode != 200 {
			fmt.Fprintf(l, "Status: %d, ", op.HTTP.ResponseCode)
		}
		if slices.Contains(g.ops, name) {
			if op.Input != nil {
				l.text("Input", op.Input.Shape)
			}
			if op.Output != nil {
				l.text("Output", op.Output.Shape)
				l.text("ResultWrapper", op.Output.ResultWrapper)
			}
			l.flag("Listed", true)
		}
		l.WriteString("},\n")
	}
	l.WriteString("}\n")
}

func (g *generator) errorTable(l literal) error {
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
	l := literal{b}
	if len(g.reached) > 0 {
		b.WriteString("\nimport \"stormbus/internal/shape\"\n")
	}
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
	if kind == "character" {
		kind = "string"
	}
	l.WriteString("{")
	l.text("Name", name)
	fmt.Fprintf(l, "Kind: shape.%s, ", exported(kind))
	l.text("Payload", s.Payload)
	l.text("MediaType", s.MediaType)
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
		l.WriteString("{")
		l.text("Name", m.Name)
		l.text("Shape", m.Ref.Shape)
		if m.Ref.LocationName != m.Name {
			l.text("WireName", m.Ref.LocationName)
		}
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
		l.text("TimestampFormat", m.Ref.TimestampFormat)
		l.WriteString("},\n")
	}
	l.WriteString(strings.TrimSpace("}, "))
	return nil
}
