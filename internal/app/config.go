package app

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"

	"stormbus/internal/clock"
)

// Config says how to run one server. The zero values of Clock and Random mean
// the host's clock and its secure randomness.
type Config struct {
	Host       string   // address to listen on
	Port       int      // 0 picks a free one
	AllowHosts []string // names, beside those of this machine, at which it may be reached
	DataDir    string   // absolute; made if it is not there
	Durability string   // "power" or "process", see package store
	Region     string   // of calls that name none
	Account    string   // of calls whose access key id is not an account
	// KeysFile is a file of the keys whose signatures are verified, see
	// sigv4.ReadKeys. If it is empty, any signature is taken for what it says.
	KeysFile string
	// Strict refuses what AWS refuses and what is only in the way of development,
	// see sqs.Config.
	Strict  bool
	Version string
	Environ []string // KEY=value; where Python interpreters are found

	Logger *slog.Logger
	Clock  clock.Clock
	Random io.Reader // ids; safe for concurrent use
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = clock.Real()
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return c
}

// jitter returns a generator for waits between retries, seeded from Random.
func (c Config) jitter() (*mathrand.Rand, error) {
	var seed [16]byte
	if _, err := io.ReadFull(c.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("seed the generator: %w", err)
	}
	a, b := binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])
	return mathrand.New(mathrand.NewPCG(a, b)), nil
}
