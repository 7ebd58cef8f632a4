package store

import (
	"encoding/binary"
	"time"
)

// AppendUint32 appends n in four bytes that sort as numbers.
func AppendUint32(b []byte, n uint32) []byte { return binary.BigEndian.AppendUint32(b, n) }

// AppendUint64 appends n in eight bytes that sort as numbers.
func AppendUint64(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

// AppendTime appends t as milliseconds since 1970 in eight bytes that sort by
// time. Parts of a millisecond are cut off; a time before 1970 counts as 1970.
func AppendTime(b []byte, t time.Time) []byte { return AppendUint64(b, millis(t)) }

// AppendString appends s so that encodings sort as the strings do and end
// themselves: no encoding is the beginning of another.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == 0 {
			b = append(b, 0, escaped)
			continue
		}
		b = append(b, s[i])
	}
	return append(b, 0, terminator)
}

// A zero byte of a string is stored as 0x00 0xFF, its end as 0x00 0x01. The
// end sorts before every continuation, so "a" sorts before "a\x00" and "ab".
const (
	escaped    = 0xFF
	terminator = 0x01
)

// ReadUint32 reads what AppendUint32 wrote and returns what follows it.
func ReadUint32(b []byte) (n uint32, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, b, false
	}
	return binary.BigEndian.Uint32(b), b[4:], true
}

// ReadUint64 reads what AppendUint64 wrote and returns what follows it.
func ReadUint64(b []byte) (n uint64, rest []byte, ok bool) {
	if len(b) < 8 {
		return 0, b, false
	}
	return binary.BigEndian.Uint64(b), b[8:], true
}

// ReadTime reads what AppendTime wrote, in UTC, and returns what follows it.
func ReadTime(b []byte) (t time.Time, rest []byte, ok bool) {
	n, rest, ok := ReadUint64(b)
	if !ok || n > maxMillis {
		return time.Time{}, b, false
	}
	return time.UnixMilli(int64(n)).UTC(), rest, true
}

// ReadString reads what AppendString wrote and returns what follows it.
func ReadString(b []byte) (s string, rest []byte, ok bool) {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] != 0 {
			out = append(out, b[i])
			continue
		}
		i++
		if i == len(b) {
			break
		}
		switch b[i] {
		case escaped:
			out = append(out, 0)
		case terminator:
			return string(out), b[i+1:], true
		default:
			return "", b, false
		}
	}
	return "", b, false
}

// PrefixEnd returns the first key after all keys that begin with prefix, or
// nil if there is none: Scan takes a nil end as the end of the partition.
func PrefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xFF {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}

// maxMillis keeps times inside what time.UnixMilli and the year 9999 allow.
const maxMillis = 253402300799999

func millis(t time.Time) uint64 { return uint64(min(max(t.UnixMilli(), 0), maxMillis)) }
