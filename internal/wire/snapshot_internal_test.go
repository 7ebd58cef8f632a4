package wire

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
	"stormbus/internal/shape/catalog"
)

// The modules of AWS's SDK for Go hold one request, one response and one error
// for every operation and error, in which every member is filled. Here the
// requests are decoded and written again, and the answers are read and encoded:
// nothing may be lost on the way.

// snapshotModules are the modules, by the service's package.
var snapshotModules = map[string]module{
	"cloudwatch": {"github.com/aws/aws-sdk-go-v2/service/cloudwatch@v1.75.6", "h1:MbQFT2E3W+kQEWu6GJQWCz7bMY0bUc3oW0oEdbXEAz0="},
	"dynamodb":   {"github.com/aws/aws-sdk-go-v2/service/dynamodb@v1.73.2", "h1:PG5/cBXyERZPH9qRqW7a1A93+XZDgDLtR2I7GLBdtbc="},
	"events":     {"github.com/aws/aws-sdk-go-v2/service/eventbridge@v1.55.10", "h1:DVdV+1lzwS1nVJAz9zJ+F7vVJJySl8ZD7HpM5d/ZPKI="},
	"iam":        {"github.com/aws/aws-sdk-go-v2/service/iam@v1.64.9", "h1:pyH8TOrkDBjusRhBK65ZbR6BM44NSnETS9FmftzvXS0="},
	"lambda":     {"github.com/aws/aws-sdk-go-v2/service/lambda@v1.114.3", "h1:K0waQ/l0mZ/qjTFsIfbifurYEVb5eUEo/jCjh/7cUIE="},
	"logs":       {"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs@v1.92.1", "h1:P6wT1/syLZ3BUT2GE1Daluh3k4jEmhHjEVHNHtTWX9Q="},
	"s3":         {"github.com/aws/aws-sdk-go-v2/service/s3@v1.114.9", "h1:MLHGyNy4melTyk9e63s+9QgLKCHPDJrP+1NfJhtU1g4="},
	"sns":        {"github.com/aws/aws-sdk-go-v2/service/sns@v1.47.10", "h1:dqHTDRiALOMKb5odwU49bI8ATjDbo8wRgzx0G7wXZUw="},
	"sqs":        {"github.com/aws/aws-sdk-go-v2/service/sqs@v1.52.11", "h1:l0xoF0qX4gBceK/7pHNJYBAU/6pIQ1oAmSxX5wj50Zw="},
	"sts":        {"github.com/aws/aws-sdk-go-v2/service/sts@v1.51.9", "h1:soG/8YBczEJwckK+e4HLt0RzfkvopGrdBjmbghG99Cc="},
}

// snapshot is a recorded message.
type snapshot struct {
	name   string
	start  string // method and path, or status
	header http.Header
	body   string
}

// readSnapshots reads the files of a service's module whose names end with
// suffix.
func readSnapshots(t *testing.T, service, dir, suffix string) []snapshot {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(snapshotModules[service].dir(t), dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	var all []snapshot
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := snapshot{name: strings.TrimSuffix(filepath.Base(file), suffix), header: http.Header{}}
		start, rest, _ := strings.Cut(string(text), "\n")
		s.start = start
		head, body, _ := strings.Cut(strings.TrimPrefix(rest, "\n"), "\n\n")
		s.body = body
		for line := range strings.SplitSeq(head, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				s.header.Add(name, value)
			}
		}
		all = append(all, s)
	}
	return all
}

// lossless is a server of all operations of one service.
func lossless(service string) (*Server, *service) {
	for _, m := range catalog.Models() {
		if m.Name != service {
			continue
		}
		s := Service{Model: m}
		for _, o := range typesByService()[service] {
			s.Operations = append(s.Operations, o.operation(nil))
		}
		server := NewServer(Config{Services: []Service{s}})
		return server, server.services[0]
	}
	return nil, nil
}

func TestRequestSnapshots(t *testing.T) {
	t.Parallel()
	for name := range snapshotModules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, service := lossless(name)
			left := maps.Clone(requestExceptions[name])
			n, known := 0, 0
			for _, snap := range readSnapshots(t, name, "request_snapshot", ".request.snap") {
				n++
				problem := ""
				op := service.ops[snap.name]
				switch {
				case op == nil:
					problem = "the operation is not in the model"
				case op.impl == nil:
					known++ // by its name only; it answers that it is not implemented
					continue
				default:
					problem = requestProblem(t, server, op, snap)
				}
				checkException(t, "request "+snap.name, problem, left)
			}
			for exception := range left {
				t.Errorf("%s is no exception any more", exception)
			}
			t.Logf("%d requests, %d of operations without types, %d exceptions", n, known, len(requestExceptions[name]))
		})
	}
}

// checkException fails for a problem that is not expected, and removes an
// expected one from left.
func checkException(t *testing.T, what, problem string, left map[string]string) {
	t.Helper()
	_, name, _ := strings.Cut(what, " ")
	want, excepted := left[name]
	delete(left, name)
	switch {
	case problem == "" && excepted:
		t.Errorf("%s passes, but is listed as an exception: %s", what, want)
	case problem != "" && !excepted:
		t.Errorf("%s: %s", what, problem)
	case excepted && !strings.Contains(problem, want):
		t.Errorf("%s: %s, which is another problem than %q", what, problem, want)
	}
}

// requestProblem decodes a request and says what is lost of it.
func requestProblem(t *testing.T, server *Server, op *operation, snap snapshot) string {
	t.Helper()
	method, target, _ := strings.Cut(snap.start, " ")
	r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(snap.body))
	r.Header = snap.header
	if strings.HasPrefix(op.model.URI, "/{Bucket}") {
		r.Host = "bucket.s3.localhost"
	}
	c := &call{server: server, w: httptest.NewRecorder(), r: r}
	c.locate()
	if err := c.route(); err != nil {
		return "route: " + err.Error()
	}
	if c.op.model.Name != snap.name {
		return "routed to " + c.op.model.Name
	}
	if err := c.readBody(); err != nil {
		return "read: " + err.Error()
	}
	in := reflect.New(c.op.impl.in).Elem()
	if found, err := c.codec.decode(c, in); err != nil || len(found) > 0 {
		return fmt.Sprintf("decode: %v %v", err, found)
	}
	if diff := cmp.Diff(requestLines(t, c, snap.body), inputLines(t, c, in)); diff != "" {
		return "-sent +decoded\n" + diff
	}
	return ""
}

// notMembers are headers of the protocols.
var notMembers = []string{"Accept", "Content-Type", "X-Amz-Target", "X-Amzn-Query-Mode", "Smithy-Protocol"}

// requestLines are all values of a request as it was sent, one a line.
func requestLines(t *testing.T, c *call, body string) []string {
	t.Helper()
	var lines []string
	add := func(where, name, value string) { lines = append(lines, where+" "+name+"="+value) }
	if c.op.service.paths != nil && c.codec != (queryCodec{}) {
		for name, value := range c.labels {
			add("label", name, value)
		}
		_, query, _ := strings.Cut(c.op.model.URI, "?")
		constant, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range c.query() {
			if _, isConstant := constant[name]; !isConstant && name != "x-id" {
				add("query", name, strings.Join(values, ", "))
			}
		}
		for name, values := range c.r.Header {
			if !slices.Contains(notMembers, name) || hasHeader(c.op.in, name) {
				add("header", strings.ToLower(name), strings.Join(values, ", "))
			}
		}
	}
	lines = append(lines, bodyLines(t, c, body)...)
	slices.Sort(lines)
	return lines
}

func hasHeader(p *plan, name string) bool {
	return slices.ContainsFunc(p.fields, func(f field) bool {
		return f.member.Location == shape.Header && strings.EqualFold(f.name, name)
	})
}

// bodyLines are all values of a body.
func bodyLines(t *testing.T, c *call, body string) []string {
	t.Helper()
	p := c.op.in
	raw := p.payload != nil && (p.payload.plan.kind == shape.Blob || p.payload.plan.kind == shape.String || p.payload.plan.kind == reader)
	switch {
	case c.codec == (queryCodec{}):
		return formLines(t, body)
	case body == "":
		return nil
	case raw:
		return []string{"body " + body}
	}
	return treeLines(t, c.codec.format(), body)
}

// treeLines are the values of a body in a format, one a line.
func treeLines(t *testing.T, f format, body string) []string {
	t.Helper()
	switch f.(type) {
	case xmlFormat:
		return xmlTree(t, body)
	case cborFormat:
		return leaves("body", cborTree(t, []byte(body)))
	}
	return leaves("body", jsonTree(t, body))
}

// leaves are the values of a tree, one a line.
func leaves(path string, v any) []string {
	var lines []string
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			lines = append(lines, leaves(path+"."+name, value)...)
		}
		if len(v) == 0 && path != "body" {
			lines = append(lines, path+"={}")
		}
	case []any:
		for i, value := range v {
			lines = append(lines, leaves(path+"."+strconv.Itoa(i), value)...)
		}
	default:
		lines = append(lines, fmt.Sprintf("%s=%v", path, v))
	}
	return lines
}

func formLines(t *testing.T, body string) []string {
	t.Helper()
	values, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for name, value := range values {
		if name != "Action" && name != "Version" {
			lines = append(lines, name+"="+value[0])
		}
	}
	return lines
}

// inputLines are all values of an input as it was decoded.
func inputLines(t *testing.T, c *call, in reflect.Value) []string {
	t.Helper()
	p := c.op.in
	var lines []string
	add := func(where, name, value string) { lines = append(lines, where+" "+name+"="+value) }
	for i := range p.fields {
		f := &p.fields[i]
		v := in.Field(f.index)
		if v.IsNil() {
			continue
		}
		switch f.member.Location {
		case shape.URI:
			add("label", f.name, headerText(f, v))
		case shape.QueryString:
			g := *f
			g.format = nameOr(f.format, formatISO)
			add("query", f.name, headerText(&g, v))
		case shape.Header:
			if f.name != "Content-Length" { // it is HTTP's
				add("header", strings.ToLower(f.name), headerText(f, v))
			}
		case shape.Headers:
			for _, key := range sortedKeys(v) {
				add("header", strings.ToLower(f.name+key), mapElem(v, key).String())
			}
		}
	}
	lines = append(lines, inputBodyLines(t, c, in)...)
	slices.Sort(lines)
	return lines
}

func inputBodyLines(t *testing.T, c *call, in reflect.Value) []string {
	t.Helper()
	p, f := c.op.in, c.codec.format()
	root := root{name: "root"}
	switch {
	case c.codec == (queryCodec{}):
		return formOf(p, in, "")
	case p.payload == nil && len(p.body) == 0 || c.op.model.Input == "" || len(c.body) == 0:
		return nil
	case p.payload == nil:
		return treeLines(t, f, string(f.write(nil, p, in, root)))
	}
	v := in.Field(p.payload.index)
	switch p.payload.plan.kind {
	case shape.Blob:
		return []string{"body " + string(v.Bytes())}
	case shape.String:
		return []string{"body " + v.Elem().String()}
	case reader:
		return []string{"body " + string(c.body)} // it was not read yet
	}
	return treeLines(t, f, string(f.write(nil, p.payload.plan, v, root)))
}

// formOf writes a value as a client of the query protocol would, one parameter
// a line.
func formOf(p *plan, v reflect.Value, prefix string) []string {
	var lines []string
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for i := range p.fields {
		f := &p.fields[i]
		if fv := v.Field(f.index); !fv.IsNil() {
			lines = append(lines, formValue(f.plan, fv, prefix+f.element, f.flat, f.format)...)
		}
	}
	return lines
}

func formValue(p *plan, v reflect.Value, name string, flat bool, format string) []string {
	var lines []string
	switch p.kind {
	case shape.Structure:
		return formOf(p, v, name+".")
	case shape.List:
		if v.Len() == 0 {
			return []string{name + "="}
		}
		if !flat {
			name += "." + elemName(p)
		}
		for i := range v.Len() {
			lines = append(lines, formValue(p.elem, v.Index(i), name+"."+strconv.Itoa(i+1), false, "")...)
		}
		return lines
	case shape.Map:
		if !flat {
			name += ".entry"
		}
		for i, key := range sortedKeys(v) {
			at := name + "." + strconv.Itoa(i+1) + "."
			lines = append(lines, at+keyName(p)+"="+key)
			lines = append(lines, formValue(p.elem, mapElem(v, key), at+valueName(p), false, "")...)
		}
		return lines
	}
	text, _ := getText(p, v, nameOr(format, formatISO))
	return []string{name + "=" + text}
}

// cborTree reads CBOR without a plan.
func cborTree(t *testing.T, body []byte) any {
	t.Helper()
	r := &cborReader{data: body}
	v, err := cborValue(r)
	if err != nil || r.pos != len(body) {
		t.Fatalf("%v, read %d of %d bytes: %q", err, r.pos, len(body), body)
	}
	return v
}

func cborValue(r *cborReader) (any, error) {
	h, err := r.head()
	if err != nil {
		return nil, err
	}
	switch h.major {
	case cborText, cborBytes:
		b, err := r.text(h)
		return string(bytes.Clone(b)), err
	case cborArray:
		list := []any{}
		err := r.items(h, func() error {
			item, err := cborValue(r)
			list = append(list, item)
			return err
		})
		return list, err
	case cborMap:
		m := map[string]any{}
		err := r.pairs(h, func(key []byte) error {
			value, err := cborValue(r)
			m[string(key)] = value
			return err
		})
		return m, err
	case cborOther:
		if h.info == cborTrue || h.info == cborFalse {
			return h.info == cborTrue, nil
		}
	}
	f, ok := h.float()
	if !ok {
		return nil, r.fail("neither a number nor anything else")
	}
	return f, nil
}
