package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The engine takes a chunk of its write-ahead log that it cannot read for the
// torn end of the log, unless a chunk in a later block says that the place had
// been synced. So it takes damage in the last block for a torn end, and drops
// what was acknowledged behind it. checkLogs looks at the rest of that block too.
//
// A block has 32 KiB and holds chunks: checksum (4 bytes), length of the payload
// (2), kind (1), number of the log (4), offset up to which the log had been
// synced when the chunk was written (8), payload; all little-endian. The
// checksum covers everything behind the length.
const (
	logBlock       = 32 << 10
	logHeader      = 19
	firstSyncChunk = 9 // the kinds of chunks that have a synced offset
	lastSyncChunk  = 12
	checksumMask   = 0xa282ead8 // added to the rotated CRC-32C
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkLogs returns [ErrDamaged] if a log in dir is damaged where it had been
// synced.
func checkLogs(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		base, isLog := strings.CutSuffix(name, ".log")
		number, err := strconv.ParseUint(base, 10, 32)
		if !isLog || err != nil {
			continue
		}
		if err := checkLog(files, files.PathJoin(dir, name), uint32(number)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkLog(files vfs.FS, path string, number uint32) (err error) {
	f, err := files.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	block := make([]byte, logBlock)
	for at := uint64(0); ; at += logBlock {
		n, err := io.ReadFull(f, block)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		end := readable(block[:n], number)
		if n-end < logHeader {
			continue // nothing more fits into the block
		}
		if synced(block[end+1:n], number) > at+uint64(end)+logHeader {
			return fmt.Errorf("%w: the log cannot be read from byte %d on, although it was synced there", ErrDamaged, at+uint64(end))
		}
		return nil // the end of the log, or something for the engine to judge
	}
}

// readable returns how much of a block consists of whole chunks.
func readable(block []byte, number uint32) int {
	at := 0
	for {
		_, size, ok := parseChunk(block[at:], number)
		if !ok {
			return at
		}
		at += size
	}
}

// synced returns the highest synced offset that any chunk in b tells, wherever
// it begins.
func synced(b []byte, number uint32) uint64 {
	highest := uint64(0)
	for at := range b {
		if offset, _, ok := parseChunk(b[at:], number); ok {
			highest = max(highest, offset)
		}
	}
	return highest
}

// parseChunk reads the chunk at the beginning of b.
func parseChunk(b []byte, number uint32) (synced uint64, size int, ok bool) {
	if len(b) < logHeader || b[6] < firstSyncChunk || b[6] > lastSyncChunk || binary.LittleEndian.Uint32(b[7:]) != number {
		return 0, 0, false
	}
	size = logHeader + int(binary.LittleEndian.Uint16(b[4:]))
	if size > len(b) {
		return 0, 0, false
	}
	sum := crc32.Checksum(b[6:size], castagnoli)
	if binary.LittleEndian.Uint32(b) != (sum>>15|sum<<17)+checksumMask {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint64(b[11:]), size, true
}
