package main

import (
	"bytes"
	"fmt"
	"slices"
)

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
	l.WriteString("}")
	return nil
}
