package delivery

import (
	"encoding/binary"
	"errors"
	"time"
)

// Body is what a job carries, as it is stored.
type Body struct {
	Event    []byte
	Accepted time.Time // kept in milliseconds
	Trace    string    // trace header
	Meta     []byte    // the maker's own notes, see [Delivery.Meta]
}

// size is about how much memory the body takes.
func (b *Body) size() int { return 128 + len(b.Event) + len(b.Meta) + len(b.Trace) }

const bodyVersion = 1

var errBody = errors.New("delivery: malformed body")

// AppendBody appends the stored form of body to b: version, time of
// acceptance, trace, notes, event.
func AppendBody(b []byte, body Body) []byte {
	b = append(b, bodyVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(body.Accepted.UnixMilli()))
	b = appendBytes(b, body.Trace)
	b = appendBytes(b, body.Meta)
	return append(b, body.Event...)
}

// ParseBody reads the stored form. The result shares memory with b.
func ParseBody(b []byte) (Body, error) {
	if len(b) < 9 || b[0] != bodyVersion {
		return Body{}, errBody
	}
	body := Body{Accepted: time.UnixMilli(int64(binary.BigEndian.Uint64(b[1:]))).UTC()}
	trace, b, ok := cutBytes(b[9:])
	if !ok {
		return Body{}, errBody
	}
	body.Trace = string(trace)
	if body.Meta, body.Event, ok = cutBytes(b); !ok {
		return Body{}, errBody
	}
	return body, nil
}

// appendBytes appends the length of v and v.
func appendBytes[T string | []byte](b []byte, v T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// cutBytes takes one length and that many bytes off b.
func cutBytes(b []byte) (v, rest []byte, ok bool) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, false
	}
	b = b[k:]
	return b[:n:n], b[n:], true
}
