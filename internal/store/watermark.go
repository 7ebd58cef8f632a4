package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// watermark is a small file with the Seq up to which each partition is known to
// be on disk.
//
// The log alone cannot tell its last synced chunk from a torn end: nothing
// behind it says that it had been synced. A flipped bit there, a log that was cut
// off or a log file that is gone would quietly cost the newest Updates. So after
// the sync of a group its Seq goes into this file, and Open refuses a partition
// that is behind it.
//
// The file is written without waiting for the disk, and synced once a second and
// by Close: a power cut may leave it behind the truth, never ahead of it.
//
// A slot has 16 bytes: Seq (8), CRC-32C of partition and Seq (4), zero (4). A
// slot that is not whole counts for nothing: the power may have gone in the
// middle of it.
type watermark struct {
	f     vfs.File
	dirty atomic.Bool // written since the last sync
}

const (
	watermarkFile = "WATERMARK"
	slotBytes     = 16
)

func encodeSlot(p Part, seq Seq) [slotBytes]byte {
	var b [slotBytes]byte
	binary.BigEndian.PutUint64(b[:], uint64(seq))
	binary.BigEndian.PutUint32(b[8:], slotSum(p, b[:8]))
	return b
}

func decodeSlot(p Part, b []byte) (Seq, bool) {
	if len(b) < slotBytes || binary.BigEndian.Uint32(b[8:]) != slotSum(p, b[:8]) || binary.BigEndian.Uint32(b[12:]) != 0 {
		return 0, false
	}
	return Seq(binary.BigEndian.Uint64(b)), true
}

func slotSum(p Part, seq []byte) uint32 {
	part := binary.BigEndian.AppendUint16(nil, uint16(p))
	return crc32.Update(crc32.Checksum(part, castagnoli), castagnoli, seq)
}

// openWatermark compares the file with what the partitions hold, and makes it
// if there is none: the store is new, or a copy.
func (s *Store) openWatermark() error {
	path := s.fs.PathJoin(s.dir, watermarkFile)
	old, err := readFile(s.fs, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	slots := make([]byte, 0, len(s.parts)*slotBytes)
	for _, p := range s.parts {
		slot := old[min(len(old), int(p.id)*slotBytes):]
		if seq, ok := decodeSlot(p.id, slot); ok && seq > p.seq {
			return fmt.Errorf("%w: partition %d ends with Update %d, but %d had been acknowledged: the newest part of the log is missing or unreadable",
				ErrDamaged, p.id, p.seq, seq)
		}
		b := encodeSlot(p.id, p.seq)
		slots = append(slots, b[:]...)
	}
	if s.o.Durability != DurabilityPower {
		return nil // nothing is synced, so nothing is known; what is in the file stays true
	}
	return s.watermark.open(s.fs, s.dir, path, slots)
}

func (w *watermark) open(files vfs.FS, dir, path string, slots []byte) (err error) {
	if w.f, err = files.OpenReadWrite(path, vfs.WriteCategoryUnspecified); err != nil {
		return err
	}
	if _, err := w.f.WriteAt(slots, 0); err != nil {
		return err
	}
	return errors.Join(w.f.Sync(), syncDir(files, dir))
}

func readFile(files vfs.FS, path string) (b []byte, err error) {
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, (maxPartitions+1)*slotBytes))
}

// raise notes that p is on disk up to seq. It is called by the syncer of p only.
func (w *watermark) raise(p Part, seq Seq) error {
	if w.f == nil {
		return nil
	}
	slot := encodeSlot(p, seq)
	if _, err := w.f.WriteAt(slot[:], int64(p)*slotBytes); err != nil {
		return fmt.Errorf("write %s: %w", watermarkFile, err)
	}
	w.dirty.Store(true)
	return nil
}

// sync makes durable what raise wrote.
func (w *watermark) sync() error {
	if w.f == nil || !w.dirty.Swap(false) {
		return nil
	}
	if err := w.f.SyncData(); err != nil {
		return fmt.Errorf("sync %s: %w", watermarkFile, err)
	}
	return nil
}

func (w *watermark) close() error {
	if w.f == nil {
		return nil
	}
	return errors.Join(w.sync(), w.f.Close())
}
