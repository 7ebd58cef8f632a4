package store

import (
	"fmt"
	"math"
)

// NextID returns the next number of the counter name, starting at 1. Numbers
// are never used twice, also when what they named is deleted. It works in an
// Update of partition [Meta] only and fails that Update elsewhere.
func NextID(tx Tx, name string) uint32 {
	if t, ok := tx.(interface{ Part() Part }); ok && t.Part() != Meta {
		return failID(tx, fmt.Errorf("ids of %q: asked of partition %d, want %d", name, t.Part(), Meta))
	}
	key := append([]byte("id/"), name...)
	var last uint32
	if row, ok := tx.Get(key); ok {
		if len(row) != 5 || row[0] != idVersion {
			return failID(tx, fmt.Errorf("ids of %q: %w", name, ErrDamaged))
		}
		last, _, _ = ReadUint32(row[1:])
	}
	if last == math.MaxUint32 {
		return failID(tx, fmt.Errorf("ids of %q: used up", name))
	}
	tx.Set(key, AppendUint32([]byte{idVersion}, last+1))
	return last + 1
}

// failID makes the Update return err. A Tx that has no such way ends its
// closure here.
func failID(tx Tx, err error) uint32 {
	t, ok := tx.(interface{ Fail(err error) })
	if !ok {
		panic(err)
	}
	t.Fail(err)
	return 0
}

const idVersion = 1
