package event

import (
	"encoding/hex"
	"fmt"
	"io"
)

// What an id, a random UUID of version 4, is made of.
const (
	idBytes = 16
	idChars = 36
)

// NewIDs returns n new event ids, random UUIDs of version 4, from one read of
// random: for the host's generator each read is a system call. The ids share
// memory. It fails only if random does.
func NewIDs(random io.Reader, n int) ([]string, error) {
	raw := make([]byte, n*idBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("make event ids: %w", err)
	}
	text := make([]byte, 0, n*idChars)
	for i := range n {
		text = appendID(text, raw[i*idBytes:][:idBytes])
	}
	all, ids := string(text), make([]string, n)
	for i := range ids {
		ids[i] = all[i*idChars:][:idChars]
	}
	return ids, nil
}

// appendID appends the id that is made of 16 random bytes, which it changes.
func appendID(text, random []byte) []byte {
	random[6] = random[6]&0x0f | 0x40 // version 4
	random[8] = random[8]&0x3f | 0x80 // variant of RFC 9562
	from := 0
	for _, to := range [...]int{4, 6, 8, 10, idBytes} {
		if from > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, random[from:to])
		from = to
	}
	return text
}
