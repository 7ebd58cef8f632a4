package wire

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"stormbus/internal/shape"
)

// The setters below write a scalar to v, which is either a member, and so a
// pointer, or an element of a list or map, and so a value.

func setString(v reflect.Value, s string) {
	if v.Kind() == reflect.Pointer {
		*v.Addr().Interface().(**string) = &s
		return
	}
	v.SetString(s)
}

func setInt(v reflect.Value, n int64) {
	if v.Kind() == reflect.Pointer {
		*v.Addr().Interface().(**int64) = &n
		return
	}
	v.SetInt(n)
}

func setFloat(v reflect.Value, f float64) {
	if v.Kind() == reflect.Pointer {
		*v.Addr().Interface().(**float64) = &f
		return
	}
	v.SetFloat(f)
}

func setBool(v reflect.Value, b bool) {
	if v.Kind() == reflect.Pointer {
		*v.Addr().Interface().(**bool) = &b
		return
	}
	v.SetBool(b)
}

func setTime(v reflect.Value, t time.Time) {
	if v.Kind() == reflect.Pointer {
		*v.Addr().Interface().(**time.Time) = &t
		return
	}
	*v.Addr().Interface().(*time.Time) = t
}

// setText writes a scalar that came as text: in a header, a path, a query
// string or a form. It reports whether the text can be read.
func setText(p *plan, v reflect.Value, text string) bool {
	switch p.kind {
	case shape.String:
		setString(v, text)
	case shape.Integer, shape.Long:
		n, ok := parseInt(text, p.kind)
		if !ok {
			return false
		}
		setInt(v, n)
	case shape.Float, shape.Double:
		f, ok := parseFloat(text)
		if !ok {
			return false
		}
		setFloat(v, f)
	case shape.Boolean:
		switch strings.ToLower(text) {
		case "true":
			setBool(v, true)
		case "false":
			setBool(v, false)
		default:
			return false
		}
	case shape.Timestamp:
		t, ok := parseTimestamp(text)
		if !ok {
			return false
		}
		setTime(v, t)
	case shape.Blob:
		b, ok := parseBlob([]byte(text))
		if !ok {
			return false
		}
		v.SetBytes(b)
	case shape.Document:
		if !json.Valid([]byte(text)) {
			return false
		}
		v.SetBytes([]byte(text))
	default:
		return false
	}
	return true
}

// getText returns the text of a scalar, and false if it is absent.
func getText(p *plan, v reflect.Value, format string) (string, bool) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", false
		}
		v = v.Elem()
	}
	switch p.kind {
	case shape.String:
		return v.String(), true
	case shape.Integer, shape.Long:
		return strconv.FormatInt(v.Int(), 10), true
	case shape.Float, shape.Double:
		return string(appendFloat(nil, v.Float())), true
	case shape.Boolean:
		return strconv.FormatBool(v.Bool()), true
	case shape.Timestamp:
		return string(appendTimestamp(nil, timeOf(v), format)), true
	case shape.Blob:
		return base64.StdEncoding.EncodeToString(v.Bytes()), !v.IsNil()
	case shape.Document:
		return string(v.Bytes()), !v.IsNil()
	}
	return "", false
}

// parseInt reads a whole number. A fraction is cut off, as AWS does it.
func parseInt(text string, kind shape.Kind) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f, ok := parseFloat(text)
		if !ok || math.IsNaN(f) || f < -1<<53 || f > 1<<53 {
			return 0, false
		}
		n = int64(f)
	}
	if kind == shape.Integer && (n < math.MinInt32 || n > math.MaxInt32) {
		return 0, false
	}
	return n, true
}

// parseFloat reads a number, or one of the three words for what is none.
func parseFloat(text string) (float64, bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false // ParseFloat knows hexadecimal, underscores and more words
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// appendFloat writes a number, or one of the three words for what is none.
func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// parseBlob reads base64, padded or not.
func parseBlob(text []byte) ([]byte, bool) {
	for len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
	}
	b := make([]byte, base64.RawStdEncoding.DecodedLen(len(text)))
	n, err := base64.RawStdEncoding.Decode(b, text)
	return b[:n], err == nil
}
