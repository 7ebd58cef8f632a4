package bench

import (
	"context"
	"slices"
	"testing"
	"time"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// BenchmarkStoreQueue sends, receives and deletes messages of 100 bytes with
// 256 clients in this process, as a queue does: what may be received is a head
// of the store, so that no deleted row is ever walked over.
func BenchmarkStoreQueue(b *testing.B) {
	for _, delay := range []time.Duration{0, ordinary} {
		b.Run("sync+"+delay.String(), func(b *testing.B) {
			s := openStore(b, storetest.NewDisk(delay), store.Options{Partitions: 1, Heads: []string{"q/####/r/"}})
			const steps = 60_000
			var took time.Duration
			for b.Loop() {
				took += burstOf(b, writers, steps, func(n int) error { return queueStep(s, n) })
			}
			b.ReportMetric(float64(b.N*steps)/took.Seconds(), "ops/s")
		})
	}
}

func queueStep(s *store.Store, n int) error {
	prefix := append(store.AppendUint32([]byte("q/"), 7), "/r/"...)
	return s.Update(context.Background(), 1, func(tx store.Tx) error {
		switch n % 3 {
		case 0: // send
			k := store.AppendTime(slices.Clone(prefix), tx.Now())
			tx.Set(store.AppendUint64(k, uint64(tx.Seq())), value[:100])
		case 1: // receive: hide the first that is visible for 30 s
			for k, v := range tx.Head(prefix) {
				visible, seq, ok := store.ReadTime(k[len(prefix):])
				if !ok || visible.After(tx.Now()) {
					break
				}
				tx.Delete(k)
				hidden := store.AppendTime(slices.Clone(prefix), tx.Now().Add(30*time.Second))
				tx.Set(append(hidden, seq...), v)
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
