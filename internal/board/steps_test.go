package board

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told is what the steps lack, one a line.
func told(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		state := "open"
		if s.Done {
			state = "done"
		} else if !s.Begun {
			state = "not begun"
		}
		fmt.Fprintf(&b, "%d %s\n", s.Number, state)
		for _, c := range s.Checks {
			for _, open := range c.Open {
				fmt.Fprintf(&b, "  %s: %s\n", c.Check, open)
			}
		}
		for _, spot := range s.Spots {
			fmt.Fprintf(&b, "  spot %s\n", spot)
		}
	}
	return b.String()
}

// TestStepsOfTheCinema: without rules, its steps are done but for the hotspot.
func TestStepsOfTheCinema(t *testing.T) {
	t.Parallel()
	want := "1 open\n  spot refund-window\n2 done\n3 done\n4 done\n5 done\n6 done\n7 done\n8 done\n"
	if diff := cmp.Diff(want, told(cinema(t).Steps(nil))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStepsConcerns: what rules found holds up the step that asks for them.
func TestStepsConcerns(t *testing.T) {
	t.Parallel()
	concerns := []Concern{
		{"DED-1", "events.PaymentFailed", "nobody reads it"},
		{"DED-1", "events.TicketIssued", "nobody reads it"},
		{"REL-1", "reactions.pay-on-held", "no queue"},
		{"CTX-3", "events.SeatsHeld", "private"},
		{"DAT-3", "things.Booking", "one service"},
	}
	want := `1 open
  spot refund-window
2 done
3 open
  somebody reads what failed, expired or was rejected, or it is accepted that nobody does: events.PaymentFailed: DED-1, nobody reads it
4 done
5 done
6 open
  each thing has one service in each context, and no service is a hub: things.Booking: DAT-3, one service
7 open
  nothing is lost on the way: reactions.pay-on-held: REL-1, no queue
8 open
  what crosses a context's border is published: events.SeatsHeld: CTX-3, private
`
	if diff := cmp.Diff(want, told(cinema(t).Steps(concerns))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStepsBare is a board on which nearly everything is open.
func TestStepsBare(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "storm.yaml", []byte(`
events: {HoldSeats: {}, SeatHeld: {at: 1}, SeatsHeld: {of: X}}
triggers: {T: {}}
reactions: {r: {when: SeatHeld}}
actors: {U: {}}
things: {X: {}, Y: {}}
contexts: {C: {things: [X], published: [SeatsHeld]}}
services: {s: {}}
spots: {a: {open: true, step: 8}, b: {about: X, open: true}, c: {about: X}}
`))
	want := `1 open
  every event is in the past tense: events.HoldSeats
  every actor causes an event: actors.U
2 open
  every event has its place on the timeline: events.HoldSeats
  every event has its place on the timeline: events.SeatsHeld
  no two events have nearly the same name: events.SeatHeld, events.SeatsHeld
3 open
  every event has a cause: events.HoldSeats
  every event has a cause: events.SeatHeld
  every event has a cause: events.SeatsHeld
  every trigger says who gives the command: triggers.T
  every reaction says when and what: reactions.r
4 open
  every event is a fact about one thing: events.HoldSeats
  every event is a fact about one thing: events.SeatHeld
  every thing has a key: things.X
  every thing has a key: things.Y
  spot b
5 open
  every thing is in a context: things.Y
  every context has a team: contexts.C
6 open
  every thing of every context has a service: contexts.C: X
7 not begun
  the bus has a name and a source: bus
  every arrow goes from a service through the bus to a service: reactions.r: nobody sends SeatHeld
8 not begun
  every published event has a schema: events.SeatsHeld
  every published event has an example: events.SeatsHeld
  spot a
`
	if diff := cmp.Diff(want, told(f.Steps(nil))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStepsEmpty: where nothing is, no step is done.
func TestStepsEmpty(t *testing.T) {
	t.Parallel()
	for _, s := range mustParse(t, "storm.yaml", nil).Steps(nil) {
		if s.Done || s.Begun {
			t.Errorf("step %d of an empty board: %+v", s.Number, s)
		}
	}
}

// checkOf is what a step lacks with a board and concerns.
func checkOf(t *testing.T, step int, text string, concerns ...Concern) string {
	t.Helper()
	return told(mustParse(t, "storm.yaml", []byte(text)).Steps(concerns)[step-1 : step])
}

// TestStepsRules: each rule holds up the step whose check asks for it, and no other.
func TestStepsRules(t *testing.T) {
	t.Parallel()
	for rule, steps := range map[string][]int{
		"ASY-1": {7}, "ASY-2": {7}, "ASY-4": {3}, "DAT-1": {7}, "DAT-2": {6}, "DAT-3": {6}, "CTX-1": {5}, "CTX-2": {6},
		"CTX-3": {8}, "CTX-4": {5}, "REL-1": {7}, "SCH-1": {8}, "DED-1": {3}, "PIN-4": nil, "SCH-3": nil, "ASY-3": nil,
	} {
		var held []int
		for _, step := range cinema(t).Steps([]Concern{{rule, "events.PaymentFailed", "something"}}) {
			if step.Number > 1 && !step.Done { // a hotspot holds up the first
				held = append(held, step.Number)
			}
		}
		if diff := cmp.Diff(steps, held); diff != "" {
			t.Errorf("%s holds up (-want +got):\n%s", rule, diff)
		}
	}
}

// TestStepsFailures: what tells of something bad wants a reader, however it is
// written; what else nobody reads does not.
func TestStepsFailures(t *testing.T) {
	t.Parallel()
	for event, asked := range map[string]bool{
		"PaymentFailed": true, "HoldExpired": true, "OrderRejected": true, "Payment failed": true, "a: b Failed": true,
		"TicketIssued": false, "TicketPrinted": false,
	} {
		got := checkOf(t, 3, "events: {}\n", Concern{"DED-1", "events." + event, "nobody reads it"})
		if strings.Contains(got, "events."+event) != asked {
			t.Errorf("%s is asked for: %v, want %v:\n%s", event, !asked, asked, got)
		}
	}
}

// TestStepsArrows: what has no sender or no receiver cannot cross the bus.
func TestStepsArrows(t *testing.T) {
	t.Parallel()
	const text = `
bus: {name: b, source: "b.{service}"}
events: {Asked: {of: X, by: Ask}, Answered: {of: Y, by: Answer}}
triggers: {Ask: {}, Answer: {from: reaction}, Forget: {from: reaction}}
reactions: {r: {when: Asked, do: Answer}}
things: {X: {}, Y: {}}
contexts: {C: {things: [X, Y]}}
services: {s: {in: C, owns: [X]}, t: {in: C, owns: [Y]}}
`
	for _, tt := range []struct{ from, to, want string }{
		{"", "", "7 done\n"},
		{"owns: [X]", "owns: []", "7 open\n  every arrow goes from a service through the bus to a service: reactions.r: nobody sends Asked\n"},
		{"do: Answer", "do: Forget", "7 open\n  every arrow goes from a service through the bus to a service: reactions.r: nobody receives Asked\n"},
		{"things: {X", "views: {V: {of: X, from: [Answered]}, W: {from: [Answered]}}\nthings: {X", "7 open\n  every arrow goes from a service through the bus to a service: views.W: nobody receives Answered\n"},
	} {
		if diff := cmp.Diff(tt.want, checkOf(t, 7, strings.Replace(text, tt.from, tt.to, 1))); diff != "" {
			t.Errorf("%s instead of %s (-want +got):\n%s", tt.to, tt.from, diff)
		}
	}
}

// TestStepsPublished: a published event has a schema and an example, also while it is
// accepted that others have none; that it has no fields is a schema.
func TestStepsPublished(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		"example: {}":                     "8 not begun\n  every published event has a schema: events.Asked\n",
		"data: {}":                        "8 open\n  every published event has an example: events.Asked\n",
		"data: {}, example: {}":           "8 done\n",
		"schema: asked.json, example: {}": "8 done\n",
	} {
		text := "events: {Asked: {of: X, " + fields + "}}\nthings: {X: {}}\ncontexts: {C: {things: [X], published: [Asked]}}\n"
		if diff := cmp.Diff(want, checkOf(t, 8, text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", fields, diff)
		}
	}
}
