package bench

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/internal/store"
)

const pendingTimers = 1_000_000

// BenchmarkStoreTimers opens a store in which a million timers are pending, and
// measures how late timers fire that are due at 1,000 a second.
func BenchmarkStoreTimers(b *testing.B) {
	dir := b.TempDir()
	s := openTimers(b, dir, store.DurabilityPower)
	setTimers(b, s, pendingTimers, func(i int) time.Time { return time.Now().Add(time.Hour + time.Duration(i)*time.Millisecond) }, "later")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		var took time.Duration
		for b.Loop() {
			begin := time.Now()
			s := openTimers(b, dir, store.DurabilityPower)
			// The store is of use when an Update and the timers' heads are.
			if err := put(s, 1); err != nil {
				b.Fatal(err)
			}
			took += time.Since(begin)
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/open")
	})
	for _, durability := range []store.Durability{store.DurabilityPower, store.DurabilityProcess} {
		b.Run("fire/durability="+string(durability), func(b *testing.B) {
			s := openTimers(b, dir, durability)
			defer func() {
				if err := s.Close(); err != nil {
					b.Error(err)
				}
			}()
			var late, bare []time.Duration
			for b.Loop() {
				l, n := fireTimers(b, s)
				late, bare = append(late, l...), append(bare, n...)
			}
			slices.Sort(late)
			slices.Sort(bare)
			b.ReportMetric(millis(late[len(late)/2]), "p50-late-ms")
			b.ReportMetric(millis(late[len(late)*99/100]), "p99-late-ms")
			b.ReportMetric(millis(late[len(late)-1]), "max-late-ms")
			b.ReportMetric(millis(bare[len(bare)*99/100]), "bare-p99-late-ms")
		})
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func openTimers(b *testing.B, dir string, d store.Durability) *store.Store {
	b.Helper()
	s, err := store.Open(dir, store.Options{Partitions: 1, Durability: d})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// setTimers sets n timers of a kind, a thousand in one Update.
func setTimers(b *testing.B, s *store.Store, n int, due func(i int) time.Time, kind string) {
	b.Helper()
	for from := 0; from < n; from += 1000 {
		err := s.Update(context.Background(), 1, func(tx store.Tx) error {
			for i := from; i < min(n, from+1000); i++ {
				tx.Timer(kind, store.AppendUint64(nil, uint64(i)), due(i), nil)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// fireTimers sets 3,000 timers, one each millisecond from half a second on, and
// returns how late each of them had fired durably. Beside it a bare loop waits
// for the same moments: how late it is, is the machine's.
func fireTimers(b *testing.B, s *store.Store) (late, bare []time.Duration) {
	b.Helper()
	const n = 3000
	late, bare = make([]time.Duration, n), make([]time.Duration, n)
	var fired atomic.Int64
	all := make(chan struct{})
	s.OnTimer("soon", func(tx store.Tx, f store.Fired) error {
		i, _, _ := store.ReadUint64(f.ID)
		due := f.Due
		tx.OnDurable(func() {
			late[i] = time.Since(due)
			if fired.Add(1) == n {
				close(all)
			}
		})
		return nil
	})
	first := time.Now().Add(500 * time.Millisecond)
	due := func(i int) time.Time { return first.Add(time.Duration(i) * time.Millisecond) }
	setTimers(b, s, n, due, "soon")
	for i := range bare {
		pause := time.NewTimer(time.Until(due(i)))
		<-pause.C
		bare[i] = time.Since(due(i))
	}
	<-all
	return late, bare
}
