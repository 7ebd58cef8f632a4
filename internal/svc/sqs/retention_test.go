package sqs

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRetention(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrRetention, "3600")
	h.send(url, "a", "b")
	h.clock.Advance(30 * time.Minute)
	h.send(url, "c")
	h.sendDelayed(url, "d", 900)
	h.get(url, atMost(1), hiddenFor(7200)) // in flight: that does not save it
	h.clock.Advance(30 * time.Minute)
	// c and d stay, each with its message and its place in the index.
	h.settle(url, 4)
	h.wantNumbers(url, "2", "0", "0")
	h.wantBodies(url, "c", "d")
	h.clock.Advance(30 * time.Minute)
	h.settle(url, 0)
	h.wantNumbers(url, "0", "0", "0")
	// The timer comes back with the next message.
	h.send(url, "e")
	h.clock.Advance(time.Hour)
	h.settle(url, 0)
}

// A receive never gives out what is too old, whether or not it was swept.
func TestRetentionOnReceive(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrRetention, "60")
	h.send(url, "a")
	h.clock.Advance(time.Minute)
	h.wantBodies(url)
	h.settle(url, 0)
}

func TestRetentionShortened(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "a")
	h.clock.Advance(time.Hour)
	h.send(url, "b")
	if err := h.setAttributes(url, attrRetention, "3000"); err != nil {
		t.Fatal(err)
	}
	h.settle(url, 2)
	h.wantBodies(url, "b")
	if err := h.setAttributes(url, attrRetention, "1209600"); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(3000 * time.Second) // the timer of the shorter time
	h.wantBodies(url, "b")
}

func TestRetentionOfManyMessages(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrRetention, "60")
	var msgs []Outgoing
	for range 3*sweepBatch + 1 {
		msgs = append(msgs, Outgoing{Body: "x"})
	}
	for _, err := range h.Send(h.ctx, scope.Queue("q"), msgs) {
		if err != nil {
			t.Fatal(err)
		}
	}
	h.clock.Advance(time.Minute)
	h.settle(url, 0)
	h.wantNumbers(url, "0", "0", "0")
}

// Large messages are swept a few at a time, and moved so too.
func TestLargeMessages(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dead := h.createQueue("dead", attrRetention, "3600")
	url := h.createQueue("q", attrRetention, "3600", attrVisibility, "0", attrRedrive, redrivePolicy("dead", 1))
	const n = 20 // more bytes than one transaction takes
	body := strings.Repeat("x", MaxMessageSize)
	for range n {
		h.send(url, body)
	}
	for range n / maxReceive {
		h.get(url, hiddenFor(1))
	}
	h.clock.Advance(time.Second)
	h.wantBodies(url)
	h.wantNumbers(dead, strconv.Itoa(n), "0", "0")
	h.clock.Advance(time.Hour)
	h.settle(dead, 0)
	h.wantNumbers(dead, "0", "0", "0")
}
