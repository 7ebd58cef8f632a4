package wire

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
)

// The protocol cases of AWS's SDKs are written for clients; here they run the
// other way round: the request is decoded, the result is encoded.

type suite struct {
	Description string
	Metadata    struct{ Protocol, JSONVersion, TargetPrefix, APIVersion string }
	Shapes      map[string]*suiteShape
	Cases       []suiteCase
}

type suiteCase struct {
	Given struct {
		Name string
		HTTP struct {
			Method, RequestURI string
			ResponseCode       int
		}
		Input, Output *suiteRef
	}
	Params, Result any
	Serialized     struct {
		Method, URI string
		Headers     map[string]string
		Body        string
	}
	Response struct {
		StatusCode int `json:"status_code"`
		Headers    map[string]string
		Body       string
	}
}

type suiteShape struct {
	Type, Payload, TimestampFormat string
	Location, LocationName         string
	Members                        map[string]*suiteRef
	Member, Key, Value             *suiteRef
	Flattened                      bool
	XMLNamespace                   shape.Namespace
}

type suiteRef struct {
	Shape, Location, LocationName, ResultWrapper, TimestampFormat, Payload string
	Flattened, JSONValue, XMLAttribute                                     bool
	XMLNamespace                                                           shape.Namespace
}

func loadSuites(t *testing.T, direction, protocol string) []suite {
	t.Helper()
	cases := module{"github.com/aws/aws-sdk-go@v1.55.8", "h1:JRmEUbU52aJQZ2AjX4q4Wu7t4uZjOu71uyNmaWlUkJQ="}
	text, err := os.ReadFile(filepath.Join(cases.dir(t), "models", "protocol_tests", direction, protocol+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var suites []suite
	if err := json.Unmarshal(text, &suites); err != nil {
		t.Fatal(err)
	}
	return suites
}

var suiteKinds = map[string]shape.Kind{
	"structure": shape.Structure, "list": shape.List, "map": shape.Map, "string": shape.String, "character": shape.String,
	"integer": shape.Integer, "long": shape.Long, "float": shape.Float, "double": shape.Double,
	"boolean": shape.Boolean, "timestamp": shape.Timestamp, "blob": shape.Blob,
}

// builder makes a model and Go types of a suite. Go cannot make recursive types
// at run time, so recursive shapes are unrolled a few levels.
type builder struct {
	t      *testing.T
	suite  *suite
	shapes []shape.Shape
}

const unrolled = 6

func (b *builder) build(r *suiteRef, seen []string) (string, reflect.Type) {
	s := b.suite.Shapes[r.Shape]
	depth := 0
	for _, name := range seen {
		if name == r.Shape {
			depth++
		}
	}
	if depth > unrolled {
		return "", nil
	}
	seen = append(slices.Clone(seen), r.Shape)
	made := shape.Shape{
		Name: fmt.Sprintf("%s_%d", r.Shape, len(b.shapes)), Kind: suiteKinds[s.Type], Payload: s.Payload,
		Flattened: s.Flattened, TimestampFormat: s.TimestampFormat, Namespace: s.XMLNamespace,
	}
	at := len(b.shapes)
	b.shapes = append(b.shapes, made)
	var typ reflect.Type
	switch made.Kind {
	case shape.Structure:
		typ = b.structure(&made, s, seen)
	case shape.List:
		elem, elemType := b.build(s.Member, seen)
		if elemType == nil {
			return "", nil
		}
		made.Elem, made.ElemName, typ = elem, s.Member.LocationName, reflect.SliceOf(elemType)
	case shape.Map:
		elem, elemType := b.build(s.Value, seen)
		if elemType == nil {
			return "", nil
		}
		made.Key, _ = b.build(s.Key, seen)
		made.Elem, made.ElemName, made.KeyName = elem, s.Value.LocationName, s.Key.LocationName
		typ = reflect.MapOf(reflect.TypeFor[string](), elemType)
	case shape.String:
		typ = reflect.TypeFor[string]()
	case shape.Integer, shape.Long:
		typ = reflect.TypeFor[int64]()
	case shape.Float, shape.Double:
		typ = reflect.TypeFor[float64]()
	case shape.Boolean:
		typ = reflect.TypeFor[bool]()
	case shape.Timestamp:
		typ = timeType
	case shape.Blob:
		typ = bytesType
	default:
		b.t.Fatalf("shape %s has type %q", r.Shape, s.Type)
	}
	b.shapes[at] = made
	return made.Name, typ
}

func (b *builder) structure(made *shape.Shape, s *suiteShape, seen []string) reflect.Type {
	var fields []reflect.StructField
	for _, name := range sortedKeys(reflect.ValueOf(s.Members)) {
		ref := s.Members[name]
		memberShape, memberType := b.build(ref, seen)
		if memberType == nil {
			continue
		}
		of := b.suite.Shapes[ref.Shape]
		location := ref.Location + of.Location // some cases have it there
		made.Members = append(made.Members, shape.Member{
			Name: name, Shape: memberShape, WireName: nameOr(ref.LocationName, of.LocationName), Location: shape.Location(location),
			Flattened: ref.Flattened, JSONValue: ref.JSONValue, TimestampFormat: ref.TimestampFormat,
			Attribute: ref.XMLAttribute, Namespace: ref.XMLNamespace,
		})
		if k := suiteKinds[b.suite.Shapes[ref.Shape].Type]; k != shape.List && k != shape.Map && k != shape.Blob {
			memberType = reflect.PointerTo(memberType)
		}
		fields = append(fields, reflect.StructField{Name: strings.ToUpper(name[:1]) + name[1:], Type: memberType})
	}
	return reflect.StructOf(fields)
}

// serve makes a server with the one operation of a case.
func serve(t *testing.T, s *suite, c *suiteCase, call func(in any) (any, error)) (*Server, reflect.Type) {
	t.Helper()
	b := &builder{t: t, suite: s}
	op := shape.Operation{
		Name: c.Given.Name, Method: c.Given.HTTP.Method, URI: c.Given.HTTP.RequestURI, Status: c.Given.HTTP.ResponseCode,
		Listed: true,
	}
	if op.Method == "" {
		op.Method = http.MethodPost
	}
	in, out := reflect.TypeFor[struct{}](), reflect.TypeFor[struct{}]()
	if c.Given.Input != nil {
		op.Input, in = b.build(c.Given.Input, nil)
		b.shapes[0].Payload += c.Given.Input.Payload // some cases have it there
	}
	if c.Given.Output != nil {
		op.Output, out = b.build(c.Given.Output, nil)
		op.ResultWrapper = c.Given.Output.ResultWrapper
	}
	slices.SortFunc(b.shapes, func(a, b shape.Shape) int { return strings.Compare(a.Name, b.Name) })
	m := &shape.Service{
		Name: "test", SigningName: "test", APIVersion: s.Metadata.APIVersion, Protocol: shape.Protocol(s.Metadata.Protocol),
		JSONVersion: s.Metadata.JSONVersion, TargetPrefix: s.Metadata.TargetPrefix, InternalError: "InternalFailure",
		Operations: []shape.Operation{op}, Shapes: b.shapes,
	}
	impl := Operation{
		name: op.Name, in: in, out: out,
		newIn: func() any { return reflect.New(in).Interface() },
		call:  func(_ context.Context, in any) (any, error) { return call(in) },
	}
	return NewServer(Config{Services: []Service{{Model: m, Operations: []Operation{impl}}}}), out
}

var suiteProtocols = []string{"json", "query", "rest-json", "rest-xml"}

func TestProtocolInput(t *testing.T) {
	t.Parallel()
	total := 0
	for _, protocol := range suiteProtocols {
		for _, s := range loadSuites(t, "input", protocol) {
			for i := range s.Cases {
				total++
				t.Run(fmt.Sprintf("%s/%s/%d", protocol, s.Description, i), func(t *testing.T) {
					runInput(t, &s, &s.Cases[i])
				})
			}
		}
	}
	if total != 142 {
		t.Errorf("there are %d cases, want 142", total)
	}
}

func runInput(t *testing.T, s *suite, c *suiteCase) {
	// Where the client fills in a token, the case does not list it.
	if params, ok := c.Params.(map[string]any); ok && strings.HasPrefix(s.Description, "Idempotency token") && len(params) == 0 {
		params["Token"] = "00000000-0000-4000-8000-000000000000"
	}
	var got map[string]any
	server, _ := serve(t, s, c, func(in any) (any, error) {
		got = plain(reflect.ValueOf(in).Elem()).(map[string]any)
		return &struct{}{}, nil
	})
	method := c.Serialized.Method
	if method == "" {
		method = c.Given.HTTP.Method
	}
	if method == "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, "http://localhost"+c.Serialized.URI, strings.NewReader(c.Serialized.Body))
	r.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/test/aws4_request, SignedHeaders=host, Signature=00")
	if s.Metadata.Protocol == "json" {
		r.Header.Set("X-Amz-Target", s.Metadata.TargetPrefix+"."+c.Given.Name)
	}
	for name, value := range c.Serialized.Headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("answer %d: %s", w.Code, w.Body)
	}
	want, _ := c.Params.(map[string]any)
	if s.Description == "Header whitespace" {
		want = trimmed(want).(map[string]any)
	}
	payload := ""
	if in := c.Given.Input; in != nil && s.Metadata.Protocol == "rest-json" {
		payload = strings.ToLower(in.Payload + s.Shapes[in.Shape].Payload)
	}
	for name, value := range got {
		// A client sends {} where its payload is absent; that it was absent
		// cannot be seen.
		if m, ok := value.(map[string]any); ok && len(m) == 0 && name == payload {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(normal(want), got); diff != "" {
		t.Errorf("input: -want +got\n%s", diff)
	}
}

// trimmed is v without the space around keys and values, which HTTP does not
// keep in headers.
func trimmed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			m[strings.TrimSpace(key)] = trimmed(value)
		}
		return m
	case string:
		return strings.TrimSpace(v)
	}
	return v
}

// plain turns a Go value into what JSON knows: members that are absent are left
// out, timestamps are seconds, blobs are text.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		return plain(v.Elem())
	case reflect.Struct:
		if v.Type() == timeType {
			return float64(v.Interface().(time.Time).UnixMilli()) / 1e3
		}
		m := map[string]any{}
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsNil() {
				m[strings.ToLower(v.Type().Field(i).Name)] = plain(f)
			}
		}
		return m
	case reflect.Slice:
		if v.Type() == bytesType {
			return string(v.Bytes())
		}
		list := []any{}
		for i := range v.Len() {
			list = append(list, plain(v.Index(i)))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			m[strings.ToLower(it.Key().String())] = plain(it.Value())
		}
		return m
	case reflect.Int64:
		return float64(v.Int())
	}
	return v.Interface()
}

// normal brings a case's value into the form that plain makes. JSON values
// inside members are text for us.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			if value == nil {
				continue
			}
			if text, ok := jsonValue(value); ok {
				value = text
			}
			m[strings.ToLower(key)] = normal(value)
		}
		return m
	case []any:
		list := []any{}
		for _, value := range v {
			if text, ok := jsonValue(value); ok {
				value = text
			}
			list = append(list, normal(value))
		}
		return list
	}
	return v
}

// jsonValue recognises the one JSON value that the cases use.
func jsonValue(v any) (string, bool) {
	m, ok := v.(map[string]any)
	if ok && len(m) == 1 && m["Foo"] == "Bar" {
		return `{"Foo":"Bar"}`, true
	}
	return "", false
}

func TestProtocolOutput(t *testing.T) {
	t.Parallel()
	total := 0
	for _, protocol := range suiteProtocols {
		for _, s := range loadSuites(t, "output", protocol) {
			for i := range s.Cases {
				total++
				t.Run(fmt.Sprintf("%s/%s/%d", protocol, s.Description, i), func(t *testing.T) {
					runOutput(t, &s, &s.Cases[i])
				})
			}
		}
	}
	if total != 61 {
		t.Errorf("there are %d cases, want 61", total)
	}
}

func runOutput(t *testing.T, s *suite, c *suiteCase) {
	// These cases leave out what the server needs for finding the operation.
	s.Metadata.TargetPrefix = "Test"
	if c.Given.Output == nil {
		c.Given.Output = c.Given.Input
	}
	c.Given.Input = nil
	if strings.Contains(c.Response.Body, "OperationNameResult") {
		c.Given.Output.ResultWrapper = "OperationNameResult" // one case leaves it out
	}
	if c.Given.HTTP.RequestURI == "" {
		c.Given.HTTP.RequestURI = "/"
	}
	if strings.HasPrefix(s.Metadata.Protocol, "rest-") && c.Given.HTTP.ResponseCode == 0 {
		c.Given.HTTP.ResponseCode = c.Response.StatusCode
	}
	var out reflect.Type
	server, out := serve(t, s, c, func(any) (any, error) {
		v := reflect.New(out)
		return v.Interface(), fill(v.Elem(), c.Result)
	})
	r := httptest.NewRequest(nameOr(c.Given.HTTP.Method, http.MethodPost), "http://localhost"+c.Given.HTTP.RequestURI, nil)
	switch s.Metadata.Protocol {
	case "json":
		r.Header.Set("X-Amz-Target", "Test."+c.Given.Name)
	case "query":
		r = httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader("Action="+c.Given.Name))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != c.Response.StatusCode {
		t.Errorf("status %d, want %d: %s", w.Code, c.Response.StatusCode, w.Body)
	}
	for name, value := range c.Response.Headers {
		if strings.EqualFold(name, "x-amzn-requestid") || name == "Content-Length" {
			continue // they are the server's to say
		}
		if got := headerOf(w.Header(), name); got != value {
			t.Errorf("header %s = %q, want %q", name, got, value)
		}
	}
	compareBody(t, s, c, w.Body.String())
}

// headerOf is a header whose name may be in any case.
func headerOf(h http.Header, name string) string {
	for key, values := range h {
		if strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}

func compareBody(t *testing.T, s *suite, c *suiteCase, body string) {
	t.Helper()
	protocol, text := s.Metadata.Protocol, c.Response.Body
	var got, want any
	switch {
	case isNothing(t, body) && isNothing(t, text):
		return // to clients
	case protocol == "query", protocol == "rest-xml" && strings.HasPrefix(text, "<"):
		got, want = xmlTree(t, body), xmlTree(t, text)
	case strings.HasPrefix(text, "{"), protocol == "json":
		got, want = jsonTree(t, body), modelled(s, c, text)
	case c.Given.Output == nil:
		want = "" // what the model does not have is not answered
		got = body
	default:
		got, want = body, text
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body: -want +got\n%s", diff)
	}
}

// isNothing reports whether a body has no members.
func isNothing(t *testing.T, body string) bool {
	if strings.HasPrefix(body, "<") {
		return len(xmlTree(t, body)) == 1
	}
	return strings.Trim(body, "{}") == ""
}

// modelled is the answer of a case without what a server that knows the model
// never says: members that the model does not have, and nulls in lists.
func modelled(s *suite, c *suiteCase, text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		v = nil
	}
	members, isObject := v.(map[string]any)
	if !isObject {
		return map[string]any{}
	}
	for name, value := range members {
		if !s.names(c.Given.Output.Shape, name) {
			delete(members, name)
		}
		if list, ok := value.([]any); ok {
			members[name] = slices.DeleteFunc(list, func(item any) bool { return item == nil })
		}
	}
	return inSeconds(members)
}

// names reports whether a structure or map may have a member called name.
func (s *suite) names(structure, name string) bool {
	of := s.Shapes[structure]
	if of.Payload != "" {
		return true
	}
	for key, ref := range of.Members {
		if name == nameOr(ref.LocationName, key) {
			return true
		}
	}
	return false
}

func jsonTree(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return inSeconds(v)
}

// inSeconds changes the timestamp that one case wants in a form that is not the
// protocol's default. Clients read both.
func inSeconds(v any) any {
	if m, ok := v.(map[string]any); ok {
		if at, err := time.Parse(time.RFC3339, fmt.Sprint(m["Timestamp"])); err == nil {
			m["Timestamp"] = float64(at.Unix())
		}
	}
	return v
}

// xmlTree is a document as sorted lines "path=text", without the request id, and
// without the name of the root, which no client looks at.
func xmlTree(t *testing.T, text string) []string {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	var path, lines []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			slices.Sort(lines)
			return lines
		}
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if path = append(path, token.Name.Local); len(path) == 1 {
				path[0] = "root"
			}
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					lines = append(lines, strings.Join(path, "/")+"@"+a.Name.Local+"="+a.Value)
				}
			}
			if name := token.Name.Local; name == "RequestId" || name == "ResponseMetadata" {
				continue // some cases leave them out
			}
			lines = append(lines, strings.Join(path, "/"))
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if at := strings.Join(path, "/"); !strings.HasSuffix(at, "RequestId") && strings.TrimSpace(string(token)) != "" {
				lines = append(lines, at+"="+string(token))
			}
		}
	}
}

// fill writes a case's result into an output.
func fill(v reflect.Value, from any) error {
	if text, ok := jsonValue(from); ok && v.Kind() != reflect.Map && !isStruct(v) {
		from = text
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), from)
	case reflect.Struct:
		if v.Type() == timeType {
			sec, frac := math.Modf(from.(float64))
			v.Set(reflect.ValueOf(time.Unix(int64(sec), int64(frac*1e9))))
			return nil
		}
		for name, value := range from.(map[string]any) {
			if err := fill(v.FieldByName(strings.ToUpper(name[:1])+name[1:]), value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	case reflect.Slice:
		if v.Type() == bytesType {
			v.SetBytes([]byte(from.(string)))
			return nil
		}
		list := slices.DeleteFunc(slices.Clone(from.([]any)), func(item any) bool { return item == nil })
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, value := range list {
			if err := fill(v.Index(i), value); err != nil {
				return err
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for key, value := range from.(map[string]any) {
			elem := reflect.New(v.Type().Elem()).Elem()
			if err := fill(elem, value); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(key), elem)
		}
	case reflect.Int64:
		v.SetInt(int64(from.(float64)))
	default:
		v.Set(reflect.ValueOf(from))
	}
	return nil
}

func isStruct(v reflect.Value) bool {
	return v.Kind() == reflect.Struct || v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct && v.Type().Elem() != timeType
}
