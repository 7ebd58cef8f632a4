package sigv4_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"stormbus/internal/sigv4"
)

// upload is a body in the frames of aws-chunked, and the headers that go with
// it.
type upload struct {
	payload   string // X-Amz-Content-Sha256
	signed    string // headers
	signature string
	header    map[string]string
	body      string
}

func sizes() (a, b string) { return strings.Repeat("a", 65536), strings.Repeat("a", 1024) }

// published uploads are AWS's own examples, from the documentation of S3.
func publishedUpload() upload {
	first, second := sizes()
	return upload{
		payload:   sigv4.StreamingSigned,
		signed:    "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
		signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
		header:    map[string]string{"Content-Length": "66824"},
		body: "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + first + "\r\n" +
			"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + second + "\r\n" +
			"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
	}
}

func publishedTrailer() upload {
	first, second := sizes()
	return upload{
		payload:   sigv4.StreamingSignedTrailer,
		signed:    "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
		signature: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
		header:    map[string]string{"X-Amz-Trailer": "x-amz-checksum-crc32c"},
		body: "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" + first + "\r\n" +
			"400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" + second + "\r\n" +
			"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
			"x-amz-checksum-crc32c:sOO8/Q==\r\n" +
			"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
	}
}

func (u upload) request(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPut, "http://s3.amazonaws.com/examplebucket/chunkObject.txt", body)
	r.RequestURI = "/examplebucket/chunkObject.txt"
	r.Header = http.Header{
		"X-Amz-Date": {"20130524T000000Z"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}, "X-Amz-Content-Sha256": {u.payload},
		"Content-Encoding": {"aws-chunked"}, "X-Amz-Decoded-Content-Length": {"66560"},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
			u.signed + ",Signature=" + u.signature},
	}
	for name, value := range u.header {
		r.Header.Set(name, value)
	}
	return r
}

func (u upload) verify(body io.Reader) ([]byte, error) {
	return verify(verifier(example(), time.Date(2013, 5, 24, 0, 1, 0, 0, time.UTC)), u.request(body))
}

// TestPublishedUploads reads AWS's examples, in pieces of every kind.
func TestPublishedUploads(t *testing.T) {
	t.Parallel()
	first, second := sizes()
	for name, u := range map[string]upload{"without trailers": publishedUpload(), "with trailers": publishedTrailer()} {
		for how, reader := range map[string]io.Reader{
			"at once": strings.NewReader(u.body), "byte by byte": iotest.OneByteReader(strings.NewReader(u.body)),
			"with its end": iotest.DataErrReader(strings.NewReader(u.body)),
		} {
			body, err := u.verify(reader)
			if err != nil || string(body) != first+second {
				t.Errorf("%s, %s: %d bytes, %v", name, how, len(body), err)
			}
		}
	}
}

// TestTamperedUploads changes every part of an upload.
func TestTamperedUploads(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]upload{"without trailers": publishedUpload(), "with trailers": publishedTrailer()} {
		second := 65536 + 90 // the header of the second chunk begins here
		for i := range len(u.body) {
			isData := i > 100 && i < second-8 || i > second+95 && i < len(u.body)-500
			if isData && i%4999 != 0 {
				continue
			}
			changed := []byte(u.body)
			changed[i] ^= 1
			if strings.EqualFold(string(changed), u.body) {
				continue
			}
			if _, err := u.verify(bytes.NewReader(changed)); err == nil {
				t.Fatalf("%s: byte %d (%q) was changed, and nobody saw it", name, i, u.body[max(0, i-10):min(len(u.body), i+10)])
			}
		}
		for i := range len(u.body) {
			if i%997 != 0 && i < len(u.body)-100 {
				continue
			}
			if _, err := u.verify(strings.NewReader(u.body[:i])); err == nil {
				t.Fatalf("%s: it ended after %d bytes, and nobody saw it", name, i)
			}
		}
		if _, err := u.verify(strings.NewReader(u.body + "\n")); err == nil {
			t.Errorf("%s: something followed, and nobody saw it", name)
		}
	}
}

// unsigned is a body with a trailer that is not signed.
func unsigned(data string, size int) string {
	var b strings.Builder
	for len(data) > 0 {
		n := min(size, len(data))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, data[:n])
		data = data[n:]
	}
	return b.String() + "0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n"
}

func framed(body, decoded string) *http.Request {
	r := httptest.NewRequest(http.MethodPut, "/bucket/key", strings.NewReader(body))
	r.Header.Set("X-Amz-Content-Sha256", sigv4.StreamingUnsignedTrailer)
	r.Header.Set("X-Amz-Decoded-Content-Length", decoded)
	r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
	return r
}

// TestFramesWithoutProof takes frames off when nobody is asked for a signature.
func TestFramesWithoutProof(t *testing.T) {
	t.Parallel()
	good := unsigned("123456789", 4)
	first, second := sizes()
	tests := []struct {
		name          string
		body, decoded string
		header        map[string]string
		want          string
		code          string
	}{
		{name: "unsigned", body: good, decoded: "9", want: "123456789"},
		{name: "empty", body: unsigned("", 1), decoded: "0"},
		{name: "signed", body: publishedUpload().body, decoded: "66560", header: map[string]string{"X-Amz-Content-Sha256": sigv4.StreamingSigned, "X-Amz-Trailer": ""}, want: first + second},
		{name: "only by its encoding", body: "1\r\na\r\n0\r\n\r\n", decoded: "1", header: map[string]string{"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", "Content-Encoding": "gzip, AWS-chunked", "X-Amz-Trailer": ""}, want: "a"},
		{name: "lines end with LF", body: strings.ReplaceAll(good, "\r\n", "\n"), decoded: "9", want: "123456789"},
		{name: "too short", body: good, decoded: "10", code: "IncompleteBody"},
		{name: "too long", body: good, decoded: "8", code: "IncompleteBody"},
		{name: "no length", body: good, decoded: "", code: "MissingContentLength"},
		{name: "a length below nothing", body: good, decoded: "-1", code: "MissingContentLength"},
		{name: "not a size", body: "g\r\n", decoded: "9", code: "InvalidRequest"},
		{name: "no size", body: "\r\n", decoded: "9", code: "InvalidRequest"},
		{name: "a huge size", body: "7fffffffffffffff\r\n", decoded: "9", code: "InvalidRequest"},
		{name: "a line without end", body: strings.Repeat("0", 1<<20), decoded: "9", code: "InvalidRequest"},
		{name: "data behind a chunk", body: "1\r\nab\r\n0\r\n\r\n", decoded: "1", code: "InvalidRequest"},
		{name: "a trailer that was not announced", body: strings.Replace(good, "crc32", "crc32c", 1), decoded: "9", code: "MalformedTrailerError"},
		{name: "a trailer twice", body: strings.Replace(good, "x-amz", "x-amz-checksum-crc32:a\r\nx-amz", 1), decoded: "9", code: "MalformedTrailerError"},
		{name: "a trailer without a value", body: strings.Replace(good, ":", "", 1), decoded: "9", code: "MalformedTrailerError"},
		{name: "no trailer", body: "0\r\n\r\n", decoded: "0", code: "MalformedTrailerError"},
		{name: "signed frames without signatures", body: good, decoded: "9", header: map[string]string{"X-Amz-Content-Sha256": sigv4.StreamingSigned}, code: "InvalidRequest"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := framed(test.body, test.decoded)
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			body, err := sigv4.OpenBody(r, nil)
			var got []byte
			if err == nil {
				got, err = io.ReadAll(body)
			}
			wantError(t, err, test.code, "")
			if err == nil && (string(got) != test.want || body.Length != int64(len(test.want)) || !body.Framed()) {
				t.Errorf("read %d bytes of %d, want %d", len(got), body.Length, len(test.want))
			}
		})
	}
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	b, err := sigv4.OpenBody(framed(unsigned("123456789", 9), "9"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const name = "X-Amz-Checksum-Crc32"
	if !b.Announces(name) || b.Announces("X-Amz-Checksum-Sha1") || b.Trailer(name) != "" {
		t.Error("before it was read, a trailer is announced and not there")
	}
	if _, err := io.Copy(io.Discard, b); err != nil {
		t.Fatal(err)
	}
	if got := b.Trailer(name); got != "y/Q5Jg==" {
		t.Errorf("trailer %q, want the checksum", got)
	}
}

// TestPlainBody leaves a body alone that is in no frames, but for its hash.
func TestPlainBody(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPut, "/bucket/key", strings.NewReader("hello"))
	r.Header.Set("X-Amz-Content-Sha256", "anything")
	b, err := sigv4.OpenBody(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(b)
	if err != nil || string(got) != "hello" || b.Framed() || b.Length != 5 {
		t.Errorf("read %q of %d, %v", got, b.Length, err)
	}
	_, err = sigv4.OpenBody(r, &sigv4.Proof{})
	wantError(t, err, "InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD")
}

func TestStripEncoding(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"aws-chunked": "", "gzip": "gzip", "aws-chunked, gzip": "gzip", "gzip,AWS-Chunked": "gzip", "a , aws-chunked,b": "a,b"} {
		h := http.Header{"Content-Encoding": {given}}
		sigv4.StripEncoding(h)
		if got := h.Get("Content-Encoding"); got != want {
			t.Errorf("StripEncoding(%q) leaves %q, want %q", given, got, want)
		}
	}
}

// FuzzFrames reads arbitrary frames in two ways, which must agree.
func FuzzFrames(f *testing.F) {
	f.Add(unsigned("123456789", 4), "9", 0, 3)
	f.Add(publishedUpload().body[:200], "66560", 1, 1)
	f.Add("0;chunk-signature="+strings.Repeat("0", 64)+"\r\n\r\n", "0", 1, 1)
	f.Add("0\r\nx-amz-checksum-crc32:a\r\nx-amz-trailer-signature:b\r\n\r\n", "0", 2, 1)
	f.Fuzz(func(t *testing.T, body, decoded string, mode, size int) {
		read := func(from io.Reader) (string, error) {
			r := framed("", decoded)
			r.Header.Set("X-Amz-Content-Sha256", []string{
				sigv4.StreamingUnsignedTrailer, sigv4.StreamingSigned, sigv4.StreamingSignedTrailer,
			}[(mode%3+3)%3])
			r.Body = io.NopCloser(from)
			b, err := sigv4.OpenBody(r, nil)
			if err != nil {
				return "", err
			}
			got, err := io.ReadAll(b)
			return string(got), err
		}
		whole, err := read(strings.NewReader(body))
		pieces, errPieces := read(&pieces{strings.NewReader(body), max(1, size%64)})
		if whole != pieces || (err == nil) != (errPieces == nil) {
			t.Errorf("read at once: %q, %v; in pieces: %q, %v", whole, err, pieces, errPieces)
		}
		if want, _ := strconv.Atoi(decoded); err == nil && len(whole) != want {
			t.Errorf("read %d bytes of %d", len(whole), want)
		}
	})
}

// pieces reads n bytes at most at a time.
type pieces struct {
	from io.Reader
	n    int
}

// Read reads one piece.
func (p *pieces) Read(b []byte) (int, error) { return p.from.Read(b[:min(len(b), p.n)]) }

// TestSplitAnywhere breaks a signed upload at every byte: it reads the same.
func TestSplitAnywhere(t *testing.T) {
	t.Parallel()
	const body = "1\r\n1\r\n4\r\n2345\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n"
	for i := range len(body) {
		r := framed("", "5")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(body[:i]), strings.NewReader(body[i:])))
		b, err := sigv4.OpenBody(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(b); string(got) != "12345" || err != nil {
			t.Errorf("broken at %d: %q, %v", i, got, err)
		}
		r.Body = io.NopCloser(strings.NewReader(body[:i]))
		if b, err = sigv4.OpenBody(r, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(b); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("ended at %d: %v, want io.ErrUnexpectedEOF", i, err)
		}
	}
}

func BenchmarkFrames(b *testing.B) {
	u := publishedUpload()
	v := verifier(example(), time.Date(2013, 5, 24, 0, 1, 0, 0, time.UTC))
	b.SetBytes(66560)
	b.ReportAllocs()
	buffer := make([]byte, 32<<10)
	for b.Loop() {
		r := u.request(strings.NewReader(u.body))
		s, _, err := sigv4.Parse(r)
		if err != nil {
			b.Fatal(err)
		}
		proof, err := v.Verify(r, &s, u.payload)
		if err != nil {
			b.Fatal(err)
		}
		body, err := sigv4.OpenBody(r, proof)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, body, buffer); err != nil {
			b.Fatal(err)
		}
	}
}
