package events

import (
	"fmt"
	"sync"
	"testing"

	shape "stormbus/internal/shape/events"
)

// TestChangesAgainstEvents changes rules from several goroutines that publish as
// well: what each of them was acknowledged applies to its own events.
func TestChangesAgainstEvents(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			name := fmt.Sprint("worker", w)
			want := func(targets ...string) {
				for i := range targets {
					targets[i] = name + " " + targets[i]
				}
				h.wantTargets(h.putOne("cinema", name), targets...)
			}
			for range 10 {
				h.putRule("cinema", name, `{"source":["`+name+`"]}`)
				want()
				h.putTargets("cinema", name, "a", "b")
				want("a", "b")
				h.removeTargets("cinema", name, "a")
				want("b")
				h.putTargets("cinema", name, "b", "c")
				want("b", "c")
				h.removeTargets("cinema", name, "b", "c")
				want()
				in := &shape.DeleteRuleInput{Name: &name, EventBusName: new("cinema")}
				if _, err := h.DeleteRule(h.ctx, in); err != nil {
					t.Errorf("DeleteRule: %v", err)
					return
				}
				want()
			}
		})
	}
	workers.Wait()
	if n := h.rows(goneLanePrefix); n != 0 {
		t.Errorf("%d lanes are left to be forgotten", n)
	}
	for _, l := range h.engine.Stats().Lanes {
		t.Errorf("lane %s is still defined", l.Name)
	}
}
