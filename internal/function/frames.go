package function

import (
	"bytes"
	"encoding/binary"
	"time"
)

// A runtime writes log records in frames: 4 bytes type, 4 bytes length, 8
// bytes microseconds since the epoch, then the text; all big-endian. Frames
// come in the same pipe as plain output, so that everything is in the order in
// which it was written.
var frameMagic = []byte{0xA5, 0x5A, 0x00}

const (
	frameHead = 16
	// maxFrame bounds what is held until a frame is whole. A longer one is
	// shown as if it were plain output.
	maxFrame = 32 << 20
)

// record is a piece of output: a framed record, or whatever came between two
// of them.
type record struct {
	framed bool
	at     time.Time // zero for what was not framed
	text   []byte    // valid until the next call
}

// deframer takes the frames out of a stream of output.
type deframer struct{ pending []byte }

// write adds output and calls emit for each piece that is complete.
func (d *deframer) write(b []byte, emit func(record)) {
	if len(d.pending) == 0 && bytes.IndexByte(b, frameMagic[0]) < 0 {
		emit(record{text: b}) // nearly always
		return
	}
	d.pending = append(d.pending, b...)
	rest := d.pending
	for len(rest) > 0 {
		n, r := cut(rest)
		if n == 0 {
			break
		}
		emit(r)
		rest = rest[n:]
	}
	d.pending = append(d.pending[:0], rest...)
}

// flush emits what was held back as plain output: no more is coming that could
// complete it.
func (d *deframer) flush(emit func(record)) {
	if len(d.pending) > 0 {
		emit(record{text: d.pending})
		d.pending = d.pending[:0]
	}
}

// cut takes one piece off the front of b and returns its size, or 0 if that
// needs more bytes.
func cut(b []byte) (int, record) {
	switch start := frameStart(b); {
	case start > 0:
		return start, record{text: b[:start]}
	case len(b) < frameHead:
		return 0, record{}
	}
	size := binary.BigEndian.Uint32(b[4:])
	micros := binary.BigEndian.Uint64(b[8:])
	if size > maxFrame || !frameKind(b[3]) || micros > 1<<53 {
		return 1, record{text: b[:1]} // only looks like a frame
	}
	end := frameHead + int(size)
	if len(b) < end {
		return 0, record{}
	}
	return end, record{framed: true, at: time.UnixMicro(int64(micros)), text: b[frameHead:end]}
}

// frameStart returns where the next frame begins or, if b ends in the
// beginning of one, may begin; len(b) if nowhere.
func frameStart(b []byte) int {
	if i := bytes.Index(b, frameMagic); i >= 0 {
		return i
	}
	for n := min(len(frameMagic)-1, len(b)); n > 0; n-- {
		if bytes.HasSuffix(b, frameMagic[:n]) {
			return len(b) - n
		}
	}
	return len(b)
}

// frameKind reports whether the last byte of a type is one that runtimes use:
// text or JSON, in steps of four by level.
func frameKind(b byte) bool { return b <= 0x1B && (b&3 == 2 || b&3 == 3) }
