package pattern

import "golang.org/x/sys/cpu"

// markBlocks marks the special bytes of data, whose length is a multiple of
// blockSize.
func markBlocks(m markSet, data []byte) {
	blocks := len(data) / blockSize
	switch {
	case blocks == 0:
	case cpu.X86.HasAVX2:
		markWide(&m[0], &data[0], blocks)
	default:
		markVectors(&m[0], &data[0], blocks)
	}
}

//go:noescape
func markVectors(marks *uint64, data *byte, blocks int)

//go:noescape
func markWide(marks *uint64, data *byte, blocks int)
