package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
)

// files returns the names in the engine's directory that begin and end so, in
// order.
func (v *verifier) files(prefix, suffix string) ([]string, error) {
	names, err := v.o.FS.List(v.engine)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool {
		return !strings.HasPrefix(n, prefix) || !strings.HasSuffix(n, suffix)
	})
	slices.Sort(names)
	return names, nil
}

// open opens a file of the engine's directory and returns how it is called in
// the report.
func (v *verifier) open(name string) (vfs.File, string, error) {
	f, err := v.o.FS.Open(v.o.FS.PathJoin(v.engine, name))
	if err != nil {
		return nil, "", err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, "", errors.Join(err, f.Close())
	}
	v.rep.Bytes += st.Size()
	return f, path.Join(engineDir, name), nil
}

// manifest reads the list of tables. The engine takes the list to end where it
// cannot read it, and then misses tables without a word.
func (v *verifier) manifest() error {
	name, err := atomicfs.ReadMarker(v.o.FS, v.engine, "manifest")
	if err != nil || name == "" {
		v.inFile(engineDir, -1, "no marker.manifest file names the list of tables")
		return nil
	}
	f, known, err := v.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		v.inFile(path.Join(engineDir, name), -1, "the list of tables is not there")
		return nil
	}
	if err != nil {
		return err
	}
	at, err := checkManifest(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if at >= 0 {
		v.inFile(known, at, "the list of tables cannot be read from here on")
	}
	return nil
}

// A manifest is a sequence of blocks as a log is (see checkLogs), with a
// shorter header: checksum (4 bytes), length (2), kind (1).
const (
	manifestHeader   = 7
	lastManifestKind = 4
)

// checkManifest returns where the first chunk begins that is there but is not
// what was written, or -1. The last chunk may be there in part.
func checkManifest(r io.Reader) (int64, error) {
	block := make([]byte, logBlock)
	for at := int64(0); ; at += logBlock {
		n, err := io.ReadFull(r, block)
		if errors.Is(err, io.EOF) {
			return -1, nil
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return -1, err
		}
		for b := block[:n]; len(b) >= manifestHeader; {
			size := manifestHeader + int(binary.LittleEndian.Uint16(b[4:]))
			if allZero(b) {
				break
			}
			if size > len(b) && n < logBlock && !goesOn(b) {
				break // it was being written when the power went
			}
			if !wholeChunk(b) {
				return at + int64(n-len(b)), nil
			}
			b = b[size:]
		}
	}
}

// goesOn reports whether the chunk at the beginning of b, which says that it is
// longer than b, is a whole one with a damaged length, or has another behind it.
func goesOn(b []byte) bool {
	sum := uint32(0)
	for i := 6; i < len(b); i++ {
		sum = crc32.Update(sum, castagnoli, b[i:i+1])
		if masked(sum) == binary.LittleEndian.Uint32(b) {
			return true
		}
	}
	for ; len(b) >= manifestHeader; b = b[1:] {
		if wholeChunk(b) {
			return true
		}
	}
	return false
}

// wholeChunk reports whether b begins with a chunk as it was written.
func wholeChunk(b []byte) bool {
	size := manifestHeader + int(binary.LittleEndian.Uint16(b[4:]))
	return size <= len(b) && b[6] > 0 && b[6] <= lastManifestKind && binary.LittleEndian.Uint32(b) == chunkSum(b[6:size])
}

// chunkSum is the checksum of a chunk from its kind on.
func chunkSum(b []byte) uint32 { return masked(crc32.Checksum(b, castagnoli)) }

func masked(sum uint32) uint32 { return (sum>>15 | sum<<17) + checksumMask }

func allZero(b []byte) bool { return len(strings.Trim(string(b), "\x00")) == 0 }

// logs reads the write-ahead logs.
func (v *verifier) logs(ctx context.Context) error {
	names, err := v.files("", ".log")
	if err != nil {
		return err
	}
	for _, name := range names {
		number, err := strconv.ParseUint(strings.TrimSuffix(name, ".log"), 10, 32)
		if err != nil {
			continue // not a log of the engine's
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.log(name, number); err != nil {
			return err
		}
		v.rep.Logs++
	}
	return nil
}

func (v *verifier) log(name string, number uint64) error {
	f, known, err := v.open(name)
	if err != nil {
		return err
	}
	at, err := brokenRecord(f, number)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if at >= 0 {
		v.inFile(known, at, "the log cannot be read from here on, although it was synced further")
		return nil
	}
	// What the engine does not see: damage in the last block.
	err = checkLog(v.o.FS, v.o.FS.PathJoin(v.engine, name), uint32(number))
	if errors.Is(err, ErrDamaged) {
		v.inFile(known, -1, err.Error())
		return nil
	}
	return err
}

// brokenRecord returns the end of the last good record before one that is
// damaged, or -1. A log that just ends is not.
func brokenRecord(f vfs.File, number uint64) (int64, error) {
	r := newRecordReader(record.NewReader, f, number)
	good := int64(0)
	for {
		rec, err := r.Next()
		if err == nil {
			_, err = io.Copy(io.Discard, rec)
		}
		switch {
		case err == nil:
			good = r.Offset()
		case errors.Is(err, io.EOF), errors.Is(err, record.ErrUnexpectedEOF), errors.Is(err, io.ErrUnexpectedEOF):
			return -1, nil
		case record.IsInvalidRecord(err), damage(err):
			return good, nil
		default:
			return -1, err
		}
	}
}

// newRecordReader calls the engine's constructor, whose second parameter has a
// type without a name outside of it.
func newRecordReader[N ~uint64](construct func(io.Reader, N) *record.Reader, r io.Reader, number uint64) *record.Reader {
	return construct(r, N(number))
}

// liveTables checks every block of the tables in use, and reports whether any
// is damaged.
func (v *verifier) liveTables(ctx context.Context, db *pebble.DB) (damaged bool, err error) {
	levels, err := db.SSTables()
	if err != nil {
		return false, err
	}
	seen := map[string]bool{}
	var names []string
	for _, level := range levels {
		for _, t := range level {
			if name := fmt.Sprintf("%06d.sst", uint64(t.BackingSSTNum)); !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	before := v.rep.Found
	err = v.tables(ctx, names)
	return v.rep.Found > before, err
}

// allTables checks every table in the directory, because nobody can say which
// are in use.
func (v *verifier) allTables(ctx context.Context) error {
	names, err := v.files("", ".sst")
	if err != nil {
		return err
	}
	return v.tables(ctx, names)
}

func (v *verifier) tables(ctx context.Context, names []string) error {
	o := offlineEngine(v.o.FS, v.o.Logger).MakeReaderOptions()
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.o.Progress(Progress{Stage: "tables", Done: int64(i), Total: int64(len(names))})
		f, known, err := v.open(name)
		if errors.Is(err, fs.ErrNotExist) {
			v.inFile(path.Join(engineDir, name), -1, "the table is not there")
			continue
		}
		if err != nil {
			return err
		}
		if err := checkTable(ctx, f, o); err != nil {
			// The engine does not know the file's number here.
			v.inFile(known, blockOf(err), strings.TrimPrefix(oneLine(err), "pebble: file 000000: "))
		}
		v.rep.Tables++
	}
	return nil
}

// checkTable compares every block of a table with its checksum, and closes f.
func checkTable(ctx context.Context, f vfs.File, o sstable.ReaderOptions) (err error) {
	defer func() {
		if r := recover(); r != nil { // what the checksums do not cover
			err = fmt.Errorf("the table cannot be read: %v", r)
		}
	}()
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r, err := sstable.NewReader(ctx, readable, o)
	if err != nil {
		return errors.Join(err, readable.Close())
	}
	return errors.Join(r.ValidateBlockChecksums(), r.Close())
}

// blockOf returns the offset of the block that an error of the engine names,
// or -1.
func blockOf(err error) int64 {
	m := regexp.MustCompile(`block (\d+)/\d+:`).FindStringSubmatch(err.Error())
	if m == nil {
		return -1
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return -1
	}
	return n
}
