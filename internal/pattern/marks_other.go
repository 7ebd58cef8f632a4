//go:build !amd64

package pattern

func markBlocks(m markSet, data []byte) { markPortable(m, data) }
