package wire

import (
	"bytes"
	"math"
	"reflect"
	"time"

	"stormbus/internal/shape"
)

// cborDecoder reads a CBOR body into a Go value by its plan.
type cborDecoder struct {
	cborReader
	found []string // null where there must be a value
	path  []byte   // bean path of where the reader is
}

// decodeCBOR reads body, which must be one value for p, into v. It returns the
// elements that are null; what else is wrong is an error.
func decodeCBOR(body []byte, p *plan, v reflect.Value) (found []string, err error) {
	if len(body) == 0 {
		return nil, nil // an operation without input has no body
	}
	d := &cborDecoder{cborReader: cborReader{data: body}}
	h, err := d.head()
	if err != nil {
		return nil, err
	}
	if err := d.value(p, v, h); err != nil {
		return nil, err
	}
	if d.pos < len(body) {
		return nil, d.fail("unexpected byte 0x%02x", body[d.pos])
	}
	return d.found, nil
}

// value reads the rest of the value that began with h and is not null.
func (d *cborDecoder) value(p *plan, v reflect.Value, h head) error {
	switch {
	case p.kind == shape.Structure && h.major == cborMap:
		return d.structure(p, v, h)
	case p.kind == shape.List && h.major == cborArray:
		return d.list(p, v, h)
	case p.kind == shape.Map && h.major == cborMap:
		return d.mapping(p, v, h)
	case p.kind == shape.Document, p.kind == reader, p.kind == eventStream:
		return d.skip(h) // the protocol has none of these
	}
	return d.scalar(p, v, h)
}

func (d *cborDecoder) structure(p *plan, v reflect.Value, h head) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	return d.pairs(h, func(key []byte) error {
		h, err := d.cborReader.head()
		if err != nil {
			return err
		}
		i, known := p.body[string(key)]
		if !known || h.isNull() {
			return d.skip(h)
		}
		f := &p.fields[i]
		back := len(d.path)
		d.path = appendStep(d.path, f.bean)
		err = d.value(f.plan, v.Field(f.index), h)
		d.path = d.path[:back]
		return err
	})
}

func (d *cborDecoder) list(p *plan, v reflect.Value, h head) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	n := 0
	return d.items(h, func() error {
		n++
		back := len(d.path)
		d.path = appendIndex(d.path, n)
		err := d.element(p.elem, func() reflect.Value {
			last := v.Len()
			v.Grow(1)
			v.SetLen(last + 1)
			return v.Index(last)
		})
		d.path = d.path[:back]
		return err
	})
}

func (d *cborDecoder) mapping(p *plan, v reflect.Value, h head) error {
	v.Set(reflect.MakeMap(v.Type()))
	return d.pairs(h, func(key []byte) error {
		name := string(key)
		back := len(d.path)
		d.path = appendKey(d.path, name)
		elem := reflect.New(v.Type().Elem()).Elem()
		set := false
		err := d.element(p.elem, func() reflect.Value { set = true; return elem })
		d.path = d.path[:back]
		if set && err == nil {
			v.SetMapIndex(reflect.ValueOf(name), elem)
		}
		return err
	})
}

// element reads an element of a list or a map into what place returns. Null is
// noted and not kept, because Go has no place for it.
func (d *cborDecoder) element(p *plan, place func() reflect.Value) error {
	h, err := d.head()
	if err != nil {
		return err
	}
	if h.isNull() {
		d.found = addViolation(d.found, "null", string(d.path), notNull)
		return nil
	}
	return d.value(p, place(), h)
}

func (d *cborDecoder) scalar(p *plan, v reflect.Value, h head) error {
	switch p.kind {
	case shape.String, shape.Blob:
		return d.text(p, v, h)
	case shape.Integer, shape.Long:
		n, ok := h.integer()
		if !ok || p.kind == shape.Integer && (n < math.MinInt32 || n > math.MaxInt32) {
			return d.wrongType(p.kind, h)
		}
		setInt(v, n)
		return nil
	case shape.Float, shape.Double:
		f, ok := h.float()
		if !ok {
			return d.wrongType(p.kind, h)
		}
		setFloat(v, f)
		return nil
	case shape.Boolean:
		if h.major != cborOther || h.info != cborTrue && h.info != cborFalse {
			return d.wrongType(p.kind, h)
		}
		setBool(v, h.info == cborTrue)
		return nil
	case shape.Timestamp:
		t, ok := h.time()
		if !ok {
			return d.wrongType(p.kind, h)
		}
		setTime(v, t)
		return nil
	}
	return d.wrongType(p.kind, h)
}

// time returns the moment that h is, in seconds since 1970.
func (h head) time() (time.Time, bool) {
	seconds, ok := h.float()
	if !ok || math.IsNaN(seconds) || seconds < minEpoch || seconds > maxEpoch {
		return time.Time{}, false
	}
	return epochTime(seconds), true
}

func (d *cborDecoder) text(p *plan, v reflect.Value, h head) error {
	want := byte(cborText)
	if p.kind == shape.Blob {
		want = cborBytes
	}
	if h.major != want {
		return d.wrongType(p.kind, h)
	}
	b, err := d.cborReader.text(h)
	switch {
	case err != nil:
		return err
	case p.kind == shape.String:
		setString(v, string(b))
	case b == nil:
		v.SetBytes([]byte{})
	default:
		v.SetBytes(bytes.Clone(b))
	}
	return nil
}

// wrongType is the error for a value that is not of the wanted kind. A body
// that is not CBOR at all is told as that.
func (d *cborDecoder) wrongType(want shape.Kind, h head) error {
	if err := d.skip(h); err != nil {
		return err
	}
	return serialization("%s at '%s' can not be converted to an %s", cborNames[h.major], d.path, kindName(want))
}

// cborNames are the names of the major types.
var cborNames = [8]string{"an integer", "an integer", "a byte string", "a text", "an array", "a map", "a tag", "a simple value"}
