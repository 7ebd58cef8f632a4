package sqs

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// A pagination token is the last name of a page behind a checksum, so that a
// mangled token is an error and not another place in the list.

func formatToken(after string) string {
	b := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(after)))
	return base64.URLEncoding.EncodeToString(append(b, after...))
}

func parseToken(token string) (after string, ok bool) {
	b, err := base64.URLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 4 {
		return "", false
	}
	return string(b[4:]), binary.BigEndian.Uint32(b) == crc32.ChecksumIEEE(b[4:])
}
