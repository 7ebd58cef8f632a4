package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"stormbus/internal/shape"
)

// xmlDecoder reads an XML document into a Go value by its plan. There is no
// expansion of entities but the five of XML itself: documents that declare
// others are refused.
type xmlDecoder struct {
	*xml.Decoder
	depth int
}

// decodeXML reads body, which must be one document for p, into v. The name of
// its root is not looked at.
func decodeXML(body []byte, p *plan, v reflect.Value) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := &xmlDecoder{Decoder: xml.NewDecoder(bytes.NewReader(body))}
	start, err := d.child()
	if err != nil {
		return err
	}
	if start == nil {
		return malformedXML("there is no element")
	}
	if err := d.value(p, v, start); err != nil {
		return err
	}
	if next, err := d.child(); err != nil || next != nil {
		return malformedXML("there is more than one element")
	}
	return nil
}

// malformedXML is S3's error for a body that cannot be read. S3 does not tell
// the reason: it is for whoever reads the code.
func malformedXML(string) error {
	return commonError(http.StatusBadRequest, "MalformedXML",
		"The XML you provided was not well-formed or did not validate against our published schema")
}

// token reads the next token; nil is the end of the document.
func (d *xmlDecoder) token() (xml.Token, error) {
	token, err := d.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, malformedXML(err.Error())
	}
	if _, ok := token.(xml.Directive); ok {
		return nil, malformedXML("a document type is not allowed")
	}
	return token, nil
}

// child reads up to the next element inside the present one and returns its
// start, or nil at the end of the present one. Text on the way is ignored.
func (d *xmlDecoder) child() (*xml.StartElement, error) {
	for {
		token, err := d.token()
		if token == nil || err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if d.depth++; d.depth > maxDepth {
				return nil, malformedXML("nesting is too deep")
			}
			return &token, nil
		case xml.EndElement:
			d.depth--
			return nil, nil
		}
	}
}

// text reads the text of the present element up to its end.
func (d *xmlDecoder) text() (string, error) {
	var first []byte
	var b *strings.Builder
	for {
		token, err := d.token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case nil:
			return "", malformedXML("unexpected end")
		case xml.StartElement:
			return "", malformedXML("an element is where text should be")
		case xml.EndElement:
			d.depth--
			if b != nil {
				return b.String(), nil
			}
			return string(first), nil
		case xml.CharData:
			// Nearly always all of it comes at once.
			if b == nil && first == nil {
				first = bytes.Clone(token)
				continue
			}
			if b == nil {
				b = new(strings.Builder)
				b.Write(first)
			}
			b.Write(token)
		}
	}
}

// skip reads over the present element up to its end.
func (d *xmlDecoder) skip() error {
	for open := 1; open > 0; {
		child, err := d.child()
		if err != nil {
			return err
		}
		if child != nil {
			open++
		} else {
			open--
		}
	}
	return nil
}

// value reads the present element, which began with start, up to its end.
func (d *xmlDecoder) value(p *plan, v reflect.Value, start *xml.StartElement) error {
	switch p.kind {
	case shape.Structure:
		return d.structure(p, v, start)
	case shape.List:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		return d.children(func(child *xml.StartElement) error {
			if child.Name.Local != elemName(p) {
				return d.skip()
			}
			return d.element(p, v, child)
		})
	case shape.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		return d.children(func(child *xml.StartElement) error {
			if child.Name.Local != "entry" {
				return d.skip()
			}
			return d.entry(p, v)
		})
	case reader, eventStream:
		return d.skip()
	}
	return d.scalar(p, v)
}

// children calls read for each element in the present one, which read must read
// up to its end.
func (d *xmlDecoder) children(read func(child *xml.StartElement) error) error {
	for {
		child, err := d.child()
		if child == nil || err != nil {
			return err
		}
		if err := read(child); err != nil {
			return err
		}
	}
}

func (d *xmlDecoder) structure(p *plan, v reflect.Value, start *xml.StartElement) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	for _, a := range start.Attr {
		i, known := p.xml[a.Name.Local]
		if !known || !p.fields[i].member.Attribute || a.Name.Space == "xmlns" {
			continue
		}
		if f := &p.fields[i]; !setText(f.plan, v.Field(f.index), a.Value) {
			return malformedXML("an attribute is of the wrong type")
		}
	}
	return d.children(func(child *xml.StartElement) error {
		i, known := p.xml[child.Name.Local]
		if !known || p.fields[i].member.Attribute {
			return d.skip()
		}
		f := &p.fields[i]
		fv := v.Field(f.index)
		switch {
		case f.flat && f.plan.kind == shape.List:
			return d.element(f.plan, fv, child)
		case f.flat && f.plan.kind == shape.Map:
			if fv.IsNil() {
				fv.Set(reflect.MakeMap(fv.Type()))
			}
			return d.entry(f.plan, fv)
		}
		return d.value(f.plan, fv, child)
	})
}

// element reads the present element as the next one of the list v.
func (d *xmlDecoder) element(p *plan, v reflect.Value, start *xml.StartElement) error {
	last := v.Len()
	v.Grow(1)
	v.SetLen(last + 1)
	return d.value(p.elem, v.Index(last), start)
}

// entry reads the present element as a pair of the map v.
func (d *xmlDecoder) entry(p *plan, v reflect.Value) error {
	var key string
	elem := reflect.New(v.Type().Elem()).Elem()
	err := d.children(func(child *xml.StartElement) (err error) {
		switch child.Name.Local {
		case keyName(p):
			key, err = d.text()
		case valueName(p):
			err = d.value(p.elem, elem, child)
		default:
			err = d.skip()
		}
		return err
	})
	if err == nil {
		v.SetMapIndex(reflect.ValueOf(key), elem)
	}
	return err
}

func (d *xmlDecoder) scalar(p *plan, v reflect.Value) error {
	text, err := d.text()
	if err != nil {
		return err
	}
	if p.kind != shape.String {
		text = strings.TrimSpace(text)
	}
	if !setText(p, v, text) {
		return malformedXML("an element is of the wrong type")
	}
	return nil
}
