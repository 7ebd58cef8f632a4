// Package checksum is the checksums by which AWS's clients and services prove
// that a body arrived as it was sent: their algorithms, how they are written,
// and a [Reader] that verifies them while the body is read.
package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"strings"

	"github.com/minio/crc64nvme"
)

// Algorithm is a checksum algorithm, by AWS's name of it.
type Algorithm string

// The algorithms of checksums. MD5 is only that of the header Content-MD5.
const (
	CRC32     Algorithm = "CRC32"
	CRC32C    Algorithm = "CRC32C"
	CRC64NVME Algorithm = "CRC64NVME"
	SHA1      Algorithm = "SHA1"
	SHA256    Algorithm = "SHA256"
	MD5       Algorithm = "MD5"
)

// Algorithms lists those that have a header of their own.
func Algorithms() []Algorithm { return []Algorithm{CRC32, CRC32C, CRC64NVME, SHA1, SHA256} }

// New returns a hash of the algorithm, or nil if there is no such algorithm.
func (a Algorithm) New() hash.Hash {
	switch a {
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case CRC64NVME:
		return crc64nvme.New()
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	case MD5:
		return md5.New()
	}
	return nil
}

// Header returns the name of the header, or of the trailer, that carries a
// checksum of the algorithm.
func (a Algorithm) Header() string {
	if a == MD5 {
		return "Content-Md5"
	}
	return "X-Amz-Checksum-" + string(a[:1]) + strings.ToLower(string(a[1:]))
}

// Size returns the length of a checksum in bytes.
func (a Algorithm) Size() int {
	if h := a.New(); h != nil {
		return h.Size()
	}
	return 0
}

// valid reports whether text can be a checksum of the algorithm.
func (a Algorithm) valid(text string) bool {
	sum, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(sum) == a.Size()
}

// Encode returns a checksum as headers have it.
func Encode(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }
