package bus_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/bus"
)

// TestFind looks for events by id among many, on the bus and about the time that
// lineage knows.
func TestFind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.start()
		ctx := context.Background()
		var sent []bus.Entry
		var at []time.Time
		for i := range 60 {
			w.clock.Advance(20 * time.Second)
			e := w.entry("SeatsHeld")
			if i%3 == 0 {
				e.Bus, e.BusName = 9, "theatre"
			}
			w.put(e)
			sent, at = append(sent, e), append(at, w.clock.Now())
		}
		for i, e := range sent {
			got, ok, err := w.bus.Find(ctx, e.BusName, e.Event.ID, at[i])
			if err != nil || !ok || string(got.Envelope) != string(e.Envelope) || got.BusName != e.BusName || got.Ref.Bus != e.Bus {
				t.Errorf("Find(%s, %s) = %+v, %v, error %v", e.BusName, e.Event.ID, got, ok, err)
			}
		}
		first := sent[0]
		for about, try := range map[string]struct {
			bus, id string
			at      time.Time
		}{
			"another bus":  {"cinema", first.Event.ID, at[0]},
			"another time": {first.BusName, first.Event.ID, at[0].Add(10 * time.Minute)},
			"no such id":   {first.BusName, "nobody", at[0]},
			"a part of it": {first.BusName, first.Event.ID[:8], at[0]},
			"the future":   {first.BusName, first.Event.ID, at[0].Add(24 * time.Hour)},
			"no time":      {first.BusName, first.Event.ID, time.Time{}},
		} {
			if got, ok, err := w.bus.Find(ctx, try.bus, try.id, try.at); ok || err != nil {
				t.Errorf("%s: found %+v, error %v", about, got, err)
			}
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, _, err := w.bus.Find(gone, first.BusName, first.Event.ID, at[0]); !errors.Is(err, context.Canceled) {
			t.Errorf("Find of a caller who went away = error %v", err)
		}
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		off, scheduled, other := rule(t, 1, "SeatsHeld"), rule(t, 3, "x"), rule(t, 4, "x")
		off.Enabled, scheduled.Pattern, other.Bus = false, nil, 2
		for _, r := range []bus.Rule{rule(t, 2, "SeatsHeld"), off, scheduled, other} {
			w.bus.SetRule(r)
		}
		var got []string
		for _, r := range w.bus.Rules(1) {
			got = append(got, r.ARN)
		}
		want := []string{where.Rule("cinema", "rule-1").String(), where.Rule("cinema", "rule-2").String()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if rules := w.bus.Rules(1); rules[0].Enabled || !rules[1].Enabled {
			t.Errorf("rules %+v", rules)
		}
		if rules := w.bus.Rules(7); len(rules) != 0 {
			t.Errorf("rules of no bus: %+v", rules)
		}
	})
}
