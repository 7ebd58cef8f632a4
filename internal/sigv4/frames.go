package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The bounds of what stands between the data of a framed body.
const (
	maxLine     = 1024 // bytes of one line
	maxTrailers = 16   // lines
)

// emptyHash is the hash of nothing, which is part of every chunk's text.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// frames reads a body in the frames of aws-chunked:
//
//	<size in hexadecimal>[;chunk-signature=<64 digits>] CRLF <data> CRLF
//	0[;chunk-signature=…] CRLF [name:value CRLF]… CRLF
//
// Each chunk is signed with the signature before it, the first one with that
// of the headers, and the trailers with that of the last chunk.
type frames struct {
	lines    *bufio.Reader
	proof    *Proof // nil: signatures are not looked at
	signed   bool   // the chunks have signatures
	trailing bool   // trailers may follow
	names    []string

	want, got int64     // bytes of data
	left      int64     // of the chunk that is being read
	began     bool      // there was a chunk
	previous  string    // the signature before
	current   string    // the chunk's
	hash      hash.Hash // of the chunk
	trailers  map[string]string
	err       error // of all further calls of Read
}

func newFrames(r *http.Request, body io.Reader, declared string, proof *Proof) (*frames, error) {
	f := &frames{
		lines: bufio.NewReaderSize(body, 4096), proof: proof, trailers: map[string]string{},
		signed:   declared == StreamingSigned || declared == StreamingSignedTrailer,
		trailing: declared != StreamingSigned,
	}
	for _, value := range r.Header["X-Amz-Trailer"] {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" && len(f.names) < maxTrailers {
				f.names = append(f.names, name)
			}
		}
	}
	var err error
	if f.want, err = decodedLength(r); err != nil {
		return nil, err
	}
	if f.signed && proof != nil {
		f.previous, f.hash = proof.seed, sha256.New()
	}
	return f, nil
}

func (f *frames) announces(name string) bool { return slices.Contains(f.names, strings.ToLower(name)) }

// Read reads data.
func (f *frames) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for f.err == nil && f.left == 0 {
		f.err = f.next()
	}
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.lines.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if f.hash != nil {
		f.hash.Write(p[:n]) // never fails
	}
	if err != nil {
		f.err = ended(err)
	}
	return n, f.err
}

// next ends the chunk that was read and begins another one. It gives io.EOF
// after the last.
func (f *frames) next() error {
	if f.began {
		if err := f.blank(); err != nil {
			return err
		}
		if err := f.checkChunk(); err != nil {
			return err
		}
	}
	f.began = true
	size, err := f.header()
	if err != nil {
		return err
	}
	f.left = size
	if f.got += size; f.got > f.want {
		return errLength()
	}
	if size > 0 {
		return nil
	}
	return f.end()
}

// end checks the last chunk, which is empty, and what follows it.
func (f *frames) end() error {
	if err := f.checkChunk(); err != nil {
		return err
	}
	if f.got != f.want {
		return errLength()
	}
	if err := f.readTrailers(); err != nil {
		return err
	}
	switch _, err := f.lines.ReadByte(); {
	case err == io.EOF:
		return io.EOF
	case err != nil:
		return err
	}
	return errLength()
}

// header reads the line before a chunk.
func (f *frames) header() (size int64, err error) {
	line, err := f.line()
	if err != nil {
		return 0, err
	}
	digits, extension, _ := strings.Cut(line, ";")
	if len(digits) == 0 || len(digits) > 15 {
		return 0, errFrame()
	}
	n, err := strconv.ParseUint(digits, 16, 63)
	if err != nil {
		return 0, errFrame()
	}
	signature, given := strings.CutPrefix(extension, "chunk-signature=")
	if f.signed && (!given || !isHash(signature)) {
		return 0, errFrame()
	}
	f.current = signature
	return int64(n), nil
}

// checkChunk compares the signature of the chunk that was read.
func (f *frames) checkChunk() error {
	if f.hash == nil {
		return nil
	}
	sum := hex.EncodeToString(f.hash.Sum(nil))
	f.hash.Reset()
	want := f.proof.chain("AWS4-HMAC-SHA256-PAYLOAD", f.previous, emptyHash, sum)
	if !equal(want, f.current) {
		return errMismatch(f.proof.service)
	}
	f.previous = want
	return nil
}

// chain is the signature of something that follows what has the signature
// previous.
func (p *Proof) chain(algorithm, previous string, hashes ...string) string {
	lines := append([]string{algorithm, p.stamp, p.scope, previous}, hashes...)
	return hex.EncodeToString(mac(p.key, strings.Join(lines, "\n")))
}

// line reads one line, without its end.
func (f *frames) line() (string, error) {
	var line []byte
	for {
		part, err := f.lines.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return "", errFrame()
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return string(bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'})), nil
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return "", ended(err)
		}
	}
}

// blank reads the end of the line behind a chunk's data.
func (f *frames) blank() error {
	line, err := f.line()
	if err == nil && line != "" {
		return errFrame()
	}
	return err
}

// ended is the error for a body that broke off.
func ended(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func errFrame() error {
	return s3Error(http.StatusBadRequest, "InvalidRequest", "The body is not well-formed aws-chunked.")
}

func errLength() error {
	return s3Error(http.StatusBadRequest, "IncompleteBody",
		"You did not provide the number of bytes specified by the Content-Length HTTP header")
}
