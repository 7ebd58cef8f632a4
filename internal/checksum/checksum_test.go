package checksum_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"stormbus/internal/checksum"
)

// TestCheckValues holds the algorithms to the published values for the text
// that all catalogues of checksums use.
func TestCheckValues(t *testing.T) {
	t.Parallel()
	for algorithm, want := range map[checksum.Algorithm]string{
		checksum.CRC32:     "cbf43926",
		checksum.CRC32C:    "e3069283",
		checksum.CRC64NVME: "ae8b14860a799888",
		checksum.SHA1:      "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
		checksum.SHA256:    "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
		checksum.MD5:       "25f9e794323b453885f5181f1b624d0b",
	} {
		h := algorithm.New()
		h.Write([]byte("123456789"))
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			t.Errorf("%s of 123456789 = %s, want %s", algorithm, got, want)
		}
	}
	if checksum.Algorithm("XXHASH3").New() != nil {
		t.Error("an unknown algorithm has a hash")
	}
}

// trailers are those of a body, all of them announced.
type trailers map[string]string

func (t trailers) Announces(name string) bool { _, ok := t[name]; return ok }
func (t trailers) Trailer(name string) string { return t[name] }

func TestReader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		header   map[string]string
		trailers trailers
		want     []checksum.Value
		code     string
	}{
		{name: "in a header", header: map[string]string{"x-amz-checksum-crc32": "y/Q5Jg=="}, want: []checksum.Value{{Algorithm: checksum.CRC32, Text: "y/Q5Jg=="}}},
		{name: "in the trailer", trailers: trailers{"X-Amz-Checksum-Crc64nvme": "rosUhgp5mIg="}, want: []checksum.Value{{Algorithm: checksum.CRC64NVME, Text: "rosUhgp5mIg="}}},
		{
			name: "and MD5", header: map[string]string{"x-amz-checksum-crc32c": "4waSgw==", "Content-MD5": "JfnnlDI7RTiF9RgfG2JNCw=="},
			want: []checksum.Value{{Algorithm: checksum.CRC32C, Text: "4waSgw=="}, {Algorithm: checksum.MD5, Text: "JfnnlDI7RTiF9RgfG2JNCw=="}},
		},
		{name: "another body's", header: map[string]string{"x-amz-checksum-crc32": "4waSgw=="}, code: "BadDigest"},
		{name: "another body's MD5", header: map[string]string{"Content-MD5": "JfnnlDI7RTiF9RgfG2JNCQ=="}, code: "BadDigest"},
		{name: "another body's in the trailer", trailers: trailers{"X-Amz-Checksum-Sha1": "98O8HYCOBHMq32eZZczDTKeuNEA="}, code: "BadDigest"},
		{name: "too short", header: map[string]string{"x-amz-checksum-sha1": "4waSgw=="}, code: "InvalidRequest"},
		{name: "not base64", header: map[string]string{"x-amz-checksum-crc32": "!"}, code: "InvalidRequest"},
		{name: "not base64 in the trailer", trailers: trailers{"X-Amz-Checksum-Crc32": "!"}, code: "InvalidRequest"},
		{name: "an empty MD5", header: map[string]string{"Content-MD5": ""}, code: "InvalidDigest"},
		{name: "two of them", header: map[string]string{"x-amz-checksum-crc32": "y/Q5Jg==", "x-amz-checksum-crc32c": "4waSgw=="}, code: "InvalidRequest"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for name, value := range test.header {
				h.Set(name, value)
			}
			r, err := checksum.Open(iotest.OneByteReader(strings.NewReader("123456789")), h, test.trailers)
			var body []byte
			if err == nil {
				if len(r.Values()) != 0 {
					t.Error("there are values before the body was read")
				}
				body, err = io.ReadAll(r)
			}
			var e *checksum.Error
			if errors.As(err, &e) != (test.code != "") || e != nil && e.Code != test.code {
				t.Fatalf("error %v, want code %q", err, test.code)
			}
			if err == nil && (string(body) != "123456789" || !slices.Equal(r.Values(), test.want)) {
				t.Errorf("read %q with %v, want %v", body, r.Values(), test.want)
			}
		})
	}
}

func TestNothingToVerify(t *testing.T) {
	t.Parallel()
	r, err := checksum.Open(strings.NewReader("x"), http.Header{"Content-Type": {"text/plain"}}, nil)
	if r != nil || err != nil {
		t.Errorf("Open = %v, %v, want no reader", r, err)
	}
}

func BenchmarkReader(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1<<20)
	for _, a := range checksum.Algorithms() {
		b.Run(string(a), func(b *testing.B) {
			h := a.New()
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Write(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
