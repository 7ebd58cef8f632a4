package wire

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"stormbus/internal/shape"
)

// appendJava prints v as Java would: that is how values look in AWS's messages.
func appendJava(b []byte, p *plan, v reflect.Value) []byte {
	if p.shape.Sensitive {
		return append(b, "*** Sensitive Data Redacted ***"...)
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch p.kind {
	case shape.Structure:
		return appendJavaObject(b, p, v)
	case shape.List:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendJava(b, p.elem, v.Index(i))
		}
		return append(b, ']')
	case shape.Map:
		b = append(b, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(append(b, key...), '=')
			b = appendJava(b, p.elem, mapElem(v, key))
		}
		return append(b, '}')
	case shape.String:
		return append(b, v.String()...)
	case shape.Integer, shape.Long:
		return strconv.AppendInt(b, v.Int(), 10)
	case shape.Float, shape.Double:
		return appendJavaFloat(b, v.Float())
	case shape.Boolean:
		return strconv.AppendBool(b, v.Bool())
	case shape.Timestamp:
		return timeOf(v).UTC().AppendFormat(b, "Mon Jan 02 15:04:05 MST 2006")
	case shape.Blob:
		n := strconv.Itoa(v.Len())
		return append(b, "java.nio.HeapByteBuffer[pos=0 lim="+n+" cap="+n+"]"...)
	}
	return b
}

func appendJavaObject(b []byte, p *plan, v reflect.Value) []byte {
	b = append(append(b, p.shape.Name...), '(')
	for i := range p.fields {
		f := &p.fields[i]
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, f.bean...), '=')
		if fv := v.Field(f.index); fv.IsNil() {
			b = append(b, "null"...)
		} else {
			b = appendJava(b, f.plan, fv)
		}
	}
	for _, name := range p.shape.Unpublished {
		b = append(append(append(b, ", "...), name...), "=null"...)
	}
	return append(b, ')')
}

func appendJavaFloat(b []byte, f float64) []byte {
	text := string(appendFloat(nil, f))
	if f == math.Trunc(f) && !strings.ContainsAny(text, ".eIN") {
		text += ".0"
	}
	return append(b, text...)
}

// sensitive reports whether values of p must not be told at all: they are
// secret, or lists and maps of secrets.
func (p *plan) sensitive() bool {
	for p != nil && !p.shape.Sensitive {
		p = p.elem
	}
	return p != nil
}
