package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// The benchmarks run on the disk of the temporary directory (TMPDIR). The
// variants "sync+2ms" add what an ordinary disk takes for an fsync.

func BenchmarkUpdate(b *testing.B) {
	for _, delay := range []time.Duration{0, 2 * time.Millisecond} {
		for _, callers := range []int{1, 16, 256} {
			b.Run(benchName(callers, delay), func(b *testing.B) {
				s := benchStore(b, delay)
				load(b, callers, func(n int) error { return put(s, n) })
			})
		}
	}
}

func BenchmarkUpdateRollback(b *testing.B) {
	s := benchStore(b, 0)
	b.Run("callers=256/failing=1in20", func(b *testing.B) {
		load(b, 256, func(n int) error {
			if n%20 != 0 {
				return put(s, n)
			}
			if err := putAnd(s, n, errRollback); err != errRollback {
				return err
			}
			return nil
		})
	})
}

var errRollback = fmt.Errorf("roll back")

func BenchmarkQueue(b *testing.B) {
	for _, delay := range []time.Duration{0, 2 * time.Millisecond} {
		for _, callers := range []int{1, 16, 256} {
			b.Run(benchName(callers, delay), func(b *testing.B) {
				s := benchStore(b, delay)
				load(b, callers, func(n int) error { return queueStep(s, n) })
			})
		}
	}
}

// BenchmarkBacklog receives from a queue that is longer than its head.
func BenchmarkBacklog(b *testing.B) {
	s := benchStore(b, 0)
	for range 100 {
		err := s.Update(context.Background(), 1, func(tx store.Tx) error {
			for i := range uint64(500) {
				tx.Set(backlogKey(tx, i), event[:100])
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("callers=256", func(b *testing.B) {
		load(b, 256, func(n int) error {
			return s.Update(context.Background(), 1, func(tx store.Tx) error {
				for k, v := range tx.Head(queuePrefix()) {
					tx.Delete(k)
					tx.Set(backlogKey(tx, uint64(n)), v) // to the end: the backlog stays as long
					break
				}
				return nil
			})
		})
	})
}

func queuePrefix() []byte { return append(store.AppendUint32([]byte("q/"), 7), "/r/"...) }

func backlogKey(tx store.Tx, i uint64) []byte {
	k := store.AppendTime(queuePrefix(), tx.Now())
	return store.AppendUint64(store.AppendUint64(k, uint64(tx.Seq())), i)
}

func BenchmarkView(b *testing.B) {
	for _, callers := range []int{1, 16, 256} {
		b.Run(benchName(callers, 0), func(b *testing.B) {
			s := benchStore(b, 0)
			if err := put(s, 1); err != nil {
				b.Fatal(err)
			}
			load(b, callers, func(int) error {
				return s.View(context.Background(), 1, func(v store.View) error {
					v.Get([]byte("ev/0001/00000001"))
					return nil
				})
			})
		})
	}
}

// BenchmarkViewBesideWriters reads while 64 callers write.
func BenchmarkViewBesideWriters(b *testing.B) {
	for _, delay := range []time.Duration{0, 2 * time.Millisecond} {
		b.Run(benchName(16, delay), func(b *testing.B) {
			s := benchStore(b, delay)
			var stop atomic.Bool
			var n atomic.Int64
			var writers sync.WaitGroup
			for range 64 {
				writers.Go(func() {
					for !stop.Load() {
						if err := put(s, int(n.Add(1))); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			load(b, 16, func(int) error {
				return s.View(context.Background(), 1, func(v store.View) error {
					v.Get([]byte("ev/0001/00000001"))
					return nil
				})
			})
			stop.Store(true)
			writers.Wait()
		})
	}
}

func benchName(callers int, delay time.Duration) string {
	if delay > 0 {
		return fmt.Sprintf("callers=%d/sync+%s", callers, delay)
	}
	return fmt.Sprintf("callers=%d", callers)
}

func benchStore(b *testing.B, delay time.Duration) *store.Store {
	b.Helper()
	o := store.Options{Partitions: 1, Heads: []string{"dlv/####/", "q/####/r/"}}
	storetest.SlowSync(delay)(&o)
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

// put is what PutEvents does: a 1 KiB event, its time index, two deliveries
// and a deduplication row.
func put(s *store.Store, n int) error { return putAnd(s, n, nil) }

var event = make([]byte, 1024)

func putAnd(s *store.Store, n int, result error) error {
	dedupe := fmt.Appendf(nil, "dd/%016x", uint64(n)*0x9E3779B97F4A7C15)
	return s.Update(context.Background(), 1, func(tx store.Tx) error {
		if _, ok := tx.Get(dedupe); ok {
			return nil
		}
		seq := uint64(tx.Seq()) + 1
		id := store.AppendUint64(make([]byte, 0, 40), seq)
		tx.Set(append([]byte("ev/0001/"), id...), event)
		tx.Set(append(store.AppendTime([]byte("evt/0001/"), tx.Now()), id...), id)
		for target := range uint32(2) {
			k := store.AppendTime(append(store.AppendUint32([]byte("dlv/"), target), '/'), tx.Now())
			tx.Set(append(k, id...), event[:100])
		}
		tx.Set(dedupe, id)
		return result
	})
}

// queueStep sends, receives and deletes in turn.
func queueStep(s *store.Store, n int) error {
	prefix := queuePrefix()
	return s.Update(context.Background(), 1, func(tx store.Tx) error {
		switch n % 3 {
		case 0: // send
			k := store.AppendTime(slices.Clone(prefix), tx.Now())
			tx.Set(store.AppendUint64(k, uint64(tx.Seq())), event[:100])
		case 1: // receive: hide for 30 s
			for k, v := range tx.Head(prefix) {
				if ms := binary.BigEndian.Uint64(k[len(prefix):]); ms > uint64(tx.Now().UnixMilli()) {
					break
				}
				tx.Delete(k)
				nk := store.AppendTime(slices.Clone(prefix), tx.Now().Add(30*time.Second))
				tx.Set(append(nk, k[len(k)-8:]...), v)
				break
			}
		case 2: // delete the first
			for k := range tx.Head(prefix) {
				tx.Delete(k)
				break
			}
		}
		return nil
	})
}

// load runs b.N steps on so many callers at once.
func load(b *testing.B, callers int, step func(n int) error) {
	b.ReportAllocs()
	host := clock.Real()
	var next atomic.Int64
	var wg sync.WaitGroup
	took := make([][]time.Duration, callers)
	began := host.Now()
	b.ResetTimer()
	for c := range callers {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				t := host.Now()
				if err := step(n); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], host.Now().Sub(t))
			}
		})
	}
	wg.Wait()
	elapsed := host.Now().Sub(began)
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/elapsed.Seconds(), "ops/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-us")
}

func BenchmarkOpen(b *testing.B) {
	b.Run("disk", func(b *testing.B) {
		for b.Loop() {
			openAndClose(b, b.TempDir(), store.Options{})
		}
	})
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
			var o store.Options
			storetest.NewFS().Use(&o)
			openAndClose(b, storetest.Dir, o)
		}
	})
}

func openAndClose(b *testing.B, dir string, o store.Options) {
	b.Helper()
	s, err := store.Open(dir, o)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
