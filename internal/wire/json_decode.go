package wire

import (
	"bytes"
	"net/http"
	"reflect"
	"strconv"

	"stormbus/internal/shape"
)

// jsonDecoder reads a JSON body into a Go value by its plan.
type jsonDecoder struct {
	jsonReader
	found []string // null where there must be a value
	path  []byte   // bean path of where the reader is
	// strings are places for members that are strings, to be used up. They
	// are made several at once.
	strings []string
}

// setString is the function of that name without an allocation for each place.
func (d *jsonDecoder) setString(v reflect.Value, s string) {
	if v.Kind() != reflect.Pointer {
		v.SetString(s)
		return
	}
	if len(d.strings) == 0 {
		// No more than the rest of the body can have.
		d.strings = make([]string, min(16, 1+(len(d.data)-d.pos)/len(`"a":"",`)))
	}
	place := &d.strings[0]
	d.strings = d.strings[1:]
	*place = s
	*v.Addr().Interface().(**string) = place
}

// decodeJSON reads body, which must be one value for p, into v. It returns the
// elements that are null; what else is wrong is an error.
func decodeJSON(body []byte, p *plan, v reflect.Value) (found []string, err error) {
	d := &jsonDecoder{jsonReader: jsonReader{data: body}}
	if d.peek() == 0 && len(body) == d.pos {
		return nil, nil // AWS takes nothing at all for an empty object
	}
	if err := d.value(p, v); err != nil {
		return nil, err
	}
	return d.found, d.end()
}

// value reads one value that is not null.
func (d *jsonDecoder) value(p *plan, v reflect.Value) error {
	c := d.peek()
	switch p.kind {
	case shape.Structure:
		if c == '{' {
			return d.structure(p, v)
		}
	case shape.List:
		if c == '[' {
			return d.list(p, v)
		}
	case shape.Map:
		if c == '{' {
			return d.mapping(p, v)
		}
	case shape.Document:
		return d.document(v)
	case reader, eventStream:
		return d.skip()
	default:
		return d.scalar(p, v, c)
	}
	return d.wrongType(p.kind)
}

// document keeps any value as its text.
func (d *jsonDecoder) document(v reflect.Value) error {
	start := d.pos
	if err := d.skip(); err != nil {
		return err
	}
	v.SetBytes(bytes.Clone(d.data[start:d.pos]))
	return nil
}

// null reads null, if it is there.
func (d *jsonDecoder) null() (bool, error) {
	if d.peek() != 'n' {
		return false, nil
	}
	return true, d.word("null")
}

func (d *jsonDecoder) structure(p *plan, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	return d.object(func(key []byte) error {
		i, known := p.body[string(key)]
		if !known {
			return d.skip()
		}
		if null, err := d.null(); null || err != nil {
			return err
		}
		f := &p.fields[i]
		back := len(d.path)
		d.path = appendStep(d.path, f.bean)
		err := d.value(f.plan, v.Field(f.index))
		d.path = d.path[:back]
		return err
	})
}

func (d *jsonDecoder) list(p *plan, v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	n := 0
	return d.array(func() error {
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

func (d *jsonDecoder) mapping(p *plan, v reflect.Value) error {
	v.Set(reflect.MakeMap(v.Type()))
	return d.object(func(key []byte) error {
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
func (d *jsonDecoder) element(p *plan, place func() reflect.Value) error {
	null, err := d.null()
	if err != nil {
		return err
	}
	if null {
		d.found = addViolation(d.found, "null", string(d.path), notNull)
		return nil
	}
	return d.value(p, place())
}

func (d *jsonDecoder) scalar(p *plan, v reflect.Value, c byte) error {
	switch p.kind {
	case shape.String, shape.Blob:
		if c != '"' {
			return d.wrongType(p.kind)
		}
		return d.textScalar(p, v)
	case shape.Boolean:
		switch c {
		case 't':
			setBool(v, true)
			return d.word("true")
		case 'f':
			setBool(v, false)
			return d.word("false")
		}
		return d.wrongType(p.kind)
	case shape.Timestamp, shape.Float, shape.Double:
		if c == '"' {
			return d.textScalar(p, v)
		}
	}
	if c != '-' && (c < '0' || c > '9') {
		return d.wrongType(p.kind)
	}
	text, err := d.number()
	if err != nil {
		return err
	}
	if !setText(p, v, string(text)) {
		return serialization("%s can not be converted to an %s", text, kindName(p.kind))
	}
	return nil
}

func (d *jsonDecoder) textScalar(p *plan, v reflect.Value) error {
	text, err := d.text()
	if err != nil {
		return err
	}
	switch p.kind {
	case shape.String:
		d.setString(v, d.keep(text))
		return nil
	case shape.Blob:
		b, ok := parseBlob(text)
		if !ok {
			return serialization("The value of '%s' is not valid base64.", d.path)
		}
		v.SetBytes(b)
		return nil
	}
	if !setText(p, v, string(text)) {
		return serialization("%s can not be converted to an %s", strconv.Quote(string(text)), kindName(p.kind))
	}
	return nil
}

// wrongType is AWS's sentence about a value that is not of the wanted kind.
func (d *jsonDecoder) wrongType(want shape.Kind) error {
	var class string
	switch c := d.peek(); {
	case c == '{':
		return serialization("Start of structure or map found where not expected.")
	case c == '[':
		return serialization("Start of list found where not expected.")
	case c == '"':
		class = "java.lang.String"
	case c == 't' || c == 'f':
		class = "java.lang.Boolean"
	case c == '-' || '0' <= c && c <= '9':
		class = "com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	default:
		return d.unexpected()
	}
	// A body that is not JSON at all is told as that.
	if err := d.skip(); err != nil {
		return err
	}
	switch want {
	case shape.Structure, shape.List, shape.Map:
		return serialization("Unrecognized collection type class %s", class)
	}
	return serialization("class %s can not be converted to an %s", class, kindName(want))
}

func kindName(k shape.Kind) string {
	switch k {
	case shape.Integer:
		return "Integer"
	case shape.Long:
		return "Long"
	case shape.Float:
		return "Float"
	case shape.Double:
		return "Double"
	case shape.Boolean:
		return "Boolean"
	case shape.Timestamp:
		return "Timestamp"
	case shape.Blob:
		return "Blob"
	}
	return "String"
}

// serialization is the error for input that is of the wrong type.
func serialization(format string, args ...any) error {
	return commonError(http.StatusBadRequest, "SerializationException", format, args...)
}
