package sqs

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// handle is what a receipt handle says: which receive of which message of which
// queue. Ids and sequence numbers are never reused, so a handle can never name
// another message than the one that it was given out for.
type handle struct {
	queue   uint32
	seq     uint64
	receive uint32 // how often the message had been received, this time included
}

const (
	handleVersion = 1
	handleSize    = 1 + 4 + 8 + 4 + 4
)

// String gives the receipt handle in its written form: version, fields and a
// checksum that tells a mangled handle from a stale one.
func (h handle) String() string {
	b := make([]byte, 0, handleSize)
	b = append(b, handleVersion)
	b = binary.BigEndian.AppendUint32(b, h.queue)
	b = binary.BigEndian.AppendUint64(b, h.seq)
	b = binary.BigEndian.AppendUint32(b, h.receive)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.StdEncoding.EncodeToString(b)
}

// parseHandle reads a receipt handle; ok is false if s was never one.
func parseHandle(s string) (h handle, ok bool) {
	if len(s) != base64.StdEncoding.EncodedLen(handleSize) {
		return handle{}, false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != handleSize || b[0] != handleVersion {
		return handle{}, false
	}
	body, sum := b[:handleSize-4], b[handleSize-4:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(sum) {
		return handle{}, false
	}
	return handle{
		queue:   binary.BigEndian.Uint32(b[1:]),
		seq:     binary.BigEndian.Uint64(b[5:]),
		receive: binary.BigEndian.Uint32(b[13:]),
	}, true
}
