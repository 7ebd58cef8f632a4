package sqs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	shape "stormbus/internal/shape/sqs"
)

// fifoModel is a FIFO queue with a dead-letter queue, as a list of messages in
// the order in which they were sent.
type fifoModel struct {
	messages  []*modelMessage
	group     map[*modelMessage]string
	copies    map[string]time.Time
	lastDead  map[string]string // sequence number of the last dead letter of a group
	handles   []handed
	retention time.Duration
	maxReads  int
	delay     time.Duration
}

// handed is a receipt handle that was given out, and for what.
type handed struct {
	handle  string
	message *modelMessage
	receive int
}

// TestFifoAgainstModel does random things to a FIFO queue and compares what it
// sees with the model. The queue is free to choose between groups; within a
// group it must give exactly what the model says.
func TestFifoAgainstModel(t *testing.T) {
	t.Parallel()
	s, runs := *seed, 4
	if *long {
		runs = 400
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed=%d", s)
	rnd := rand.New(rand.NewPCG(s, 1))
	for range runs {
		runFifoModel(t, rnd, 400)
	}
}

func runFifoModel(t *testing.T, rnd *rand.Rand, steps int) {
	h := newHarness(t)
	m := &fifoModel{
		group: map[*modelMessage]string{}, copies: map[string]time.Time{},
		lastDead: map[string]string{}, retention: 10 * time.Minute, maxReads: 3,
		delay: time.Duration(rnd.IntN(2)*7) * time.Second,
	}
	dead := h.fifoQueue("dead.fifo", attrRetention, "1209600")
	url := h.fifoQueue("q.fifo", attrRetention, "600", attrDelay, wholeSeconds(m.delay),
		attrRedrive, redrivePolicy("dead.fifo", m.maxReads))
	for i := range steps {
		m.expire(h.clock.Now())
		switch n := rnd.IntN(100); {
		case n < 30:
			m.send(h, url, rnd, i)
		case n < 62:
			m.receive(h, url, dead, rnd)
		case n < 78:
			m.delete(h, url, rnd)
		case n < 85:
			m.hide(h, url, rnd)
		case n < 97:
			h.clock.Advance(time.Duration(rnd.IntN(30_000)) * time.Millisecond)
		case n < 98:
			h.clock.Advance(5 * time.Minute)
		case n < 99:
			h.boot()
		default:
			h.crash()
		}
		m.expire(h.clock.Now())
		m.check(h, url)
		if t.Failed() {
			t.Fatalf("step %d", i)
		}
	}
	m.drain(h, url)
}

func (m *fifoModel) remove(x *modelMessage) {
	m.messages = slices.DeleteFunc(m.messages, func(y *modelMessage) bool { return x == y })
}

func (m *fifoModel) expire(now time.Time) {
	m.messages = slices.DeleteFunc(m.messages, func(x *modelMessage) bool { return !now.Before(x.sent.Add(m.retention)) })
}

// send sends one message or a batch to a few groups, with ids from a small set.
func (m *fifoModel) send(h *harness, url *string, rnd *rand.Rand, i int) {
	in := &shape.SendMessageBatchInput{QueueUrl: url}
	for n := range 1 + rnd.IntN(4) {
		body, group := fmt.Sprintf("%d.%d", i, n), strconv.Itoa(rnd.IntN(5))
		dedup, id := strconv.Itoa(rnd.IntN(60)), strconv.Itoa(n)
		in.Entries = append(in.Entries, shape.SendMessageBatchRequestEntry{
			Id: &id, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: &dedup,
		})
		now := h.clock.Now()
		if until, ok := m.copies[dedup]; ok && now.Before(until) {
			continue
		}
		m.copies[dedup] = now.Add(dedupWindow)
		x := &modelMessage{body: body, sent: now, visible: now.Add(m.delay)}
		m.group[x] = group
		m.messages = append(m.messages, x)
	}
	out, err := h.SendMessageBatch(h.ctx, in)
	if err != nil || len(out.Failed) > 0 {
		h.Fatalf("SendMessageBatch = %v, %v", out, err)
	}
}

// of returns the messages of a group in order.
func (m *fifoModel) of(group string) []*modelMessage {
	var out []*modelMessage
	for _, x := range m.messages {
		if m.group[x] == group {
			out = append(out, x)
		}
	}
	return out
}

// locked reports whether a message of the group is in flight.
func (m *fifoModel) locked(group string, now time.Time) bool {
	return slices.ContainsFunc(m.of(group), func(x *modelMessage) bool { return x.receives > 0 && x.visible.After(now) })
}

func (m *fifoModel) receive(h *harness, url, dead *string, rnd *rand.Rand) {
	now := h.clock.Now()
	most, timeout := 1+rnd.IntN(10), rnd.Int64N(40)
	got := h.get(url, atMost(int64(most)), hiddenFor(timeout))
	free := map[string]bool{}
	for _, x := range m.messages {
		free[m.group[x]] = !m.locked(m.group[x], now)
	}
	m.bury(h, dead, free)
	taken := map[string]int{}
	order := []string{}
	for _, g := range got {
		group := g.Attributes["MessageGroupId"]
		if !free[group] {
			h.Errorf("received %s of group %s, which is locked or empty", *g.Body, group)
			return
		}
		if len(order) == 0 || order[len(order)-1] != group {
			order = append(order, group)
		}
		ms := m.of(group)
		if taken[group] >= len(ms) || ms[taken[group]].body != *g.Body || ms[taken[group]].visible.After(now) {
			h.Errorf("received %s of group %s, which is not its next message", *g.Body, group)
			return
		}
		x := ms[taken[group]]
		taken[group]++
		x.receives++
		x.visible = now // until the whole receive is known
		if want := strconv.Itoa(x.receives); g.Attributes["ApproximateReceiveCount"] != want {
			h.Errorf("%s was received %s times, want %s", x.body, g.Attributes["ApproximateReceiveCount"], want)
		}
		m.handles = append(m.handles, handed{*g.ReceiptHandle, x, x.receives})
	}
	m.checkComplete(h, got, order, free, taken, most, now)
	for _, x := range m.messages {
		if i := slices.Index(m.of(m.group[x]), x); i < taken[m.group[x]] {
			x.visible = now.Add(time.Duration(timeout) * time.Second)
		}
	}
}

// bury takes what a receive buried out of the dead-letter queue, and checks that
// it was right to: received too often, due, of a group that was free, and in the
// order of the group.
func (m *fifoModel) bury(h *harness, dead *string, free map[string]bool) {
	for {
		letters := h.get(dead)
		if len(letters) == 0 {
			return
		}
		for _, letter := range letters {
			h.deleteMessage(dead, letter)
			group := letter.Attributes["MessageGroupId"]
			ms := m.of(group)
			i := slices.IndexFunc(ms, func(x *modelMessage) bool { return x.body == *letter.Body })
			if i < 0 || !free[group] || ms[i].receives != m.maxReads || ms[i].visible.After(h.clock.Now()) {
				h.Errorf("dead letter %s of group %s, which was not to leave", *letter.Body, group)
				return
			}
			m.remove(ms[i])
			if n := letter.Attributes["SequenceNumber"]; n <= m.lastDead[group] {
				h.Errorf("dead letter %s of group %s is out of order", *letter.Body, group)
			} else {
				m.lastDead[group] = n
			}
		}
	}
}

// checkComplete checks that a receive gave all that it could: each group stands
// together, and only the last one may have more.
func (m *fifoModel) checkComplete(h *harness, got []shape.Message, order []string, free map[string]bool, taken map[string]int, most int, now time.Time) {
	if len(order) != len(taken) {
		h.Errorf("the messages of a group do not stand together: %v", order)
	}
	for _, group := range slices.Sorted(maps.Keys(free)) {
		if !free[group] || len(got) == most && (taken[group] == 0 || group == order[len(order)-1]) {
			continue // not to be looked at, or not to its end
		}
		if ms := m.of(group); taken[group] < len(ms) && !ms[taken[group]].visible.After(now) {
			h.Errorf("a receive of at most %d gave %d, but %s of group %s was due", most, len(got), ms[taken[group]].body, group)
		}
	}
}

func (m *fifoModel) delete(h *harness, url *string, rnd *rand.Rand) {
	if len(m.handles) == 0 {
		return
	}
	d := m.handles[max(0, len(m.handles)-1-rnd.IntN(20))]
	_, err := h.DeleteMessage(h.ctx, &shape.DeleteMessageInput{QueueUrl: url, ReceiptHandle: &d.handle})
	there := slices.Contains(m.messages, d.message)
	current := there && d.receive == d.message.receives && d.message.visible.After(h.clock.Now())
	if want := current || !there; (err == nil) != want {
		h.Errorf("DeleteMessage of %s = %v, want success %v", d.message.body, err, want)
	}
	if current {
		m.remove(d.message)
	}
}

func (m *fifoModel) hide(h *harness, url *string, rnd *rand.Rand) {
	if len(m.handles) == 0 {
		return
	}
	d := m.handles[max(0, len(m.handles)-1-rnd.IntN(20))]
	timeout := rnd.Int64N(60)
	err := h.hide(url, shape.Message{ReceiptHandle: &d.handle}, timeout)
	current := slices.Contains(m.messages, d.message) && d.receive == d.message.receives
	if (err == nil) != current {
		h.Errorf("ChangeMessageVisibility of %s = %v, want success %v", d.message.body, err, current)
	}
	if current && d.message.visible.After(h.clock.Now()) {
		d.message.visible = h.clock.Now().Add(time.Duration(timeout) * time.Second)
	}
}

func (m *fifoModel) check(h *harness, url *string) {
	var visible, delayed, inFlight int
	for _, x := range m.messages {
		switch {
		case !x.visible.After(h.clock.Now()):
			visible++
		case x.receives > 0:
			inFlight++
		default:
			delayed++
		}
	}
	h.wantRecent(url)
	// Counters of visible messages follow the timers of retention.
	h.eventually("the counters agree", func() bool {
		h.nudge()
		return h.numbers(url) == [3]string{strconv.Itoa(visible), strconv.Itoa(delayed), strconv.Itoa(inFlight)}
	})
}

// drain empties the queue and checks that nothing stays in the store.
func (m *fifoModel) drain(h *harness, url *string) {
	h.clock.Advance(time.Minute)
	for n := len(m.messages); n >= 0; n-- {
		for _, x := range h.get(url) {
			h.deleteMessage(url, x)
		}
		h.clock.Advance(time.Second)
	}
	h.clock.Advance(m.retention + dedupWindow)
	h.settle(url, 0)
}
