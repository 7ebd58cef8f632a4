package store

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"
)

// Errors that callers branch on. They arrive wrapped; use [errors.Is].
var (
	// ErrClosed is returned by every call on a store that was closed.
	ErrClosed = errors.New("store is closed")
	// ErrHalted is returned by every call after a write to disk failed. The
	// outcome of the Updates that were running then is unknown until the
	// process has been restarted; nothing was acknowledged.
	ErrHalted = errors.New("store has halted after a failed write")
	// ErrTooLarge is returned when one closure writes more than 64 MiB.
	ErrTooLarge = errors.New("update is too large")
	// ErrReadOnly is returned by an Update that adds data while the disk is
	// nearly full, see [Options.MinFree] and [Reclaiming].
	ErrReadOnly = errors.New("store is read-only: the disk is nearly full")
	// ErrTrimmed is returned by Watch when changes after the wanted Seq have
	// already been dropped.
	ErrTrimmed = errors.New("changes have been trimmed")
	// ErrLocked is returned by Open when another process uses the directory.
	ErrLocked = errors.New("directory is in use by another process")
	// ErrDamaged is returned when stored bytes are not what was written.
	ErrDamaged = errors.New("stored data is damaged")
	// ErrReferenced is returned by Blobs.Delete while a row refers to the blob.
	ErrReferenced = errors.New("blob is still referenced")
)

// readError turns an error of the engine into one that callers can branch on.
func readError(err error) error {
	if err == nil || !damage(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// damage reports whether err says that bytes are not what was written. The
// engine marks such errors in a way that errors.Is does not see, and those of
// the log not at all.
func damage(err error) bool {
	return pebble.IsCorruptionError(err) ||
		errors.Is(err, record.ErrInvalidChunk) ||
		errors.Is(err, record.ErrZeroedChunk) ||
		errors.Is(err, record.ErrUnexpectedEOF)
}
