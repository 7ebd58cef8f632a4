package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// The major types of CBOR (RFC 8949).
const (
	cborUint  = 0
	cborInt   = 1
	cborBytes = 2
	cborText  = 3
	cborArray = 4
	cborMap   = 5
	cborTag   = 6
	cborOther = 7 // words and floats
)

// The words among what is other.
const (
	cborFalse     = 20
	cborTrue      = 21
	cborNull      = 22
	cborUndefined = 23
)

// indefinite is the additional information of what has an end of its own.
const indefinite = 31

// cborReader reads CBOR from memory.
type cborReader struct {
	data  []byte
	pos   int
	depth int
}

// head is the first part of every item.
type head struct {
	major byte
	info  byte
	arg   uint64
}

func (h head) isNull() bool {
	return h.major == cborOther && (h.info == cborNull || h.info == cborUndefined)
}

func (h head) isBreak() bool { return h.major == cborOther && h.info == indefinite }

// fail is a body that is not CBOR. It becomes SerializationException.
func (r *cborReader) fail(format string, args ...any) error {
	return &malformed{fmt.Sprintf("The request body is not valid CBOR: "+format+" at offset %d.", append(args, r.pos)...)}
}

// head reads the head of an item, with its tags before it.
func (r *cborReader) head() (head, error) {
	for {
		h, err := r.oneHead()
		if err != nil || h.major != cborTag {
			return h, err
		}
	}
}

func (r *cborReader) oneHead() (head, error) {
	if r.pos >= len(r.data) {
		return head{}, r.fail("unexpected end")
	}
	c := r.data[r.pos]
	h := head{major: c >> 5, info: c & 31}
	r.pos++
	switch {
	case h.info < 24:
		h.arg = uint64(h.info)
		return h, nil
	case h.info <= 27:
		size := 1 << (h.info - 24)
		if len(r.data)-r.pos < size {
			return head{}, r.fail("unexpected end")
		}
		var wide [8]byte
		copy(wide[8-size:], r.data[r.pos:])
		h.arg = binary.BigEndian.Uint64(wide[:])
		r.pos += size
		return h, nil
	case h.info == indefinite && h.major != cborUint && h.major != cborInt && h.major != cborTag:
		return h, nil
	}
	r.pos--
	return head{}, r.fail("unexpected byte 0x%02x", c)
}

// peekHead returns the next head and does not read it.
func (r *cborReader) peekHead() (head, error) {
	start := r.pos
	h, err := r.head()
	if err == nil {
		r.pos = start
	}
	return h, err
}

// text reads the rest of a string that began with h. What it returns must not
// be changed.
func (r *cborReader) text(h head) ([]byte, error) {
	if h.info != indefinite {
		return r.chunk(h)
	}
	var all []byte
	for {
		part, err := r.oneHead()
		switch {
		case err != nil:
			return nil, err
		case part.isBreak():
			return all, nil
		case part.major != h.major || part.info == indefinite:
			return nil, r.fail("a part of a string that is no string")
		}
		b, err := r.chunk(part)
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
}

func (r *cborReader) chunk(h head) ([]byte, error) {
	if h.arg > uint64(len(r.data)-r.pos) {
		return nil, r.fail("unexpected end")
	}
	b := r.data[r.pos : r.pos+int(h.arg)]
	if h.major == cborText && !utf8.Valid(b) {
		return nil, r.fail("a string that is not UTF-8")
	}
	r.pos += len(b)
	return b, nil
}

// items calls item for each item of an array, or each pair of a map, that began
// with h. Item must read all of it.
func (r *cborReader) items(h head, item func() error) error {
	if r.depth++; r.depth > maxDepth {
		return r.fail("nesting is deeper than %d levels", maxDepth)
	}
	for n := uint64(0); h.info == indefinite || n < h.arg; n++ {
		if h.info == indefinite {
			next, err := r.peekHead()
			if err != nil {
				return err
			}
			if next.isBreak() {
				r.pos++
				break
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	r.depth--
	return nil
}

// pairs calls value for each pair of a map that began with h, with the reader
// at the value.
func (r *cborReader) pairs(h head, value func(key []byte) error) error {
	return r.items(h, func() error {
		k, err := r.head()
		if err != nil {
			return err
		}
		if k.major != cborText {
			return r.fail("a key that is not a text")
		}
		key, err := r.text(k)
		if err != nil {
			return err
		}
		return value(key)
	})
}

// skip reads over the rest of the item that began with h.
func (r *cborReader) skip(h head) error {
	switch h.major {
	case cborBytes, cborText:
		_, err := r.text(h)
		return err
	case cborArray:
		return r.items(h, r.skipItem)
	case cborMap:
		return r.items(h, func() error {
			if err := r.skipItem(); err != nil {
				return err
			}
			return r.skipItem()
		})
	}
	if h.isBreak() {
		return r.fail("unexpected break")
	}
	return nil
}

func (r *cborReader) skipItem() error {
	h, err := r.head()
	if err != nil {
		return err
	}
	return r.skip(h)
}

// float returns the number that h is, if it is one.
func (h head) float() (float64, bool) {
	switch {
	case h.major == cborUint:
		return float64(h.arg), true
	case h.major == cborInt:
		return -1 - float64(h.arg), true
	case h.major != cborOther:
		return 0, false
	}
	switch h.info {
	case 25:
		return halfFloat(uint16(h.arg)), true
	case 26:
		return float64(math.Float32frombits(uint32(h.arg))), true
	case 27:
		return math.Float64frombits(h.arg), true
	}
	return 0, false
}

// halfFloat is a number of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
func halfFloat(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		if f = math.Inf(1); fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		f = -f
	}
	return f
}

// integer returns the whole number that h is. A fraction is cut off, as in
// JSON.
func (h head) integer() (int64, bool) {
	switch {
	case h.major == cborUint && h.arg <= math.MaxInt64:
		return int64(h.arg), true
	case h.major == cborInt && h.arg <= math.MaxInt64:
		return -1 - int64(h.arg), true
	case h.major == cborOther:
		f, ok := h.float()
		if !ok || math.IsNaN(f) || f < -1<<53 || f > 1<<53 {
			return 0, false
		}
		return int64(f), true
	}
	return 0, false
}
