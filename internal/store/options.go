package store

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/clock"
)

// Durability says what an acknowledged Update survives.
type Durability string

const (
	// DurabilityPower survives a power cut: every group is fsynced.
	DurabilityPower Durability = "power"
	// DurabilityProcess survives the death of the process (kill -9) only:
	// every group has been handed to the operating system.
	DurabilityProcess Durability = "process"
)

// Options configures a Store. The zero value is usable.
type Options struct {
	// Clock drives partition time and timers; clock.Real() if nil.
	Clock clock.Clock
	// Partitions is the number of data partitions of a new store, 4 if 0. A
	// store that exists keeps the number it was made with.
	Partitions int
	// Durability is DurabilityPower if empty.
	Durability Durability
	// Heads lists the key templates that Tx.Head serves from memory, such as
	// "q/####/r/": '#' stands for any one byte.
	Heads []string
	// Retention is how many changes per topic and partition Watch can go
	// back at least; 10,000 if 0.
	Retention int
	// MinFree is how many bytes must be free on the disk for Updates that add
	// data; 5 % of the disk, but at least 512 MiB, if 0; no check if negative.
	MinFree int64
	// Ballast is how many bytes of the disk are reserved for the moment at
	// which it is full all the same; 128 MiB if 0, none if negative.
	Ballast int64
	// BlobGrace is how long, in host time, a blob that nothing refers to is kept
	// after it was put or referred to last; an hour if 0, not at all if negative.
	BlobGrace time.Duration
	// FS replaces the file system; package storetest makes such ones.
	FS vfs.FS
	// Logger receives what an operator should know; discarded if nil.
	Logger *slog.Logger
	// OnHealth is called, never concurrently, whenever Health has changed.
	OnHealth func(Health)
	// OnHalt is called once, on its own goroutine, after a failed write: the
	// process should exit. The store answers ErrHalted from then on.
	OnHalt func(error)
	// HaltGrace is how long the process has to end after OnHalt was called,
	// before the engine hears of the failure and may end it with a stack; 30 s
	// if 0, none if negative.
	HaltGrace time.Duration
}

const (
	defaultPartitions = 4
	maxPartitions     = 1024
	defaultRetention  = 10_000
	defaultMinFree    = 512 << 20
)

// withDefaults returns o with zero fields filled in, or says what is wrong.
func (o Options) withDefaults() (Options, error) {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Durability == "" {
		o.Durability = DurabilityPower
	}
	if o.Durability != DurabilityPower && o.Durability != DurabilityProcess {
		return o, fmt.Errorf("durability %q: want %q or %q", o.Durability, DurabilityPower, DurabilityProcess)
	}
	if o.Partitions == 0 {
		o.Partitions = defaultPartitions
	}
	if o.Partitions < 1 || o.Partitions > maxPartitions {
		return o, fmt.Errorf("%d partitions: want 1 to %d", o.Partitions, maxPartitions)
	}
	if o.Retention <= 0 {
		o.Retention = defaultRetention
	}
	if o.BlobGrace == 0 {
		o.BlobGrace = defaultBlobGrace
	}
	o.BlobGrace = max(o.BlobGrace, 0)
	if o.Ballast == 0 {
		o.Ballast = defaultBallast
	}
	if o.HaltGrace == 0 {
		o.HaltGrace = haltGrace
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// watchdogLimit is how long a closure may run before its stack is logged.
const watchdogLimit = 100 * time.Millisecond
