package sqs

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
)

// SDKs recompute both digests and refuse a message whose digests differ, so
// they are part of the protocol and not of its security.

// bodyDigest is the hexadecimal MD5 of a message body.
func bodyDigest(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

// The transport byte of an attribute tells a text value from a binary one.
const (
	transportString = 1
	transportBinary = 2
)

// attributesDigest is the hexadecimal MD5 of message attributes; it is empty if
// there are none. For each name in order it covers length and name, length and
// data type, the transport byte, length and value.
func attributesDigest(attrs map[string]Attribute) string {
	if len(attrs) == 0 {
		return ""
	}
	h := md5.New()
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		a := attrs[name]
		writeSized(h, []byte(name))
		writeSized(h, []byte(a.DataType))
		if a.isBinary() {
			h.Write([]byte{transportBinary})
			writeSized(h, a.Binary)
			continue
		}
		h.Write([]byte{transportString})
		writeSized(h, []byte(a.Text))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeSized(h hash.Hash, b []byte) {
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(b)))
	h.Write(size[:])
	h.Write(b)
}

// isBinary reports whether the value of a is in Binary. A data type may carry a
// label behind a dot: "Binary.gif".
func (a Attribute) isBinary() bool {
	return a.DataType == "Binary" || strings.HasPrefix(a.DataType, "Binary.")
}
