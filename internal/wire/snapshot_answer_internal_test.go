package wire

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
)

func TestAnswerSnapshots(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cloudwatch", "dynamodb", "events", "lambda", "logs", "sqs"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, service := lossless(name)
			left := maps.Clone(answerExceptions[name])
			answers, known := 0, 0
			for _, snap := range readSnapshots(t, name, "response_snapshot", ".response.snap") {
				answers++
				op := service.ops[snap.name]
				if op != nil && op.impl == nil {
					known++
					continue
				}
				problem := "the operation is not in the model"
				if op != nil {
					problem = answerProblem(t, server, op, snap)
				}
				checkException(t, "answer "+snap.name, problem, left)
			}
			errors := readSnapshots(t, name, "response_snapshot", ".error.snap")
			for _, snap := range errors {
				problem := "the error is not in the model"
				if service.model.Error(snap.name) != nil {
					problem = errorProblem(t, server, snap)
				}
				checkException(t, "error "+snap.name, problem, left)
			}
			for exception := range left {
				t.Errorf("%s is no exception any more", exception)
			}
			t.Logf("%d answers, %d of operations without types, %d errors, %d exceptions",
				answers, known, len(errors), len(answerExceptions[name]))
		})
	}
}

// protocolOf is the protocol in which a snapshot is.
func protocolOf(s *service, snap snapshot) shape.Protocol {
	if snap.header.Get("Smithy-Protocol") != "" {
		return shape.CBOR
	}
	return s.model.Protocol
}

// answerProblem reads an answer, encodes it, and says what is lost of it.
func answerProblem(t *testing.T, server *Server, op *operation, snap snapshot) string {
	t.Helper()
	w := httptest.NewRecorder()
	c := &call{server: server, w: w, r: httptest.NewRequest(http.MethodPost, "http://localhost/", nil)}
	c.use(op.service, protocolOf(op.service, snap))
	c.op = op
	out := reflect.New(op.impl.out).Elem()
	if err := readAnswer(c, snap, out); err != nil {
		return "read: " + err.Error()
	}
	if err := c.codec.encode(c, out); err != nil {
		return "encode: " + err.Error()
	}
	got := answerLines(t, c, w.Code, w.Header(), w.Body.String())
	// The snapshots say 200 whatever the model says.
	want := answerLines(t, c, op.status(), snap.header, snap.body)
	return cmp.Diff(want, got)
}

func status(t *testing.T, snap snapshot) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(snap.start, &n); err != nil {
		t.Fatalf("%s: %v", snap.name, err)
	}
	return n
}

// readAnswer reads an answer as a client does.
func readAnswer(c *call, snap snapshot, out reflect.Value) error {
	p := c.op.out
	for i := range p.fields {
		f := &p.fields[i]
		v := out.Field(f.index)
		switch f.member.Location {
		case shape.StatusCode:
			setText(f.plan, v, strconv.Itoa(c.op.status()))
		case shape.Header:
			values := snap.header.Values(f.name)
			if f.plan.kind == shape.List && len(values) > 0 {
				values = splitHeader(values, f.plan.elem.kind)
			}
			if len(values) > 0 {
				if err := decodeTexts(f, v, values); err != nil {
					return err
				}
			}
		case shape.Headers:
			decodePrefixed(snap.header, f, v)
		}
	}
	body := []byte(snap.body)
	if p.payload == nil {
		_, err := c.codec.format().read(body, p, out)
		return err
	}
	v := out.Field(p.payload.index)
	switch p.payload.plan.kind {
	case shape.Blob:
		v.SetBytes(body)
		return nil
	case shape.String:
		setString(v, snap.body)
		return nil
	}
	_, err := c.codec.format().read(body, p.payload.plan, v)
	return err
}

// answerLines are all values of an answer, one a line.
func answerLines(t *testing.T, c *call, status int, header http.Header, body string) []string {
	t.Helper()
	lines := []string{fmt.Sprint("status ", status)}
	p := c.op.out
	for i := range p.fields {
		switch f := &p.fields[i]; f.member.Location {
		case shape.Header:
			if values := header.Values(f.name); len(values) > 0 {
				lines = append(lines, f.name+"="+strings.Join(values, ", "))
			}
		case shape.Headers:
			for name, values := range header {
				if strings.HasPrefix(strings.ToLower(name), strings.ToLower(f.name)) {
					lines = append(lines, strings.ToLower(name)+"="+strings.Join(values, ", "))
				}
			}
		}
	}
	raw := p.payload != nil && (p.payload.plan.kind == shape.Blob || p.payload.plan.kind == shape.String)
	switch {
	case body == "":
	case raw:
		lines = append(lines, body, "type "+header.Get("Content-Type"))
	default:
		values := treeLines(t, c.codec.format(), body)
		for i := range p.fields {
			if f := &p.fields[i]; f.member.Location == shape.StatusCode {
				// The snapshots have it in the body.
				values = slices.DeleteFunc(values, func(line string) bool { return strings.HasPrefix(line, "body."+f.name+"=") })
			}
		}
		if len(values) > 0 {
			lines = append(append(lines, values...), "type "+header.Get("Content-Type"))
		}
	}
	slices.Sort(lines)
	return lines
}

// errorProblem makes the error of a snapshot, answers with it, and says what
// differs. Codes may have a namespace, and messages either case: clients take
// all of them.
func errorProblem(t *testing.T, server *Server, snap snapshot) string {
	t.Helper()
	service := server.services[0]
	w := httptest.NewRecorder()
	c := &call{server: server, w: w, r: httptest.NewRequest(http.MethodPost, "http://localhost/", nil)}
	c.use(service, protocolOf(service, snap))
	want := errorTree(t, c, snap.body)
	model := service.model.Error(snap.name)
	e := &Error{Code: snap.name, Message: fmt.Sprint(want["message"]), Fields: map[string]any{}}
	for i := range model.Members {
		m := &model.Members[i]
		if m.Location == shape.Header {
			e.Fields[m.Name] = snap.header.Get(m.Wire())
		} else if value, ok := want[m.Wire()]; ok {
			e.Fields[m.Wire()] = value
		}
	}
	c.failWith(e)
	if want := status(t, snap); w.Code != want {
		return fmt.Sprintf("status %d, want %d", w.Code, want)
	}
	for i := range model.Members {
		if m := &model.Members[i]; m.Location == shape.Header && w.Header().Get(m.Wire()) != snap.header.Get(m.Wire()) {
			return fmt.Sprintf("header %s = %q", m.Wire(), w.Header().Get(m.Wire()))
		}
	}
	got := errorTree(t, c, w.Body.String())
	if want["message"] == nil {
		delete(got, "message") // the model has none, but a server tells it always
		delete(want, "message")
	}
	if got["__type"] == nil {
		got["__type"] = w.Header().Get("X-Amzn-Errortype")
	}
	return cmp.Diff(want, got)
}

func errorTree(t *testing.T, c *call, body string) map[string]any {
	t.Helper()
	var v any
	if c.codec == (cborCodec{}) {
		v = cborTree(t, []byte(body))
	} else {
		v = jsonTree(t, body)
	}
	m := v.(map[string]any)
	if m["message"] == nil {
		m["message"] = m["Message"]
	}
	delete(m, "Message")
	if code, ok := m["__type"].(string); ok {
		m["__type"] = code[strings.IndexByte(code, '#')+1:]
	}
	return m
}
