package wire

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"stormbus/internal/shape"
)

// appendJSON writes the structure, list, map or scalar v, which is not absent.
// Members that are not in the body are left out.
func appendJSON(b []byte, p *plan, v reflect.Value, format string) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch p.kind {
	case shape.Structure:
		return appendObject(b, p, v)
	case shape.List:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, p.elem, v.Index(i), p.elem.shape.TimestampFormat)
		}
		return append(b, ']')
	case shape.Map:
		return appendMap(b, p, v)
	case shape.String:
		return appendString(b, v.String())
	case shape.Integer, shape.Long:
		return strconv.AppendInt(b, v.Int(), 10)
	case shape.Float, shape.Double:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			b = append(b, '"')
			return append(appendFloat(b, f), '"')
		}
		return appendFloat(b, v.Float())
	case shape.Boolean:
		return strconv.AppendBool(b, v.Bool())
	case shape.Timestamp:
		return appendJSONTime(b, timeOf(v), format)
	case shape.Blob:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"')
	case shape.Document:
		if json.Valid(v.Bytes()) {
			return append(b, v.Bytes()...)
		}
	}
	return append(b, "null"...)
}

func appendObject(b []byte, p *plan, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for i := range p.fields {
		f := &p.fields[i]
		if f.member.Location != shape.Body || f.plan.kind >= reader {
			continue // elsewhere, or later
		}
		fv := v.Field(f.index)
		if fv.IsNil() {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, f.name), ':')
		b = appendJSON(b, f.plan, fv, f.format)
	}
	return append(b, '}')
}

// appendMap writes a map in the order of its keys, so that equal outputs are
// equal bytes.
func appendMap(b []byte, p *plan, v reflect.Value) []byte {
	b = append(b, '{')
	for i, key := range sortedKeys(v) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, key), ':')
		b = appendJSON(b, p.elem, mapElem(v, key), p.elem.shape.TimestampFormat)
	}
	return append(b, '}')
}

func sortedKeys(m reflect.Value) []string {
	keys := make([]string, 0, m.Len())
	for it := m.MapRange(); it.Next(); {
		keys = append(keys, it.Key().String())
	}
	slices.Sort(keys)
	return keys
}

// mapElem returns an element of a map, in a place that has an address.
func mapElem(m reflect.Value, key string) reflect.Value {
	elem := reflect.New(m.Type().Elem()).Elem()
	elem.Set(m.MapIndex(reflect.ValueOf(key)))
	return elem
}

func appendJSONTime(b []byte, t time.Time, format string) []byte {
	if format == "" || format == formatEpoch {
		return appendTimestamp(b, t, formatEpoch)
	}
	b = append(b, '"')
	return append(appendTimestamp(b, t, format), '"')
}

// eightOf is the first eight bytes of s.
func eightOf(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. Bytes that are not UTF-8 become the
// replacement character.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			if eight := eightOf(s[i:]); (special(eight)|eight)&highBits == 0 {
				i += 8
				continue
			}
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
