package wire

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"stormbus/internal/shape"
)

// appendHead appends the head of an item in its shortest form.
func appendHead(b []byte, major byte, arg uint64) []byte {
	major <<= 5
	switch {
	case arg < 24:
		return append(b, major|byte(arg))
	case arg <= math.MaxUint8:
		return append(b, major|24, byte(arg))
	case arg <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(arg))
	case arg <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(arg))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), arg)
}

// appendCBOR writes the structure, list, map or scalar v, which is not absent.
func appendCBOR(b []byte, p *plan, v reflect.Value) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch p.kind {
	case shape.Structure:
		return appendCBORStructure(b, p, v)
	case shape.List:
		b = appendHead(b, cborArray, uint64(v.Len()))
		for i := range v.Len() {
			b = appendCBOR(b, p.elem, v.Index(i))
		}
		return b
	case shape.Map:
		b = appendHead(b, cborMap, uint64(v.Len()))
		for _, key := range sortedKeys(v) {
			b = appendCBORText(b, key)
			b = appendCBOR(b, p.elem, mapElem(v, key))
		}
		return b
	case shape.String:
		return appendCBORText(b, v.String())
	case shape.Integer, shape.Long:
		return appendCBORInt(b, v.Int())
	case shape.Float, shape.Double:
		return appendCBORFloat(b, v.Float())
	case shape.Boolean:
		return appendCBORBool(b, v.Bool())
	case shape.Timestamp:
		const epoch = 1 // the tag of seconds since 1970
		ms := timeOf(v).UnixMilli()
		b = appendHead(b, cborTag, epoch)
		return binary.BigEndian.AppendUint64(append(b, cborOther<<5|27), math.Float64bits(float64(ms)/1e3))
	case shape.Blob:
		return append(appendHead(b, cborBytes, uint64(v.Len())), v.Bytes()...)
	}
	return append(b, cborOther<<5|cborNull)
}

func appendCBORStructure(b []byte, p *plan, v reflect.Value) []byte {
	given := func(f *field) bool {
		return f.member.Location == shape.Body && f.plan.kind < reader && !v.Field(f.index).IsNil()
	}
	n := 0
	for i := range p.fields {
		if given(&p.fields[i]) {
			n++
		}
	}
	b = appendHead(b, cborMap, uint64(n))
	for i := range p.fields {
		if f := &p.fields[i]; given(f) {
			b = appendCBORText(b, f.name)
			b = appendCBOR(b, f.plan, v.Field(f.index))
		}
	}
	return b
}

// appendCBORText writes a text. Bytes that are not UTF-8 become the replacement
// character.
func appendCBORText(b []byte, s string) []byte {
	s = strings.ToValidUTF8(s, "\ufffd")
	return append(appendHead(b, cborText, uint64(len(s))), s...)
}

func appendCBORInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, cborInt, uint64(-1-n))
	}
	return appendHead(b, cborUint, uint64(n))
}

// appendCBORFloat writes a number in 32 bits if that is all of it.
func appendCBORFloat(b []byte, f float64) []byte {
	if small := float32(f); float64(small) == f || math.IsNaN(f) {
		return binary.BigEndian.AppendUint32(append(b, cborOther<<5|26), math.Float32bits(small))
	}
	return binary.BigEndian.AppendUint64(append(b, cborOther<<5|27), math.Float64bits(f))
}

func appendCBORBool(b []byte, v bool) []byte {
	if v {
		return append(b, cborOther<<5|cborTrue)
	}
	return append(b, cborOther<<5|cborFalse)
}

// appendCBORAny writes a member of an error.
func appendCBORAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, cborOther<<5|cborNull)
	case string:
		return appendCBORText(b, v)
	case []byte:
		return append(appendHead(b, cborBytes, uint64(len(v))), v...)
	case bool:
		return appendCBORBool(b, v)
	case int:
		return appendCBORInt(b, int64(v))
	case int64:
		return appendCBORInt(b, v)
	case float64:
		return appendCBORFloat(b, v)
	case []string:
		b = appendHead(b, cborArray, uint64(len(v)))
		for _, text := range v {
			b = appendCBORText(b, text)
		}
		return b
	case []any:
		b = appendHead(b, cborArray, uint64(len(v)))
		for _, item := range v {
			b = appendCBORAny(b, item)
		}
		return b
	case map[string]any:
		b = appendHead(b, cborMap, uint64(len(v)))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b = appendCBORAny(appendCBORText(b, key), v[key])
		}
		return b
	}
	return appendCBORText(b, fmt.Sprint(v))
}
