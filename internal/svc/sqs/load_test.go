package sqs

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// Senders and waiting receivers at once: every message is received and deleted,
// and none twice while it is hidden.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrVisibility, "43200")
	const senders, receivers, each = 4, 4, 100
	var seen sync.Map
	var count atomic.Int64
	ctx, stop := context.WithCancel(h.ctx)
	defer stop()
	var all sync.WaitGroup
	for range receivers {
		all.Go(func() {
			for ctx.Err() == nil {
				five, twenty := int64(5), int64(20)
				out, err := h.ReceiveMessage(ctx, &shape.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: &five, WaitTimeSeconds: &twenty})
				if err != nil {
					if ctx.Err() == nil {
						t.Errorf("ReceiveMessage: %v", err)
					}
					return
				}
				for _, m := range out.Messages {
					if _, twice := seen.LoadOrStore(*m.Body, true); twice {
						t.Errorf("%s was received twice", *m.Body)
					}
					h.deleteMessage(url, m)
				}
				if count.Add(int64(len(out.Messages))) == senders*each {
					stop()
				}
			}
		})
	}
	for i := range senders {
		all.Go(func() {
			for j := range each {
				h.send(url, fmt.Sprintf("%d/%d", i, j))
			}
		})
	}
	all.Wait()
	if n := h.rows(url); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// BenchmarkSend measures what a target does: batches into a few queues, on a
// real disk.
func BenchmarkSend(b *testing.B) {
	for _, batch := range []int{1, 10, 100} {
		b.Run("batch="+strconv.Itoa(batch), func(b *testing.B) {
			s, ctx := benchService(b)
			const queues = 4
			for i := range queues {
				name := strconv.Itoa(i)
				if _, err := s.CreateQueue(ctx, &shape.CreateQueueInput{QueueName: &name}); err != nil {
					b.Fatal(err)
				}
			}
			msgs := make([]Outgoing, batch)
			for i := range msgs {
				msgs[i].Body = string(make1KiB())
			}
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					q := scope.Queue(strconv.FormatInt(n.Add(1)%queues, 10))
					for _, err := range s.Send(ctx, q, msgs) {
						if err != nil {
							b.Error(err)
						}
					}
				}
			})
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkCycle measures sending, receiving and deleting ten messages: of a
// caller without a trace, of whom lineage is told nothing; of deliveries, whose
// first receive is told; and those received by a caller with a trace.
func BenchmarkCycle(b *testing.B) {
	b.Run("plain", func(b *testing.B) { benchCycle(b, lineage.Cause{}, telemetry.Trace{}) })
	cause := lineage.Cause{EventID: "3f2a9c1e-0000-4000-8000-000000000001", Delivery: "00000001-0000000000000001"}
	b.Run("delivered", func(b *testing.B) { benchCycle(b, cause, telemetry.Trace{}) })
	b.Run("traced", func(b *testing.B) {
		benchCycle(b, cause, telemetry.Trace{Root: root, Parent: "53995c3f42cd8ad8", Sampled: "1"})
	})
}

func benchCycle(b *testing.B, cause lineage.Cause, trace telemetry.Trace) {
	s, ctx := benchService(b)
	ctx = wire.NewContext(ctx, wire.Request{Scope: scope, BaseURL: "http://localhost:4566", Trace: trace})
	name := "q"
	created, err := s.CreateQueue(ctx, &shape.CreateQueueInput{QueueName: &name})
	if err != nil {
		b.Fatal(err)
	}
	msgs := make([]Outgoing, 10)
	for i := range msgs {
		msgs[i].Body, msgs[i].Cause = string(make1KiB()), cause
	}
	ten := int64(10)
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.Send(ctx, scope.Queue(name), msgs)
			out, err := s.ReceiveMessage(ctx, &shape.ReceiveMessageInput{QueueUrl: created.QueueUrl, MaxNumberOfMessages: &ten})
			if err != nil {
				b.Error(err)
				return
			}
			if len(out.Messages) == 0 {
				continue
			}
			in := &shape.DeleteMessageBatchInput{QueueUrl: created.QueueUrl}
			for i, m := range out.Messages {
				id := strconv.Itoa(i)
				in.Entries = append(in.Entries, shape.DeleteMessageBatchRequestEntry{Id: &id, ReceiptHandle: m.ReceiptHandle})
			}
			if _, err := s.DeleteMessageBatch(ctx, in); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N*10)/b.Elapsed().Seconds(), "messages/s")
}

func make1KiB() []byte {
	b := make([]byte, 1024)
	for i := range b {
		b[i] = 'a' + byte(i%26)
	}
	return b
}

func benchService(b *testing.B) (*Service, context.Context) {
	st, err := store.Open(b.TempDir(), store.Options{Heads: []string{Heads}, MinFree: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	})
	s := New(Config{Store: st, Lineage: lineage.New(lineage.Config{Store: st}), Clock: clock.Real(), Random: rand.Reader, Logger: slog.New(slog.DiscardHandler)})
	ctx := wire.NewContext(b.Context(), wire.Request{Scope: scope, BaseURL: "http://localhost:4566"})
	if err := s.Start(ctx); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s, ctx
}

// TestIdleReceiversSleep counts: each of many receivers that wait looks once, and
// not again while time passes or another queue is busy; one message wakes one.
func TestIdleReceiversSleep(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url, fifo, other := h.createQueue("q"), h.fifoQueue("q.fifo"), h.createQueue("other")
	const each = 20
	var standard, ordered []<-chan []shape.Message
	for range each {
		standard = append(standard, h.receiveLater(url, waiting(20)))
		ordered = append(ordered, h.receiveLater(fifo, waiting(20)))
	}
	looks := int64(2 * each)
	h.eventually("each has looked", func() bool { return h.looks.Load() == looks })
	for range 190 {
		h.clock.Advance(100 * time.Millisecond)
	}
	for range 5 { // five looks of other receivers
		h.send(other, "x")
		h.deleteMessage(other, h.wantBodies(other, "x")[0])
		looks++
	}
	if got := h.looks.Load(); got != looks {
		t.Errorf("%d looks while nothing came, want %d", got, looks)
	}
	h.send(url, "a")
	h.sendTo(fifo, "g", "a")
	got := 0
	h.eventually("both messages are received", func() bool {
		for _, c := range append(standard, ordered...) {
			select {
			case ms := <-c:
				got += len(ms)
			default:
			}
		}
		return got == 2
	})
	if got := h.looks.Load(); got != looks+2 {
		t.Errorf("%d looks for two messages, want 2", got-looks)
	}
	h.clock.Advance(time.Second)
	h.eventually("all have left", func() bool {
		for _, name := range []string{"q", "q.fifo"} {
			if l, _ := h.queues.get(key{scope, name}); l.line.busy() {
				return false
			}
		}
		return true
	})
	if got := h.looks.Load(); got != looks+2 {
		t.Errorf("%d looks at the end of the wait, want none", got-looks-2)
	}
}

// A receive that waits and finds nothing to do for hours does nothing.
func TestIdleReceiverIsIdle(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	got := h.receiveLater(url, waiting(20))
	h.clock.BlockUntil(1)
	l, _ := h.queues.get(key{scope, "q"})
	var before store.Seq
	seq := func() (n store.Seq) {
		err := h.store.View(h.ctx, l.config.Load().Part, func(v store.View) error { n = v.Seq(); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before = seq()
	h.clock.Advance(19 * time.Second)
	if after := seq(); after != before {
		t.Errorf("a waiting receive wrote %d times", after-before)
	}
	h.clock.Advance(time.Second)
	<-got
}

// BenchmarkDeepQueue measures receiving from a queue that holds very many
// messages, five million in the long form, while others send to it.
func BenchmarkDeepQueue(b *testing.B) {
	depth := 200_000
	if *long {
		depth = 5_000_000
	}
	s, ctx := benchService(b)
	name := "q"
	created, err := s.CreateQueue(ctx, &shape.CreateQueueInput{QueueName: &name})
	if err != nil {
		b.Fatal(err)
	}
	l, _ := s.queues.get(key{scope, name})
	m := &message{id: "00000000-0000-0000-0000-000000000000", body: "body", bodyMD5: bodyDigest("body")}
	const step = 5000
	for range depth / step {
		err := s.update(ctx, l, func(w *work) error {
			for range step {
				if _, err := w.append(m.encode(), "", in(w.tx, 0), in(w.tx, 0)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	ten := int64(10)
	var took []time.Duration
	host := clock.Real()
	b.ResetTimer()
	for range b.N {
		begin := host.Now()
		out, err := s.ReceiveMessage(ctx, &shape.ReceiveMessageInput{QueueUrl: created.QueueUrl, MaxNumberOfMessages: &ten})
		if err != nil || len(out.Messages) != 10 {
			b.Fatalf("received %d messages, %v", len(out.Messages), err)
		}
		took = append(took, host.Now().Sub(begin))
		s.Send(ctx, scope.Queue(name), make10())
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(depth), "messages")
}

func make10() []Outgoing {
	msgs := make([]Outgoing, 10)
	for i := range msgs {
		msgs[i].Body = "body"
	}
	return msgs
}
