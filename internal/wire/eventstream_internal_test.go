package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"
)

// readMessage is the client's side of the framing: it reads the first message
// of b and returns what follows.
func readMessage(b []byte) (headers map[string]any, payload, rest []byte, err error) {
	const least = 16
	if len(b) < least {
		return nil, nil, nil, errors.New("the prelude is cut off")
	}
	total, names := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if crc32.ChecksumIEEE(b[:8]) != binary.BigEndian.Uint32(b[8:]) {
		return nil, nil, nil, errors.New("the checksum of the prelude is wrong")
	}
	if uint64(total) > uint64(len(b)) || total < least || names > total-least {
		return nil, nil, nil, errors.New("the message is cut off")
	}
	end := total - 4
	if crc32.ChecksumIEEE(b[:end]) != binary.BigEndian.Uint32(b[end:]) {
		return nil, nil, nil, errors.New("the checksum of the message is wrong")
	}
	headers, err = readHeaders(b[12 : 12+names])
	return headers, b[12+names : end], b[total:], err
}

func readHeaders(b []byte) (map[string]any, error) {
	headers := map[string]any{}
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < n+2 {
			return nil, errors.New("a header is cut off")
		}
		name, typ := string(b[1:n+1]), b[n+1]
		b = b[n+2:]
		size := map[byte]int{headerTrue: 0, headerFalse: 0, headerInt: 4, headerLong: 8, headerBytes: 2, headerString: 2, headerTimestamp: 8}
		width, known := size[typ]
		if !known || len(b) < width {
			return nil, fmt.Errorf("header %q of type %d", name, typ)
		}
		value := b[:width]
		b = b[width:]
		switch typ {
		case headerTrue, headerFalse:
			headers[name] = typ == headerTrue
		case headerInt:
			headers[name] = int32(binary.BigEndian.Uint32(value))
		case headerLong:
			headers[name] = int64(binary.BigEndian.Uint64(value))
		case headerTimestamp:
			headers[name] = time.UnixMilli(int64(binary.BigEndian.Uint64(value))).UTC()
		default:
			n := int(binary.BigEndian.Uint16(value))
			if len(b) < n {
				return nil, fmt.Errorf("header %q is cut off", name)
			}
			headers[name], b = string(b[:n]), b[n:]
		}
	}
	return headers, nil
}

// readStream shows the messages of a stream, one a line.
func readStream(t *testing.T, b []byte) string {
	t.Helper()
	var lines []string
	for len(b) > 0 {
		headers, payload, rest, err := readMessage(b)
		if err != nil {
			t.Fatalf("after %q: %v", lines, err)
		}
		lines = append(lines, fmt.Sprintf("%v %s", headers, payload))
		b = rest
	}
	return strings.Join(lines, "\n")
}

func TestMessage(t *testing.T) {
	t.Parallel()
	var m message
	m.text("text", "ä")
	m.flag("yes", true)
	m.flag("no", false)
	m.integer("int", -7)
	m.long("long", 1<<40)
	m.sized("bytes", headerBytes, []byte{0, 255})
	m.time("time", time.UnixMilli(1795428000250))
	const want = "map[bytes:\x00\xff int:-7 long:1099511627776 no:false text:ä time:2026-11-23 10:00:00.25 +0000 UTC yes:true] payload"
	if got := readStream(t, m.append(nil, []byte("payload"))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// A message of AWS's SDKs: no headers, no payload.
	empty := []byte{0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff}
	if got := new(message).append(nil, nil); !bytes.Equal(got, empty) {
		t.Errorf("got %x, want %x", got, empty)
	}
}

func FuzzMessage(f *testing.F) {
	var m message
	m.text(":event-type", "PayloadChunk")
	m.integer("n", 1)
	f.Add(m.append(nil, []byte("payload")))
	f.Add([]byte{0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, payload, rest, err := readMessage(b)
		if err == nil && len(payload)+len(rest)+16 > len(b) {
			t.Errorf("%d bytes hold a payload of %d and a rest of %d", len(b), len(payload), len(rest))
		}
		// Whatever is put into a message comes out of it.
		var m message
		m.text("name", string(b))
		headers, payload, rest, err := readMessage(m.append(nil, b))
		if err != nil || !bytes.Equal(payload, b) || len(rest) > 0 || headers["name"] != string(b[:min(len(b), 1<<15-1)]) {
			t.Errorf("%d bytes: %v, payload of %d, rest of %d", len(b), err, len(payload), len(rest))
		}
	})
}
