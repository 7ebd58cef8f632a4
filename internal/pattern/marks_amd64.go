package pattern

// markBlocks marks the special bytes of data, whose length is a multiple of
// blockSize.
func markBlocks(m markSet, data []byte) {
	if len(data) > 0 {
		markVectors(&m[0], &data[0], len(data)/blockSize)
	}
}

//go:noescape
func markVectors(marks *uint64, data *byte, blocks int)
