package store

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
)

// watermark holds the file of what was acknowledged against what is there. A
// slot that is not whole may come from a power cut, and the next start writes it
// anew; until then nobody can say that nothing is missing.
func (v *verifier) watermark(db *pebble.DB) error {
	slots, err := readFile(v.o.FS, v.o.FS.PathJoin(v.dir, watermarkFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a copy, or a store that was never synced
	}
	if err != nil {
		return err
	}
	for p := 0; p*slotBytes < len(slots); p++ {
		at := int64(p * slotBytes)
		acknowledged, ok := decodeSlot(Part(p), slots[at:])
		if !ok {
			v.inFile(watermarkFile, at, fmt.Sprintf("what partition %d had acknowledged cannot be decoded; the next start writes it anew", p))
			continue
		}
		st, err := readState(db, Part(p))
		if err != nil {
			continue // told with the rows
		}
		if acknowledged > st.seq {
			v.inFile(watermarkFile, at, fmt.Sprintf("partition %d had acknowledged Update %d and ends with %d: the newest part of the log is missing or unreadable",
				p, acknowledged, st.seq))
		}
	}
	return nil
}
