package sqs

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	shape "stormbus/internal/shape/sqs"
)

var (
	seed = flag.Uint64("seed", 0, "seed of the random tests; 0 takes a new one")
	long = flag.Bool("long", false, "run the random tests for minutes")
)

// modelMessage is a message as the model sees it.
type modelMessage struct {
	body     string
	sent     time.Time
	visible  time.Time
	receives int
	handles  []string // all that were given out
}

// model is a standard queue with a dead-letter queue, as a list.
type model struct {
	messages  []*modelMessage
	dead      []string // bodies that must be in the dead-letter queue
	handles   map[string]*modelMessage
	retention time.Duration
	maxReads  int
}

func (m *model) remove(x *modelMessage) {
	m.messages = slices.DeleteFunc(m.messages, func(y *modelMessage) bool { return x == y })
}

// expire drops what is too old.
func (m *model) expire(now time.Time) {
	m.messages = slices.DeleteFunc(m.messages, func(x *modelMessage) bool { return !now.Before(x.sent.Add(m.retention)) })
}

// TestQueueAgainstModel does random things to a queue and compares what it sees
// with the model: what is received and how often, the counters, the rows that
// are stored, and what is in the dead-letter queue.
func TestQueueAgainstModel(t *testing.T) {
	t.Parallel()
	s, runs := *seed, 5
	if *long {
		runs = 500
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed=%d", s)
	rnd := rand.New(rand.NewPCG(s, 0))
	for range runs {
		runModel(t, rnd, 400)
	}
}

func runModel(t *testing.T, rnd *rand.Rand, steps int) {
	h := newHarness(t)
	dead := h.createQueue("dead", attrRetention, "1209600")
	m := &model{handles: map[string]*modelMessage{}, retention: 10 * time.Minute, maxReads: 3}
	url := h.createQueue("q", attrRetention, "600", attrRedrive, redrivePolicy("dead", m.maxReads))
	for i := range steps {
		m.expire(h.clock.Now())
		switch n := rnd.IntN(100); {
		case n < 30:
			m.send(h, url, rnd, i)
		case n < 60:
			m.receive(h, url, rnd)
		case n < 75:
			m.delete(h, url, rnd)
		case n < 85:
			m.hide(h, url, rnd)
		case n < 97:
			h.clock.Advance(time.Duration(rnd.IntN(40_000)) * time.Millisecond)
		case n < 98:
			h.clock.Advance(5 * time.Minute)
		case n < 99:
			h.boot()
		default:
			h.crash()
		}
		m.expire(h.clock.Now())
		m.check(h, url, dead)
		if t.Failed() {
			t.Fatalf("step %d", i)
		}
	}
}

func (m *model) send(h *harness, url *string, rnd *rand.Rand, i int) {
	x := &modelMessage{body: strconv.Itoa(i), sent: h.clock.Now(), visible: h.clock.Now()}
	if rnd.IntN(3) > 0 {
		h.send(url, x.body)
	} else {
		delay := rnd.Int64N(60)
		h.sendDelayed(url, x.body, delay)
		x.visible = x.visible.Add(time.Duration(delay) * time.Second)
	}
	m.messages = append(m.messages, x)
}

// receive expects messages in the order in which they became due, which is more
// than SQS promises; those that were received too often leave on the way.
func (m *model) receive(h *harness, url *string, rnd *rand.Rand) {
	now := h.clock.Now()
	var due []*modelMessage
	for _, x := range m.messages { // in the order of sending
		if !x.visible.After(now) {
			due = append(due, x)
		}
	}
	slices.SortStableFunc(due, func(a, b *modelMessage) int { return a.visible.Compare(b.visible) })
	max, timeout := 1+rnd.IntN(10), rnd.Int64N(60)
	var want []*modelMessage
	for _, x := range due {
		if len(want) == max {
			break
		}
		if x.receives == m.maxReads {
			m.remove(x)
			m.dead = append(m.dead, x.body)
			continue
		}
		x.receives++
		x.visible = now.Add(time.Duration(timeout) * time.Second)
		want = append(want, x)
	}
	got := h.get(url, atMost(int64(max)), hiddenFor(timeout))
	for i := range max {
		var w, g string
		if i < len(want) {
			w = want[i].body + " received " + strconv.Itoa(want[i].receives)
		}
		if i < len(got) {
			g = *got[i].Body + " received " + got[i].Attributes["ApproximateReceiveCount"]
		}
		if w != g {
			h.Errorf("message %d of a receive: %q, want %q", i, g, w)
			return
		}
		if i < len(got) {
			want[i].handles = append(want[i].handles, *got[i].ReceiptHandle)
			m.handles[*got[i].ReceiptHandle] = want[i]
		}
	}
}

// pick returns any handle that was given out.
func (m *model) pick(rnd *rand.Rand) (handle string, x *modelMessage, ok bool) {
	if len(m.handles) == 0 {
		return "", nil, false
	}
	all := make([]string, 0, len(m.handles))
	for text := range m.handles {
		all = append(all, text)
	}
	slices.Sort(all)
	handle = all[rnd.IntN(len(all))]
	return handle, m.handles[handle], true
}

func (m *model) delete(h *harness, url *string, rnd *rand.Rand) {
	handle, x, ok := m.pick(rnd)
	if !ok {
		return
	}
	h.deleteMessage(url, shape.Message{ReceiptHandle: &handle})
	m.remove(x)
}

func (m *model) hide(h *harness, url *string, rnd *rand.Rand) {
	handle, x, ok := m.pick(rnd)
	if !ok {
		return
	}
	timeout := rnd.Int64N(60)
	err := h.hide(url, shape.Message{ReceiptHandle: &handle}, timeout)
	current := slices.Contains(m.messages, x) && x.handles[len(x.handles)-1] == handle
	if (err == nil) != current {
		h.Errorf("ChangeMessageVisibility of %s = %v, want success %v", x.body, err, current)
	}
	if current && x.visible.After(h.clock.Now()) {
		x.visible = h.clock.Now().Add(time.Duration(timeout) * time.Second)
	}
}

func (m *model) check(h *harness, url, dead *string) {
	rows := 0
	var visible, delayed, inFlight int
	for _, x := range m.messages {
		rows += 2 // message and place in the index
		if x.receives > 0 {
			rows++
		}
		switch {
		case !x.visible.After(h.clock.Now()):
			visible++
		case x.receives > 0:
			inFlight++
		default:
			delayed++
		}
	}
	h.settle(url, rows)
	h.wantRecent(url)
	h.wantNumbers(url, strconv.Itoa(visible), strconv.Itoa(delayed), strconv.Itoa(inFlight))
	if got := h.numbers(dead)[0]; got != strconv.Itoa(len(m.dead)) {
		h.Errorf("%s dead letters, want %d", got, len(m.dead))
	}
}
