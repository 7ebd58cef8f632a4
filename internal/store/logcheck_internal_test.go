package store

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// logChunk makes a chunk of a log as the engine does.
func logChunk(number uint32, synced uint64, payload string) []byte {
	b := make([]byte, logHeader, logHeader+len(payload))
	binary.LittleEndian.PutUint16(b[4:], uint16(len(payload)))
	b[6] = firstSyncChunk
	binary.LittleEndian.PutUint32(b[7:], number)
	binary.LittleEndian.PutUint64(b[11:], synced)
	b = append(b, payload...)
	sum := crc32.Checksum(b[6:], castagnoli)
	binary.LittleEndian.PutUint32(b, (sum>>15|sum<<17)+checksumMask)
	return b
}

func FuzzParseChunk(f *testing.F) {
	f.Add(logChunk(7, 4096, "payload"), uint32(7))
	f.Add([]byte{}, uint32(0))
	f.Fuzz(func(t *testing.T, b []byte, number uint32) {
		if _, size, ok := parseChunk(b, number); ok && (size < logHeader || size > len(b)) {
			t.Errorf("parseChunk tells a size of %d in %d bytes", size, len(b))
		}
		if end := readable(b, number); end > len(b) {
			t.Errorf("readable = %d of %d bytes", end, len(b))
		}
		synced(b, number)
	})
}

func TestParseChunk(t *testing.T) {
	b := logChunk(7, 4096, "payload")
	if offset, size, ok := parseChunk(b, 7); !ok || offset != 4096 || size != len(b) {
		t.Errorf("parseChunk = %d, %d, %v, want 4096, %d, true", offset, size, ok, len(b))
	}
	if _, _, ok := parseChunk(b, 8); ok {
		t.Error("a chunk of another log is taken for one of this")
	}
	for i := range b {
		b[i] ^= 1
		if _, _, ok := parseChunk(b, 7); ok {
			t.Errorf("a flipped bit in byte %d is not seen", i)
		}
		b[i] ^= 1
	}
}
