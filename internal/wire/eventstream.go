package wire

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// eventStreamType is the media type of a stream of messages.
const eventStreamType = "application/vnd.amazon.eventstream"

// The types of values in the headers of a message.
const (
	headerTrue      = 0
	headerFalse     = 1
	headerInt       = 4
	headerLong      = 5
	headerBytes     = 6
	headerString    = 7
	headerTimestamp = 8
)

// message is one message of an event stream in the making: its headers, each
// name, type and value.
type message struct{ headers []byte }

func (m *message) name(name string, typ byte) {
	m.headers = append(m.headers, byte(len(name)))
	m.headers = append(append(m.headers, name...), typ)
}

// text adds a header. What is longer than a header can be is cut off.
func (m *message) text(name, value string) { m.sized(name, headerString, []byte(value)) }

func (m *message) sized(name string, typ byte, value []byte) {
	value = value[:min(len(value), 1<<15-1)]
	m.name(name, typ)
	m.headers = binary.BigEndian.AppendUint16(m.headers, uint16(len(value)))
	m.headers = append(m.headers, value...)
}

func (m *message) flag(name string, value bool) {
	if value {
		m.name(name, headerTrue)
	} else {
		m.name(name, headerFalse)
	}
}

func (m *message) integer(name string, value int32) {
	m.name(name, headerInt)
	m.headers = binary.BigEndian.AppendUint32(m.headers, uint32(value))
}

func (m *message) long(name string, value int64) {
	m.name(name, headerLong)
	m.headers = binary.BigEndian.AppendUint64(m.headers, uint64(value))
}

func (m *message) time(name string, value time.Time) {
	m.name(name, headerTimestamp)
	m.headers = binary.BigEndian.AppendUint64(m.headers, uint64(value.UnixMilli()))
}

// append appends the message with its payload to b: total length, length of the
// headers, CRC of these two, headers, payload, CRC of all before.
func (m *message) append(b, payload []byte) []byte {
	const prelude, checksum = 8, 4
	start := len(b)
	total := prelude + checksum + len(m.headers) + len(payload) + checksum
	b = binary.BigEndian.AppendUint32(b, uint32(total))
	b = binary.BigEndian.AppendUint32(b, uint32(len(m.headers)))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
	b = append(append(b, m.headers...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}
