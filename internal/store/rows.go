package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/cockroachdb/pebble/v2"
)

// The store's own rows live beside those of its users, in every partition.
const (
	ownPrefix    = "m/"
	stateKey     = "m/state"
	layoutKey    = "m/layout" // partition 0 only
	trimPrefix   = "m/trim/"
	lowPrefix    = "m/low/"
	changePrefix = "ch/"
	timerPrefix  = "tm/"
	timerIndex   = "tmx/"
	blobPrefix   = "bl/"
	inlinePrefix = "bi/" // partition 0 only
)

// partBytes is the length of the partition number before every key.
const partBytes = 2

// appendKey appends the engine's key of k in partition p.
func appendKey(b []byte, p Part, k []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(p)), k...)
}

func rowKey(p Part, k string) []byte { return appendKey(nil, p, []byte(k)) }

// appendEnd appends the engine's key of hi as an end; nil is the end of the
// partition.
func appendEnd(b []byte, p Part, hi []byte) []byte {
	if hi == nil {
		return binary.BigEndian.AppendUint16(b, uint16(p)+1)
	}
	return appendKey(b, p, hi)
}

// state is the row m/state: what the newest group left behind.
type state struct {
	seq  Seq
	time int64 // partition time in ns
}

const stateVersion = 1

func (s state) encode() []byte {
	b := make([]byte, 1, 17)
	b[0] = stateVersion
	b = AppendUint64(b, uint64(s.seq))
	return AppendUint64(b, uint64(s.time))
}

func decodeState(b []byte) (state, error) {
	if len(b) != 17 || b[0] != stateVersion {
		return state{}, fmt.Errorf("state row: %w", ErrDamaged)
	}
	seq, rest, _ := ReadUint64(b[1:])
	ns, _, _ := ReadUint64(rest)
	return state{seq: Seq(seq), time: int64(ns)}, nil
}

// readState returns the state of partition p in r; the zero state if it has
// never been written.
func readState(r pebble.Reader, p Part) (state, error) {
	row, closer, err := r.Get(rowKey(p, stateKey))
	if errors.Is(err, pebble.ErrNotFound) {
		return state{}, nil
	}
	if err != nil {
		return state{}, readError(err)
	}
	st, err := decodeState(row)
	return st, errors.Join(err, closer.Close())
}

// arena hands out copies that share few allocations. They are never reused,
// so a slice that outlives its closure stays what it was.
type arena struct{ free []byte }

func (a *arena) copy(b []byte) []byte {
	if len(b) > cap(a.free)-len(a.free) {
		size := min(max(2*cap(a.free), arenaFirst), arenaChunk)
		if len(b) > size/2 {
			return append(make([]byte, 0, len(b)), b...)
		}
		a.free = make([]byte, 0, size)
	}
	n := len(a.free)
	a.free = append(a.free, b...)
	return a.free[n:len(a.free):len(a.free)]
}

const (
	arenaFirst = 256
	arenaChunk = 4 << 10
)

func stack() string { return string(debug.Stack()) }
