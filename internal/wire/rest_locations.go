package wire

import (
	"encoding/base64"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"stormbus/internal/shape"
)

// decodeLocations reads the members that are not in the body.
func decodeLocations(c *call, p *plan, in reflect.Value) error {
	for i := range p.fields {
		f := &p.fields[i]
		v := in.Field(f.index)
		var texts []string
		switch f.member.Location {
		case shape.URI:
			texts = []string{c.labels[f.name]}
		case shape.QueryString:
			if f.plan.kind == shape.Map {
				if err := decodeQueryMap(c, f, v); err != nil {
					return err
				}
				continue
			}
			texts = c.query()[f.name]
		case shape.Header:
			texts = headerValues(c.r, f.name)
			if f.plan.kind == shape.List && len(texts) > 0 {
				texts = splitHeader(texts, f.plan.elem.kind)
			}
		case shape.Headers:
			decodePrefixed(c.r.Header, f, v)
			continue
		}
		if len(texts) == 0 {
			continue
		}
		if err := decodeTexts(f, v, texts); err != nil {
			return err
		}
	}
	return nil
}

// headerValues are the values of a header. The length of the body is not among
// the headers of a request in Go.
func headerValues(r *http.Request, name string) []string {
	if name == "Content-Length" && r.ContentLength >= 0 && r.Body != nil && r.Body != http.NoBody {
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	return r.Header.Values(name)
}

// decodeTexts reads a member that came as text, and a list as several.
func decodeTexts(f *field, v reflect.Value, texts []string) error {
	if f.plan.kind == shape.List {
		v.Set(reflect.MakeSlice(v.Type(), len(texts), len(texts)))
		for i, text := range texts {
			if !setText(f.plan.elem, v.Index(i), text) {
				return notText(f, text, f.plan.elem.kind)
			}
		}
		return nil
	}
	text := texts[0]
	if f.member.JSONValue && f.member.Location == shape.Header {
		decoded, ok := parseBlob([]byte(text))
		if !ok {
			return notText(f, text, f.plan.kind)
		}
		text = string(decoded)
	}
	if !setText(f.plan, v, text) {
		return notText(f, text, f.plan.kind)
	}
	return nil
}

func notText(f *field, text string, kind shape.Kind) error {
	return serialization("The value '%s' of '%s' can not be converted to an %s", text, f.name, kindName(kind))
}

// decodeQueryMap reads a map from everything in the query string that is not
// another member.
func decodeQueryMap(c *call, f *field, v reflect.Value) error {
	taken := map[string]bool{}
	for i := range c.op.in.fields {
		if other := &c.op.in.fields[i]; other.member.Location == shape.QueryString && other.plan.kind != shape.Map {
			taken[other.name] = true
		}
	}
	for name, texts := range c.query() {
		if taken[name] {
			continue
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if f.plan.elem.kind == shape.List {
			elem.Set(reflect.MakeSlice(elem.Type(), len(texts), len(texts)))
			for i, text := range texts {
				if !setText(f.plan.elem.elem, elem.Index(i), text) {
					return notText(f, text, f.plan.elem.elem.kind)
				}
			}
		} else if !setText(f.plan.elem, elem, texts[0]) {
			return notText(f, texts[0], f.plan.elem.kind)
		}
		v.SetMapIndex(reflect.ValueOf(name), elem)
	}
	return nil
}

// decodePrefixed reads a map from all headers with a prefix. HTTP does not keep
// the case of names, so keys are in lower case.
func decodePrefixed(h http.Header, f *field, v reflect.Value) {
	for name, values := range h {
		if len(name) < len(f.name) || !strings.EqualFold(name[:len(f.name)], f.name) {
			continue
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		setString(elem, strings.Join(values, ","))
		v.SetMapIndex(reflect.ValueOf(strings.ToLower(name[len(f.name):])), elem)
	}
}

// splitHeader splits a list in a header at its commas. Elements with a comma
// are quoted; a date in a header has one comma of its own.
func splitHeader(values []string, kind shape.Kind) []string {
	var out []string
	for _, value := range values {
		if kind == shape.Timestamp && strings.Count(value, ",") == 1 && strings.Contains(value, "GMT") {
			out = append(out, value)
			continue
		}
		for rest, more := value, true; more; {
			rest = strings.TrimLeft(rest, " \t")
			var item string
			if strings.HasPrefix(rest, `"`) {
				item, rest = unquote(rest)
				_, rest, more = strings.Cut(rest, ",")
			} else {
				item, rest, more = strings.Cut(rest, ",")
			}
			out = append(out, strings.TrimSpace(item))
		}
	}
	return out
}

// unquote reads a quoted string and returns what follows it.
func unquote(s string) (item, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// encodeLocations writes the members that are not in the body. It returns the
// status of the answer.
func encodeLocations(c *call, p *plan, out reflect.Value) int {
	status := c.op.status()
	for i := range p.fields {
		f := &p.fields[i]
		v := out.Field(f.index)
		if v.IsNil() {
			continue
		}
		switch f.member.Location {
		case shape.StatusCode:
			status = int(v.Elem().Int())
		case shape.Header:
			c.w.Header().Set(f.name, headerText(f, v))
		case shape.Headers:
			// Clients show the rest of the name as it comes, so its case is kept.
			for _, key := range sortedKeys(v) {
				c.w.Header()[f.name+key] = []string{mapElem(v, key).String()}
			}
		}
	}
	return status
}

// headerText is a member's value in a header.
func headerText(f *field, v reflect.Value) string {
	format := f.format
	if format == "" {
		format = formatRFC
	}
	if f.plan.kind == shape.List {
		var items []string
		for i := range v.Len() {
			text, _ := getText(f.plan.elem, v.Index(i), format)
			if strings.ContainsAny(text, `,"`) && f.plan.elem.kind == shape.String {
				text = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
			}
			items = append(items, text)
		}
		return strings.Join(items, ", ")
	}
	text, _ := getText(f.plan, v, format)
	if f.member.JSONValue {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return text
}
