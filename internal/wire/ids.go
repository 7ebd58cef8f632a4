package wire

import (
	"encoding/hex"
	"fmt"
	"io"
	"sync"
)

// idSource makes request ids, random UUIDs. It reads random bytes for many ids
// at once.
type idSource struct {
	mu     sync.Mutex // guards what follows
	random io.Reader
	block  [64 * 16]byte
	left   int // bytes of block, from its end, that are not used yet
}

func (s *idSource) next() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		if _, err := io.ReadFull(s.random, s.block[:]); err != nil {
			return "", fmt.Errorf("make a request id: %w", err)
		}
		s.left = len(s.block)
	}
	b := s.block[len(s.block)-s.left:][:16]
	s.left -= 16
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:]), nil
}
