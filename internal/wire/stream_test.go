package wire_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stormbus/internal/shape/cloudwatch"
	"stormbus/internal/shape/s3"
	"stormbus/internal/wire"
)

// s3Server is a server of one operation of S3, whose limit is 5 GiB.
func s3Server(t *testing.T, op wire.Operation) *httptest.Server {
	t.Helper()
	h := wire.NewServer(wire.Config{Services: []wire.Service{{Model: s3.Model, Operations: []wire.Operation{op}}}})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func do(t *testing.T, method, url string, body io.Reader) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// TestInputStreams sends half of a body, and the rest only when the operation
// has read the half.
func TestInputStreams(t *testing.T) {
	t.Parallel()
	half := make(chan struct{})
	server := s3Server(t, wire.Op("PutObject", func(_ context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
		first := make([]byte, 4)
		if _, err := io.ReadFull(in.Body, first); err != nil {
			return nil, err
		}
		close(half)
		rest, err := io.ReadAll(in.Body)
		return &s3.PutObjectOutput{ETag: new(string(first) + string(rest))}, err
	}))
	body, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, "half")
		<-half
		_, _ = io.WriteString(w, "rest")
		_ = w.Close()
	}()
	if resp := do(t, http.MethodPut, server.URL+"/b/k", body); resp.StatusCode != 200 || resp.Header.Get("Etag") != "halfrest" {
		t.Errorf("status %d, tag %q", resp.StatusCode, resp.Header.Get("Etag"))
	}
}

// TestOutputStreams writes the second half of an answer only when the first
// half has arrived.
func TestOutputStreams(t *testing.T) {
	t.Parallel()
	body, w := io.Pipe()
	server := s3Server(t, wire.Op("GetObject", func(context.Context, *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
		return &s3.GetObjectOutput{Body: body}, nil
	}))
	go func() { _, _ = io.WriteString(w, "half") }()
	resp := do(t, http.MethodGet, server.URL+"/b/k", nil)
	first := make([]byte, 4)
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(w, "rest")
		_ = w.Close()
	}()
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(first)+string(rest) != "halfrest" {
		t.Errorf("got %q and %q, %v", first, rest, err)
	}
}

// closeReader notes that it was closed.
type closeReader struct {
	io.Reader
	closed chan struct{}
}

func (c *closeReader) Close() error { close(c.closed); return nil }

func TestOutputStreamsAreClosed(t *testing.T) {
	t.Parallel()
	body := &closeReader{strings.NewReader("x"), make(chan struct{})}
	server := s3Server(t, wire.Op("GetObject", func(context.Context, *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
		return &s3.GetObjectOutput{Body: body}, nil
	}))
	_ = do(t, http.MethodGet, server.URL+"/b/k", nil)
	<-body.closed
}

// TestBrokenOutputStream must not look like a whole answer.
func TestBrokenOutputStream(t *testing.T) {
	t.Parallel()
	server := s3Server(t, wire.Op("GetObject", func(context.Context, *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
		return &s3.GetObjectOutput{Body: io.MultiReader(strings.NewReader("half"), iotestError{errors.New("disk on fire")})}, nil
	}))
	resp := do(t, http.MethodGet, server.URL+"/b/k", nil)
	if got, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("read %q without an error", got)
	}
}

type iotestError struct{ err error }

func (e iotestError) Read([]byte) (int, error) { return 0, e.err }

func TestInputStreamTooLarge(t *testing.T) {
	t.Parallel()
	model := *s3.Model
	model.MaxBody = 10
	model.Operations = append(model.Operations[:0:0], model.Operations...)
	for i := range model.Operations {
		model.Operations[i].MaxBody = 0
	}
	h := wire.NewServer(wire.Config{Services: []wire.Service{{Model: &model, Operations: []wire.Operation{wire.Op("PutObject", putObject)}}}})
	for size, want := range map[int]int{10: 200, 11: 400} {
		r := httptest.NewRequest(http.MethodPut, "http://localhost/b/k", strings.NewReader(strings.Repeat("x", size)))
		r.ContentLength = -1
		status, _, body := send(h, r)
		const refused = "<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds the maximum allowed size</Message>" +
			"<MaxSizeAllowed>10</MaxSizeAllowed>"
		if status != want || want != 200 && !strings.Contains(body, refused) {
			t.Errorf("%d bytes: status %d, want %d: %s", size, status, want, body)
		}
	}
}

func TestInputStreamEndsTooEarly(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPut, "http://localhost/b/k", nil)
	r.Body = io.NopCloser(iotestError{io.ErrUnexpectedEOF})
	r.ContentLength = 10
	w := httptest.NewRecorder()
	newServer(io.Discard).ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "<Code>IncompleteBody</Code>") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestHeadTellsTheLength(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newServer(io.Discard).ServeHTTP(w, httptest.NewRequest(http.MethodHead, "http://localhost/b/k", nil))
	if got := w.Header().Get("Content-Length"); got != "5" || w.Body.Len() != 0 {
		t.Errorf("length %q and %d bytes, want 5 and none", got, w.Body.Len())
	}
}

// TestTooLargeIsNotRead announces more than is worth reading to throw it away.
func TestTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	r := target("AWSEvents.PutEvents", "")
	r.Body = io.NopCloser(readFunc(func([]byte) (int, error) {
		t.Error("the body was read")
		return 0, io.EOF
	}))
	r.ContentLength = 20 << 20
	if status, code, _ := send(newServer(io.Discard), r); status != 413 || code != "RequestEntityTooLargeException" {
		t.Errorf("got %d %s", status, code)
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	h := wire.NewServer(wire.Config{MaxBody: 1000, Services: []wire.Service{{
		Model: cloudwatch.Model, Operations: cloudwatchOperations(),
	}}})
	const start, end = `{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1}]`, `}`
	good := zipped(t, start+end)
	for _, test := range []struct {
		name string
		body []byte
		want int
	}{
		{"good", good, 200},
		{"as large as allowed", zipped(t, start+strings.Repeat(" ", 1000-len(start)-len(end))+end), 200},
		{"too large", zipped(t, start+strings.Repeat(" ", 1001-len(start)-len(end))+end), 413},
		{"a bomb", zipped(t, strings.Repeat(" ", 500_000)), 413},
		{"not gzip", []byte(start + end), 400},
		{"cut off", good[:len(good)-4], 400},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", bytes.NewReader(test.body))
		r.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801.PutMetricData")
		r.Header.Set("Content-Encoding", "gzip")
		if status, code, message := send(h, r); status != test.want {
			t.Errorf("%s: status %d, want %d: %s %s", test.name, status, test.want, code, message)
		}
	}
}
