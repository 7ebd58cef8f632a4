package sqs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/wire"
)

// TestFifoLinearizable lets clients send to a FIFO queue, receive, delete and
// change visibility at the same time, with handles of their own and of others,
// while the clock moves. For each group there is an order of all calls, each
// between its beginning and its end, in which every call did what one after
// another would have done.
func TestFifoLinearizable(t *testing.T) {
	t.Parallel()
	s, rounds := *seed, 6
	if *long {
		rounds = 6000
	}
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed=%d", s)
	rnd := rand.New(rand.NewPCG(s, 2))
	for range rounds {
		histories := recordFifo(t, rnd)
		for _, group := range slices.Sorted(maps.Keys(histories)) {
			history := histories[group]
			if result := porcupine.CheckOperationsTimeout(groupModel(), history, time.Minute); result != porcupine.Ok {
				t.Fatalf("group %s: the history of %d calls is %s", group, len(history), result)
			}
		}
	}
}

// fifoClients is what clients of one queue share.
type fifoClients struct {
	*harness
	url *string
	now atomic.Int64 // a logical clock: later calls have greater times

	// mu guards the rest.
	mu        sync.Mutex
	handles   []linearHandle
	histories map[string][]porcupine.Operation // by group
}

type linearHandle struct {
	handle, group, body string
	receive             int
}

var linearGroups = []string{"a", "b", "c"}

// recordFifo runs clients and returns what they saw, by group.
func recordFifo(t *testing.T, rnd *rand.Rand) map[string][]porcupine.Operation {
	const clients, calls = 5, 40
	h := newHarness(t)
	defer h.Service.Close()
	c := &fifoClients{
		harness: h, histories: map[string][]porcupine.Operation{},
		url: h.fifoQueue("q.fifo", attrDedupScope, scopeGroup),
	}
	var all sync.WaitGroup
	for id := range clients {
		rnd := rand.New(rand.NewPCG(rnd.Uint64(), uint64(id)))
		all.Go(func() {
			for i := range calls {
				c.call(id, fmt.Sprintf("%d.%d", id, i), rnd)
			}
		})
	}
	all.Wait()
	return c.histories
}

// call makes a random call.
func (c *fifoClients) call(id int, name string, rnd *rand.Rand) {
	switch n := rnd.IntN(100); {
	case n < 35:
		c.sendOne(id, name, rnd)
	case n < 65:
		c.receiveSome(id, rnd)
	case n < 83:
		c.settle(id, rnd, "delete")
	case n < 93:
		c.settle(id, rnd, "hide")
	default:
		c.pass(id, rnd)
	}
}

// note adds a call to the histories of groups.
func (c *fifoClients) note(id int, began int64, in groupCall, answers map[string]groupAnswer) {
	ended := c.now.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	for group, out := range answers {
		c.histories[group] = append(c.histories[group], porcupine.Operation{
			ClientId: id, Input: in, Call: began, Output: out, Return: ended,
		})
	}
}

func (c *fifoClients) sendOne(id int, name string, rnd *rand.Rand) {
	group, dedup := linearGroups[rnd.IntN(len(linearGroups))], strconv.Itoa(rnd.IntN(40))
	began := c.now.Add(1)
	out, err := c.SendMessage(c.ctx, &shape.SendMessageInput{
		QueueUrl: c.url, MessageBody: &name, MessageGroupId: &group, MessageDeduplicationId: &dedup,
	})
	if err != nil {
		c.Errorf("SendMessage: %v", err)
		return
	}
	c.note(id, began, groupCall{kind: "send", body: name, dedup: dedup}, map[string]groupAnswer{group: {sequence: *out.SequenceNumber}})
}

func (c *fifoClients) receiveSome(id int, rnd *rand.Rand) {
	most, timeout := 1+rnd.Int64N(6), rnd.Int64N(4)*5
	began := c.now.Add(1)
	out, err := c.ReceiveMessage(c.ctx, &shape.ReceiveMessageInput{
		QueueUrl: c.url, MaxNumberOfMessages: &most, VisibilityTimeout: &timeout, MessageSystemAttributeNames: []string{"All"},
	})
	if err != nil {
		c.Errorf("ReceiveMessage: %v", err)
		return
	}
	answers := map[string]groupAnswer{}
	var handles []linearHandle
	last := ""
	for _, m := range out.Messages {
		group := m.Attributes["MessageGroupId"]
		n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
		if err != nil {
			c.Errorf("receive count: %v", err)
		}
		last = group
		a := answers[group]
		a.got = append(a.got, groupReceipt{*m.Body, n})
		answers[group] = a
		handles = append(handles, linearHandle{*m.ReceiptHandle, group, *m.Body, n})
	}
	// A receive that could have had more has looked at every group to its end; one
	// that is full has done so with the groups before its last.
	full := int64(len(out.Messages)) == most
	for _, group := range linearGroups {
		a, got := answers[group]
		if a.complete = !full || got && group != last; got || a.complete {
			answers[group] = a
		}
	}
	c.note(id, began, groupCall{kind: "receive", timeout: milliseconds(timeout)}, answers)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handles = append(c.handles, handles...)
}

// settle deletes a message, or changes its visibility, with one of the last
// handles that anybody got.
func (c *fifoClients) settle(id int, rnd *rand.Rand, kind string) {
	c.mu.Lock()
	if len(c.handles) == 0 {
		c.mu.Unlock()
		return
	}
	x := c.handles[max(0, len(c.handles)-1-rnd.IntN(12))]
	c.mu.Unlock()
	timeout := rnd.Int64N(4) * 5
	in := groupCall{kind: kind, body: x.body, receive: x.receive, timeout: milliseconds(timeout)}
	began := c.now.Add(1)
	var err error
	if kind == "delete" {
		_, err = c.DeleteMessage(c.ctx, &shape.DeleteMessageInput{QueueUrl: c.url, ReceiptHandle: &x.handle})
	} else {
		err = c.hide(c.url, shape.Message{ReceiptHandle: &x.handle}, timeout)
	}
	if refused, ok := err.(*wire.Error); err != nil && (!ok || refused.QueryCode != "InvalidParameterValue") {
		c.Errorf("%s: %v", kind, err)
	}
	c.note(id, began, in, map[string]groupAnswer{x.group: {refused: err != nil}})
}

// pass moves the clock, for all groups.
func (c *fifoClients) pass(id int, rnd *rand.Rand) {
	seconds := 1 + rnd.Int64N(10)
	if rnd.IntN(8) == 0 {
		seconds = 150 // copies are forgotten after two of them
	}
	began := c.now.Add(1)
	c.clock.Advance(time.Duration(seconds) * time.Second)
	answers := map[string]groupAnswer{}
	for _, group := range linearGroups {
		answers[group] = groupAnswer{}
	}
	c.note(id, began, groupCall{kind: "time", timeout: milliseconds(seconds)}, answers)
}

// TestGroupModel proves that the model refuses what a FIFO queue must not do, and
// takes what it may.
func TestGroupModel(t *testing.T) {
	t.Parallel()
	send := func(body string, sequence string) [2]any {
		return [2]any{groupCall{kind: "send", body: body, dedup: body}, groupAnswer{sequence: sequence}}
	}
	receive := func(complete bool, got ...groupReceipt) [2]any {
		return [2]any{groupCall{kind: "receive", timeout: 1000}, groupAnswer{got: got, complete: complete}}
	}
	settle := func(kind string, body string, n int, refused bool) [2]any {
		return [2]any{groupCall{kind: kind, body: body, receive: n}, groupAnswer{refused: refused}}
	}
	pass := [2]any{groupCall{kind: "time", timeout: 1000}, groupAnswer{}}
	tests := map[string]struct {
		calls [][2]any
		ok    bool
	}{
		"in order":            {[][2]any{send("a", "1"), send("b", "2"), receive(true, groupReceipt{"a", 1}, groupReceipt{"b", 1})}, true},
		"out of order":        {[][2]any{send("a", "1"), send("b", "2"), receive(false, groupReceipt{"b", 1})}, false},
		"lost":                {[][2]any{send("a", "1"), send("b", "2"), receive(true, groupReceipt{"a", 1})}, false},
		"while locked":        {[][2]any{send("a", "1"), send("b", "2"), receive(false, groupReceipt{"a", 1}), receive(true, groupReceipt{"b", 1})}, false},
		"twice while hidden":  {[][2]any{send("a", "1"), receive(true, groupReceipt{"a", 1}), receive(true, groupReceipt{"a", 2})}, false},
		"again after a while": {[][2]any{send("a", "1"), receive(true, groupReceipt{"a", 1}), pass, receive(true, groupReceipt{"a", 2})}, true},
		"after its deletion":  {[][2]any{send("a", "1"), receive(true, groupReceipt{"a", 1}), settle("delete", "a", 1, false), pass, receive(false, groupReceipt{"a", 2})}, false},
		"an old handle":       {[][2]any{send("a", "1"), receive(true, groupReceipt{"a", 1}), pass, settle("delete", "a", 1, false)}, false},
		"an old handle fails": {[][2]any{send("a", "1"), receive(true, groupReceipt{"a", 1}), pass, settle("delete", "a", 1, true)}, true},
		"shown at once":       {[][2]any{send("a", "1"), receive(true, groupReceipt{"a", 1}), settle("hide", "a", 1, false), receive(true, groupReceipt{"a", 2})}, true},
		"a copy":              {[][2]any{send("a", "1"), send("a", "1"), receive(true, groupReceipt{"a", 1})}, true},
		"a copy is stored":    {[][2]any{send("a", "1"), send("a", "2")}, false},
		"sequence goes back":  {[][2]any{send("a", "2"), send("b", "1")}, false},
	}
	for name, tt := range tests {
		var history []porcupine.Operation
		for i, c := range tt.calls {
			history = append(history, porcupine.Operation{Input: c[0], Call: int64(2 * i), Output: c[1], Return: int64(2*i + 1)})
		}
		if got := porcupine.CheckOperations(groupModel(), history); got != tt.ok {
			t.Errorf("%s: accepted %v, want %v", name, got, tt.ok)
		}
	}
}
