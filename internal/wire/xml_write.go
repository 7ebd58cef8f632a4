package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"unicode/utf8"

	"stormbus/internal/shape"
)

const xmlType = "text/xml"

// xmlWriter appends XML.
type xmlWriter struct{ b []byte }

func (x *xmlWriter) open(name, namespace string) {
	x.b = append(append(x.b, '<'), name...)
	x.namespace(shape.Namespace{URI: namespace})
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

// namespace writes the attribute that declares n, if n is one.
func (x *xmlWriter) namespace(n shape.Namespace) {
	switch {
	case n.URI == "":
	case n.Prefix == "":
		x.attribute("xmlns", n.URI)
	default:
		x.attribute("xmlns:"+n.Prefix, n.URI)
	}
}

func (x *xmlWriter) attribute(name, text string) {
	x.b = append(append(append(x.b, ' '), name...), '=', '"')
	x.text(text)
	x.b = append(x.b, '"')
}

// text writes character data or the value of an attribute. What XML 1.0 cannot
// hold becomes the replacement character.
func (x *xmlWriter) text(s string) {
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c < utf8.RuneSelf && c != '&' && c != '<' && c != '>' && c != '"' {
			i++ // nearly all there is
			continue
		}
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if instead := xmlEscape(r, size); instead != "" {
			x.b = append(append(x.b, s[start:i]...), instead...)
			start = i + size
		}
		i += size
	}
	x.b = append(x.b, s[start:]...)
}

// xmlEscape is what stands for r in XML, or "" if r itself does.
func xmlEscape(r rune, size int) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '"':
		return "&quot;"
	case r == '\r':
		return "&#xD;"
	case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && size == 1:
		return "\ufffd"
	}
	return ""
}

// structure writes v, a structure, as an element. The namespace of the member
// that it is replaces that of the shape.
func (x *xmlWriter) structure(p *plan, v reflect.Value, name string, namespace shape.Namespace) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if namespace.URI == "" {
		namespace = p.shape.Namespace
	}
	x.b = append(append(x.b, '<'), name...)
	x.namespace(namespace)
	for i := range p.fields {
		f := &p.fields[i]
		if fv := v.Field(f.index); f.member.Attribute && !fv.IsNil() {
			text, _ := getText(f.plan, fv, nameOr(f.format, formatISO))
			x.attribute(f.element, text)
		}
	}
	x.b = append(x.b, '>')
	x.members(p, v)
	x.close(name)
}

// members writes the members of v that are elements.
func (x *xmlWriter) members(p *plan, v reflect.Value) {
	for i := range p.fields {
		f := &p.fields[i]
		if f.member.Location != shape.Body || f.member.Attribute {
			continue
		}
		if fv := v.Field(f.index); !fv.IsNil() {
			x.value(f.plan, fv, f.element, f)
		}
	}
}

// value writes an element called name. For a member, m is its field.
func (x *xmlWriter) value(p *plan, v reflect.Value, name string, m *field) {
	flat := m != nil && m.flat
	switch p.kind {
	case shape.Structure:
		var namespace shape.Namespace
		if m != nil {
			namespace = m.member.Namespace
		}
		x.structure(p, v, name, namespace)
	case shape.List:
		if flat {
			x.list(p, v, name)
			return
		}
		x.open(name, "")
		x.list(p, v, elemName(p))
		x.close(name)
	case shape.Map:
		if flat {
			x.mapping(p, v, name)
			return
		}
		x.open(name, "")
		x.mapping(p, v, "entry")
		x.close(name)
	case reader, eventStream:
	default:
		format := p.shape.TimestampFormat
		if m != nil {
			format = m.format
		}
		x.open(name, "")
		x.scalar(p, v, nameOr(format, formatISO))
		x.close(name)
	}
}

// scalar writes the text of v, which is not absent.
func (x *xmlWriter) scalar(p *plan, v reflect.Value, format string) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch p.kind {
	case shape.String:
		x.text(v.String())
	case shape.Integer, shape.Long:
		x.b = strconv.AppendInt(x.b, v.Int(), 10)
	case shape.Timestamp:
		x.b = appendTimestamp(x.b, timeOf(v), format)
	case shape.Blob:
		x.b = base64.StdEncoding.AppendEncode(x.b, v.Bytes())
	default:
		text, _ := getText(p, v, format)
		x.text(text)
	}
}

func (x *xmlWriter) list(p *plan, v reflect.Value, item string) {
	for i := range v.Len() {
		x.value(p.elem, v.Index(i), item, nil)
	}
}

// mapping writes a map in the order of its keys.
func (x *xmlWriter) mapping(p *plan, v reflect.Value, item string) {
	for _, key := range sortedKeys(v) {
		x.open(item, "")
		x.element(keyName(p), key)
		x.value(p.elem, mapElem(v, key), valueName(p), nil)
		x.close(item)
	}
}

// unwrapped writes the only member of v as the root of the document.
func (x *xmlWriter) unwrapped(p *plan, v reflect.Value, root root) {
	x.open(root.name, root.namespace.URI)
	for i := range p.fields {
		f := &p.fields[i]
		if text, ok := getText(f.plan, v.Field(f.index), nameOr(f.format, formatISO)); ok {
			x.text(text)
		}
	}
	x.close(root.name)
}
