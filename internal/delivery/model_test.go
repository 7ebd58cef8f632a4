package delivery_test

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stormbus/internal/delivery"
	"stormbus/internal/store/storetest"
)

var (
	seeds = flag.Int("seeds", 12, "how many random lives TestRandomLife lives through")
	seed  = flag.Uint64("seed", 0, "the only seed that TestRandomLife uses, if not 0")
)

// TestRandomLife publishes at random while targets fail, lanes come and go, the
// engine restarts and the power fails, and then checks the promise: whatever
// was acknowledged was delivered at least once or is a dead letter, unless its
// lane was removed; nothing is delivered that was not published; and in the end
// no row is left.
func TestRandomLife(t *testing.T) {
	t.Parallel()
	first, n := uint64(1), *seeds
	if *seed != 0 {
		first, n = *seed, 1
	}
	for s := range uint64(n) {
		t.Run(fmt.Sprint("seed=", first+s), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newLife(t, first+s).live(60) })
		})
	}
}

// life is a random test with its model.
type life struct {
	*world
	t   *testing.T
	fs  *storetest.FS
	rnd *rand.Rand

	lanes []delivery.LaneID
	next  delivery.LaneID
	acked map[pair]bool

	// mu guards arrived.
	mu      sync.Mutex
	arrived map[pair]int // deliveries and dead letters
}

// pair is an event and a lane.
type pair struct {
	event string
	lane  delivery.LaneID
}

func newLife(t *testing.T, seed uint64) *life {
	l := &life{
		t: t, fs: storetest.NewFS(), rnd: rand.New(rand.NewPCG(seed, 1)),
		acked: map[pair]bool{}, arrived: map[pair]int{},
	}
	l.world = newWorld(t, l.fs.Use)
	l.addLane()
	l.addLane()
	l.start()
	return l
}

func (l *life) live(steps int) {
	for range steps {
		switch n := l.rnd.IntN(20); {
		case n < 10:
			l.publishSome()
		case n < 13:
			l.clock.Advance(time.Duration(l.rnd.Int64N(int64(time.Hour))))
		case n < 15:
			synctest.Wait()
		case n < 16:
			l.addLane()
		case n < 17:
			l.removeLane()
		case n < 18:
			l.restart()
		default:
			l.powerCut()
		}
	}
	l.walk()
	for p := range l.acked {
		if l.arrived[p] == 0 {
			l.t.Errorf("event %s is lost on its way along lane %d", p.event, p.lane)
		}
	}
	if n := l.rows("dlv/") + l.rows("dlp/"); n != 0 {
		l.t.Errorf("%d rows are left", n)
	}
	l.close()
}

func (l *life) define(id delivery.LaneID) {
	l.engine.Define(id, delivery.Lane{
		Target: delivery.Each(func(_ context.Context, d delivery.Delivery) error { return l.deliver(id, d) }),
		Policy: delivery.Policy{MaxRetries: int(id) % 7, MaxAge: time.Duration(id) * time.Hour},
		Batch:  1 + int(id)%5, Concurrency: 1 + int(id)%3,
		DeadLetter: lettersOf{l, id},
	})
}

// deliver decides by the event, the lane and the attempt: a seed tells nearly
// the same story each time, as far as goroutines allow.
func (l *life) deliver(id delivery.LaneID, d delivery.Delivery) error {
	h := fnv.New32a()
	fmt.Fprint(h, d.EventID, id, d.Attempt)
	switch h.Sum32() % 8 {
	case 0, 1, 2:
		return errBoom
	case 3:
		return &delivery.Failure{Code: "THROTTLING", After: time.Minute, Free: d.Attempt < 5}
	case 4:
		return &delivery.Failure{Code: "NO_RESOURCE", Permanent: true}
	case 5:
		panic("by chance")
	}
	l.count(pair{string(d.Event), id})
	return nil
}

type lettersOf struct {
	*life
	id delivery.LaneID
}

func (l lettersOf) Send(_ context.Context, m delivery.DeadLetterMessage) error {
	if m.Delivery.Attempt%2 == 0 && l.count(pair{"letter of " + m.Delivery.EventID, l.id}) < 3 {
		return errBoom
	}
	l.count(pair{string(m.Delivery.Event), l.id})
	return nil
}

func (l *life) count(p pair) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrived[p]++
	return l.arrived[p]
}

func (l *life) publishSome() {
	for range 1 + l.rnd.IntN(10) {
		lanes := l.lanes[:1+l.rnd.IntN(len(l.lanes))]
		id := l.publish(lanes...)
		for _, lane := range lanes {
			l.acked[pair{id, lane}] = true
		}
	}
}

func (l *life) addLane() {
	l.next++
	l.lanes = append(l.lanes, l.next)
	l.define(l.next)
}

func (l *life) removeLane() {
	if len(l.lanes) == 1 {
		return
	}
	i := l.rnd.IntN(len(l.lanes))
	id := l.lanes[i]
	l.lanes = append(l.lanes[:i:i], l.lanes[i+1:]...)
	if err := l.engine.Forget(context.Background(), id); err != nil {
		l.t.Fatal(err)
	}
	for p := range l.acked {
		if p.lane == id {
			delete(l.acked, p)
		}
	}
}

func (l *life) begin() {
	for _, id := range l.lanes {
		l.define(id)
	}
	l.start()
}

func (l *life) restart() {
	if err := l.engine.Close(context.Background()); err != nil {
		l.t.Fatal(err)
	}
	l.engineOn(l.store)
	l.begin()
}

// powerCut goes on with what a power cut leaves of the disk.
func (l *life) powerCut() {
	left := l.fs.Crash(l.rnd.IntN(101), l.rnd)
	l.close()
	l.fs = left
	l.open(left.Use)
	l.begin()
}
