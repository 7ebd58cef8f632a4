package lambda

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// A marker is the last name of a page behind a checksum, so that a mangled one
// is an error and not another place in the list.

func formatMarker(after string) string {
	b := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(after)))
	return base64.URLEncoding.EncodeToString(append(b, after...))
}

func parseMarker(marker string) (after string, ok bool) {
	b, err := base64.URLEncoding.Strict().DecodeString(marker)
	if err != nil || len(b) < 4 {
		return "", false
	}
	return string(b[4:]), binary.BigEndian.Uint32(b) == crc32.ChecksumIEEE(b[4:])
}
