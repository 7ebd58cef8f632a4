package store

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Marshal returns the row value of v: one version byte, then JSON. It is for
// rows that are read and written seldom; hot rows have an encoding of their
// own, whose first byte is a version as well.
func Marshal(version byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode row: %w", err)
	}
	return append([]byte{version}, b...), nil
}

// Unmarshal reads a row value made by Marshal into v and returns its version.
// The caller decides which versions it accepts.
func Unmarshal(b []byte, v any) (version byte, err error) {
	if len(b) == 0 {
		return 0, fmt.Errorf("decode row: %w: %w", ErrDamaged, errors.New("no version byte"))
	}
	if err := json.Unmarshal(b[1:], v); err != nil {
		return b[0], fmt.Errorf("decode row: %w: %w", ErrDamaged, err)
	}
	return b[0], nil
}
