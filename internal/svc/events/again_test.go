package events

import (
	"strings"
	"testing"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/events"
)

// TestFindLane: what was given up goes back to the target that gave it up, or to
// one that stands for it; if there is none, it is said why.
func TestFindLane(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.createBus("shop")
	h.putRule("shop", "orders", `{"source":["a"]}`)
	h.putRule("", "plain", `{"source":["a"]}`)
	h.putTargets("", "plain", "q")
	target := func(id, queue string) shape.Target {
		return shape.Target{Id: &id, Arn: new(scope.Queue(queue).String())}
	}
	if err := h.tryTargets("shop", "orders", target("one", "q"), target("two", "q"), target("other", "r")); err != nil {
		t.Fatal(err)
	}
	one, two, other := h.laneOf("shop", "orders", "one"), h.laneOf("shop", "orders", "two"), h.laneOf("shop", "orders", "other")
	orders, q := scope.Rule("shop", "orders"), scope.Queue("q").String()
	if lane, why, err := h.FindLane(h.ctx, orders, q, two); lane != two || why != "" || err != nil {
		t.Errorf("the lane that gave up: %d, %q, %v, want %d", lane, why, err, two)
	}
	if lane, why, err := h.FindLane(h.ctx, orders, scope.Queue("r").String(), 0); lane != other || why != "" || err != nil {
		t.Errorf("the only target: %d, %q, %v, want %d", lane, why, err, other)
	}
	if lane, why, err := h.FindLane(h.ctx, scope.Rule("default", "plain"), q, one); lane != h.laneOf("", "plain", "q") || why != "" || err != nil {
		t.Errorf("a lane of another rule: %d, %q, %v", lane, why, err)
	}
	h.removeTargets("shop", "orders", "two")
	if lane, why, err := h.FindLane(h.ctx, orders, q, two); lane != one || why != "" || err != nil {
		t.Errorf("the target beside a removed one: %d, %q, %v, want %d", lane, why, err, one)
	}
	if err := h.tryTargets("shop", "orders", target("two", "q")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		rule        arn.ARN
		target, why string
	}{
		{orders, q, "rule orders has this target 2 times"},
		{orders, scope.Queue("none").String(), "rule orders does not have this target any more: put it again"},
		{scope.Rule("shop", "none"), q, "there is no rule none on bus shop any more"},
		{scope.Rule("none", "orders"), q, "there is no event bus none any more"},
		{scope.EventBus("shop"), q, "is not the ARN of a rule"},
	} {
		lane, why, err := h.FindLane(h.ctx, tt.rule, tt.target, two)
		if lane != 0 || err != nil || !strings.Contains(why, tt.why) {
			t.Errorf("%s, %s: %d, %q, %v, want %q", tt.rule, tt.target, lane, why, err, tt.why)
		}
	}
}
