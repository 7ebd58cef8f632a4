package store

import (
	"fmt"
	"time"
)

// OnceTimer is the kind of the timers that remove the rows of Once. [Open]
// registers [ForgetOnce] for it; another implementation must do the same.
const OnceTimer = "store.once"

// Once makes an effect happen once per key and window. The first time it runs
// f and stores its result for ttl; within that time it returns the stored
// result and does not run f. If f fails nothing is stored.
func Once(tx Tx, key []byte, ttl time.Duration, f func() ([]byte, error)) (result []byte, first bool, err error) {
	row := append([]byte("once/"), key...)
	if v, ok := tx.Get(row); ok {
		until, result, ok := ReadTime(v[min(1, len(v)):])
		if !ok || v[0] != onceVersion {
			return nil, false, fmt.Errorf("once row %q: %w", key, ErrDamaged)
		}
		if tx.Now().Before(until) {
			return result, false, nil
		}
	}
	if result, err = f(); err != nil {
		return nil, true, err
	}
	until := tx.Now().Add(ttl)
	tx.Set(row, append(AppendTime([]byte{onceVersion}, until), result...))
	tx.Timer(OnceTimer, row, until, nil)
	return result, true, nil
}

const onceVersion = 1

// ForgetOnce handles [OnceTimer]: it removes the row of a window that has
// passed.
func ForgetOnce(tx Tx, f Fired) error {
	tx.Delete(f.ID)
	return nil
}
