package pattern

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Before a document is read, its special bytes are marked: quotation marks,
// backslashes and control characters, which are all that can be special about a
// byte in a string. A string then ends at the next mark, however long it is. On
// amd64 that is done 32 bytes at a time, or sixteen (marks_amd64.s).

// blockSize is how many bytes are marked at a time.
const blockSize = 64

// markSet has a bit for each byte of a document: set for special bytes, and for
// what is behind the end.
type markSet []uint64

// mark returns the marks of a document, in the memory of m.
func (m markSet) mark(data []byte) markSet {
	full := len(data) / blockSize
	m = slices.Grow(m[:0], full+1)[:full+1]
	markBlocks(m, data[:full*blockSize])
	var last [blockSize]byte // zeros are special
	copy(last[:], data[full*blockSize:])
	markBlocks(m[full:], last[:])
	return m
}

// after returns the position of the first special byte from i on. There is
// always one behind the end of the document.
func (m markSet) after(i int) int {
	if w := m[uint(i)/blockSize] >> (uint(i) % blockSize); w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	return m.far(i)
}

func (m markSet) far(i int) int {
	for at := i/blockSize + 1; ; at++ {
		if w := m[at]; w != 0 {
			return at*blockSize + bits.TrailingZeros64(w)
		}
	}
}

// markPortable is what markBlocks is where there is no better one. It looks at
// eight bytes at a time.
func markPortable(m markSet, data []byte) {
	for at := range len(data) / blockSize {
		block := data[at*blockSize:][:blockSize]
		m[at] = 0
		for i := 0; i < blockSize; i += 8 {
			m[at] |= specials(binary.LittleEndian.Uint64(block[i:])) << i
		}
	}
}

// specials returns which of the eight bytes of w are special, the first one in
// the lowest bit.
func specials(w uint64) uint64 {
	const (
		ones    = 0x0101010101010101
		low     = 0x7F * ones
		visible = 0x60 * ones // a byte below ' ' has none of these and no high bit
		gather  = 0x0102040810204080
	)
	quote, slash := w^'"'*ones, w^'\\'*ones
	// In each byte, the high bit of the sum says that it is not zero.
	ordinary := (quote&low + low | quote) & (slash&low + low | slash) & (w&visible + visible | w)
	return (^ordinary >> 7 & ones) * gather >> 56
}
