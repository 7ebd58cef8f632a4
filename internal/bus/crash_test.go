package bus_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/store/storetest"
)

var seeds = flag.Int("seeds", 6, "how many power cuts TestPowerCut goes through")

// TestPowerCut holds the crash rule: events are published from several
// goroutines, the power fails at some moment, and what was acknowledged by then
// arrives, before the cut or after it.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	for seed := range uint64(*seeds) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { powerCut(t, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func powerCut(t *testing.T, rnd *rand.Rand) {
	fs := storetest.NewFS()
	w := newWorld(t, fs.Use)
	before := w.target(1, "queue")
	w.start()
	w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))

	var mu sync.Mutex
	var acked []string
	var callers sync.WaitGroup
	stop := make(chan struct{})
	cut := make(chan struct{})
	moment := 1 + rnd.IntN(200)
	var requests [][]bus.Entry
	for range 400 {
		requests = append(requests, []bus.Entry{w.entry("SeatsHeld"), w.entry("Other"), w.entry("SeatsHeld")})
	}
	for c := range 4 {
		callers.Go(func() {
			for i := c; i < len(requests); i += 4 {
				select {
				case <-stop:
					return
				default:
				}
				if err := w.bus.Publish(context.Background(), requests[i]); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acked = append(acked, requests[i][0].Event.ID, requests[i][2].Event.ID)
				if len(acked) == 2*moment {
					close(cut)
				}
				mu.Unlock()
			}
		})
	}
	<-cut
	mu.Lock()
	want := slices.Clone(acked)
	mu.Unlock()
	left := fs.Crash(rnd.IntN(101), rnd)
	close(stop)
	callers.Wait()
	w.close()

	w.open(left.Use)
	after := w.target(1, "queue")
	w.start()
	w.walk()
	arrived := append(before.ids(), after.ids()...)
	for _, id := range want {
		if !slices.Contains(arrived, id) {
			t.Errorf("event %s was acknowledged and is lost", id)
		}
		if tree := w.tree(id); !tree.Done || len(tree.Rules) != 1 {
			t.Errorf("lineage of %s after the cut: %+v", id, tree)
		}
	}
	if n := w.rows("dlv/"); n != 0 {
		t.Errorf("%d deliveries are left", n)
	}
	w.close()
}

// TestRulesChangeUnderLoad is for the race detector: it publishes while rules
// and lanes come and go, and checks that a rule that was set before Publish
// always applies.
func TestRulesChangeUnderLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		steady := w.target(1, "steady")
		w.start()
		w.bus.SetRule(rule(t, 1, "SeatsHeld", 1))
		var requests [][]bus.Entry
		for range 200 {
			requests = append(requests, []bus.Entry{w.entry("SeatsHeld")})
		}
		var all sync.WaitGroup
		for c := range 4 {
			all.Go(func() {
				for i := c; i < len(requests); i += 4 {
					if err := w.bus.Publish(context.Background(), requests[i]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() {
			for i := range 60 {
				lane := delivery.LaneID(2 + i)
				w.target(lane, "passing")
				r := rule(t, uint32(lane), "SeatsHeld", lane)
				w.bus.SetRule(r)
				r.Enabled = i%2 == 0
				w.bus.SetRule(r)
				w.bus.RemoveRule(r.ID)
				if err := w.engine.Forget(context.Background(), lane); err != nil {
					t.Error(err)
				}
			}
		})
		all.Wait()
		w.walk()
		if got := len(steady.ids()); got != len(requests) {
			t.Errorf("%d of %d events matched the rule that was there all the time", got, len(requests))
		}
		if n := w.rows("dlv/"); n != 0 {
			t.Errorf("%d deliveries are left", n)
		}
	})
}
