package pattern

import (
	"encoding/binary"
	"math/bits"
)

// leap moves behind the object or array that begins at the present position. It
// is for documents that are known to be well-formed: it looks for nothing but
// the bracket that closes the value.
//
// Eight bytes are looked at together. Every question about them, such as where
// the quotation marks are, is answered for all of them by one sum, and becomes a
// mask with a bit per byte. What lies in strings is masked out: a byte does if
// the number of quotation marks up to it is odd. Only words with a backslash, and
// the one where the value may end, are looked at byte by byte.
func (s *sweep) leap() error {
	l := leaper{data: s.data, pos: s.pos}
	for l.pos+8 <= len(l.data) {
		w := binary.LittleEndian.Uint64(l.data[l.pos:])
		if l.escaped || byteMask(w, '\\') != 0 {
			if l.bytes(l.pos + 8) {
				break
			}
			continue
		}
		inside := byteMask(w, '"')
		inside ^= inside << 1
		inside ^= inside << 2
		inside ^= inside << 4
		inside ^= l.inside
		// Curly brackets are square ones with one bit more.
		folded := w | ' '*everyByte
		opens := bits.OnesCount8(uint8(byteMask(folded, '{') &^ inside))
		closes := bits.OnesCount8(uint8(byteMask(folded, '}') &^ inside))
		if l.open == 0 || l.open <= closes {
			if l.bytes(l.pos + 8) {
				break
			}
			continue
		}
		l.open += opens - closes
		l.inside = -(inside >> 7 & 1) & allBytes
		l.pos += 8
	}
	if !l.done && !l.bytes(len(l.data)) {
		s.pos = len(l.data)
		return s.bad("no end of an object or array")
	}
	s.pos = l.pos
	return nil
}

const (
	everyByte = 0x0101010101010101
	allBytes  = 0xFF
)

// byteMask returns which of the eight bytes of w are c, the first one in the
// lowest bit.
func byteMask(w uint64, c byte) uint64 {
	const low = 0x7F * everyByte
	const gather = 0x0102040810204080
	x := w ^ uint64(c)*everyByte
	differs := (x&low + low) | x // its high bits say which bytes are not c
	return (^differs >> 7 & everyByte) * gather >> 56
}

// leaper is where a leap is.
type leaper struct {
	data    []byte
	pos     int
	open    int    // brackets that have not been closed
	inside  uint64 // all bits if the position is in a string, else none
	escaped bool   // the next byte is behind a backslash
	done    bool
}

// bytes goes on byte by byte up to end, and reports whether the value has ended.
// The position then is behind it.
func (l *leaper) bytes(end int) bool {
	for ; l.pos < end && !l.done; l.pos++ {
		c := l.data[l.pos]
		switch {
		case l.escaped:
			l.escaped = false
		case l.inside != 0 && c == '\\':
			l.escaped = true
		case c == '"':
			l.inside ^= allBytes
		case l.inside != 0:
		case c == '{' || c == '[':
			l.open++
		case c == '}' || c == ']':
			l.open--
			l.done = l.open == 0
		}
	}
	return l.done
}
