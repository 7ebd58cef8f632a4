package bus_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/internal/bus"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/event"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// BenchmarkPublish is the load that the bus is built for: 64 callers, ten
// entries of about 1 KiB per call, one rule with one target. It counts events
// from the call until the target has them and that is stored too.
func BenchmarkPublish(b *testing.B) {
	detail := json.RawMessage(`{"order":"` + string(bytes.Repeat([]byte("x"), 900)) + `"}`)
	for _, disk := range []string{"memory", "disk", "slow"} {
		for _, kind := range []string{"noop", "queue"} {
			b.Run("fs="+disk+"/target="+kind, func(b *testing.B) { benchmarkPublish(b, disk, kind, detail) })
		}
	}
}

const (
	callers    = 64
	perRequest = 10
)

func benchmarkPublish(b *testing.B, disk, kind string, detail json.RawMessage) {
	s := openBench(b, disk)
	log := lineage.New(lineage.Config{Store: s})
	engine := delivery.New(delivery.Config{
		Store: s, Lineage: log, Clock: clock.Real(), Logger: slog.New(slog.DiscardHandler), Rand: rand.New(rand.NewPCG(1, 2)),
	})
	events := bus.New(bus.Config{Store: s, Engine: engine, Lineage: log, Clock: clock.Real(), Logger: slog.New(slog.DiscardHandler)})
	sink := &sink{all: make(chan struct{}), want: int64(b.N) * perRequest}
	if kind == "queue" {
		sink.store = s
	}
	engine.Define(1, delivery.Lane{Name: "sink", TargetARN: "arn:aws:sqs:eu-west-1:000000000000:sink", Target: sink, Batch: 100})
	if err := engine.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	p, err := pattern.Compile([]byte(`{"source":["shop.orders"],"detail-type":["OrderPlaced"]}`), pattern.Classic, pattern.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	events.SetRule(bus.Rule{ID: 1, Bus: 1, ARN: "arn:aws:events:eu-west-1:000000000000:rule/shop/all", Pattern: p, Enabled: true, Lanes: []delivery.LaneID{1}})
	b.ReportAllocs()
	b.ResetTimer()
	began := clock.Real().Now()
	var calls atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := calls.Add(1); n <= int64(b.N); n = calls.Add(1) {
				if err := events.Publish(context.Background(), request(n, detail)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	published := clock.Real().Now().Sub(began)
	<-sink.all
	if err := engine.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	took := clock.Real().Now().Sub(began)
	b.StopTimer()
	b.ReportMetric(float64(sink.want)/published.Seconds(), "published/s")
	b.ReportMetric(float64(sink.want)/took.Seconds(), "delivered/s")
	b.ReportMetric(float64(sink.count.Load())/float64(sink.calls.Load()), "batch")
	b.ReportMetric(0, "ns/op")
}

func openBench(b *testing.B, disk string) *store.Store {
	b.Helper()
	if disk == "memory" {
		return storetest.Open(b, func(o *store.Options) { o.Heads = []string{delivery.Heads} })
	}
	o := store.Options{Heads: []string{delivery.Heads}}
	if disk == "slow" {
		storetest.SlowSync(2 * time.Millisecond)(&o) // as an ordinary disk
	}
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

func request(n int64, detail json.RawMessage) []bus.Entry {
	entries := make([]bus.Entry, perRequest)
	for i := range entries {
		ev := event.Event{
			ID: fmt.Sprintf("%08x-0000-4000-8000-%012x", n, i), DetailType: "OrderPlaced", Source: "shop.orders",
			Account: "000000000000", Region: "eu-west-1", Time: time.Unix(1_700_000_000, 0), Detail: detail,
		}
		envelope, err := ev.Envelope()
		if err != nil {
			panic(err)
		}
		entries[i] = bus.Entry{Bus: 1, BusName: "shop", Event: ev, Envelope: envelope}
	}
	return entries
}

// sink counts deliveries; with a store it keeps them as a queue would.
type sink struct {
	store *store.Store
	want  int64
	count atomic.Int64
	calls atomic.Int64
	all   chan struct{}
}

func (s *sink) Deliver(ctx context.Context, batch []delivery.Delivery) []error {
	out := make([]error, len(batch))
	if s.store != nil {
		err := s.store.Update(ctx, 1, func(tx store.Tx) error {
			for _, d := range batch {
				tx.Set([]byte("q/"+d.ID), d.Payload)
			}
			return nil
		})
		for i := range out {
			out[i] = err
		}
	}
	s.calls.Add(1)
	if s.count.Add(int64(len(batch))) >= s.want {
		close(s.all)
	}
	return out
}
