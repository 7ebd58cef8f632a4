package bench

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

const (
	writers     = 256
	writes      = 20_000 // in one burst
	shortBurst  = 5_000
	ordinary    = 2 * time.Millisecond
	groupWrites = 512       // the store's limits of a group
	groupBytes  = 512 << 10 //
)

// BenchmarkStoreWriters compares 256 writers of 1 KB rows with the least that
// durable writing can cost on the same disk: a file to which one goroutine
// appends whatever has arrived, and syncs it. Both take the same groups. Short
// bursts alternate, so that both meet the same disk; the share is the median of
// all pairs.
func BenchmarkStoreWriters(b *testing.B) {
	for _, delay := range []time.Duration{0, ordinary} {
		b.Run("sync+"+delay.String(), func(b *testing.B) {
			disk := storetest.NewDisk(delay)
			s := openStore(b, disk, store.Options{Partitions: 1})
			raw := newRawLog(b, disk)
			var rawRate, storeRate, share []float64
			for row := 0; b.Loop(); row += shortBurst {
				rawTook := burstOf(b, writers, shortBurst, func(int) error { return raw.write(value) })
				storeTook := burstOf(b, writers, shortBurst, func(n int) error { return put(s, row+n) })
				rawRate = append(rawRate, shortBurst/rawTook.Seconds())
				storeRate = append(storeRate, shortBurst/storeTook.Seconds())
				share = append(share, 100*rawTook.Seconds()/storeTook.Seconds())
			}
			b.ReportMetric(median(rawRate), "raw-writes/s")
			b.ReportMetric(median(storeRate), "store-writes/s")
			b.ReportMetric(median(share), "%-of-raw")
		})
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkStoreGroups compares 256 writers with writing one by one, each with
// a sync of its own, on a disk that takes 2 ms for a sync.
func BenchmarkStoreGroups(b *testing.B) {
	disk := storetest.NewDisk(ordinary)
	s := openStore(b, disk, store.Options{Partitions: 1})
	raw := newRawLog(b, disk)
	const alone = 200
	var aloneTook, storeTook time.Duration
	for row := 0; b.Loop(); row += writes {
		aloneTook += burstOf(b, 1, alone, func(int) error { return raw.write(value) })
		storeTook += burstOf(b, writers, writes, func(n int) error { return put(s, row+n) })
	}
	one := float64(b.N*alone) / aloneTook.Seconds()
	many := float64(b.N*writes) / storeTook.Seconds()
	b.ReportMetric(one, "alone-writes/s")
	b.ReportMetric(many, "store-writes/s")
	b.ReportMetric(many/one, "times")
}

// BenchmarkStoreOneWriter counts what a single writer waits for: syncs for each
// write, and the time on a disk that takes 2 ms for a sync.
func BenchmarkStoreOneWriter(b *testing.B) {
	disk := storetest.NewDisk(ordinary)
	s := openStore(b, disk, store.Options{Partitions: 1})
	const alone = 200
	took := make([]time.Duration, 0, 1024)
	before := disk.Syncs()
	for b.Loop() {
		for n := range alone {
			begin := time.Now()
			if err := put(s, n); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begin))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(disk.Syncs()-before)/float64(b.N*alone), "syncs/write")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

var value = make([]byte, 1024)

func put(s *store.Store, n int) error {
	return s.Update(context.Background(), 1, func(tx store.Tx) error {
		tx.Set(store.AppendUint64([]byte("row/"), uint64(n)), value)
		return nil
	})
}

func openStore(b *testing.B, disk *storetest.Disk, o store.Options) *store.Store {
	b.Helper()
	disk.Use(&o)
	s, err := store.Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// burstOf runs so many steps on so many callers and returns how long they took.
func burstOf(b *testing.B, callers, steps int, step func(n int) error) time.Duration {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for range callers {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > steps {
					return
				}
				if err := step(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}

// rawLog is a file that many callers append to with one sync for all that
// arrived meanwhile.
type rawLog struct {
	file  storetest.File
	queue chan *rawWrite
}

type rawWrite struct {
	data []byte
	done chan error
}

func newRawLog(b *testing.B, disk *storetest.Disk) *rawLog {
	b.Helper()
	file, err := disk.Create(filepath.Join(b.TempDir(), "raw.log"))
	if err != nil {
		b.Fatal(err)
	}
	l := &rawLog{file: file, queue: make(chan *rawWrite, 2*writers)}
	var wg sync.WaitGroup
	wg.Go(l.run)
	b.Cleanup(func() {
		close(l.queue)
		wg.Wait()
		if err := file.Close(); err != nil {
			b.Error(err)
		}
	})
	return l
}

func (l *rawLog) write(data []byte) error {
	w := &rawWrite{data, make(chan error, 1)}
	l.queue <- w
	return <-w.done
}

func (l *rawLog) run() {
	for w := range l.queue {
		group := []*rawWrite{w}
		buf := append([]byte(nil), w.data...)
		for more := true; more && len(group) < groupWrites && len(buf) < groupBytes; {
			select {
			case w, ok := <-l.queue:
				if more = ok; ok {
					group = append(group, w)
					buf = append(buf, w.data...)
				}
			default:
				more = false
			}
		}
		_, err := l.file.Write(buf)
		if err == nil {
			err = l.file.Sync()
		}
		for _, w := range group {
			w.done <- err
		}
	}
}
