package board

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func cinema(t *testing.T) *File {
	t.Helper()
	text, err := os.ReadFile("testdata/cinema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, "storm.yaml", text)
}

// TestResolve holds what follows from the cinema.
func TestResolve(t *testing.T) {
	t.Parallel()
	b := cinema(t).Board()
	producers := map[string]string{}
	for event := range b.Events {
		producers[event] = b.Producer(event)
	}
	want := map[string]string{
		"BookingConfirmed": "bookings", "HoldExpired": "bookings", "SeatsHeld": "bookings",
		"GuestAdmitted": "admissions", "TicketIssued": "admissions",
		"PaymentCaptured": "payments", "PaymentFailed": "payments",
		"ShowingScheduled": "showings",
	}
	if diff := cmp.Diff(want, producers); diff != "" {
		t.Errorf("producers (-want +got):\n%s", diff)
	}
	arrows := []Arrow{
		{Event: "PaymentCaptured", From: "payments", To: "bookings", Reaction: "booking-on-paid"},
		{Event: "SeatsHeld", From: "bookings", To: "payments", Reaction: "pay-on-held"},
		{Event: "BookingConfirmed", From: "bookings", To: "admissions", Reaction: "ticket-on-confirmed"},
		{Event: "BookingConfirmed", From: "bookings", To: "bookings", View: "SeatMap"},
		{Event: "HoldExpired", From: "bookings", To: "bookings", View: "SeatMap"},
		{Event: "SeatsHeld", From: "bookings", To: "bookings", View: "SeatMap"},
		{Event: "ShowingScheduled", From: "showings", To: "bookings", View: "SeatMap"},
	}
	if diff := cmp.Diff(arrows, b.Arrows()); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
	timeline := []string{"ShowingScheduled", "SeatsHeld", "HoldExpired", "PaymentCaptured", "PaymentFailed", "BookingConfirmed", "TicketIssued", "GuestAdmitted"}
	if diff := cmp.Diff(timeline, b.Timeline()); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
	if got := b.Source("bookings"); got != "cinema.bookings" {
		t.Errorf("source %q", got)
	}
}

// TestResolveUnfinished: what is not known yet is "".
func TestResolveUnfinished(t *testing.T) {
	t.Parallel()
	b := mustParse(t, "storm.yaml", []byte("events:\n  A: {}\n  B: {by: T, of: X}\ntriggers: {T: {}}\nthings: {X: {}}\nreactions:\n  r: {when: A, do: T}\n  s: {}\n")).Board()
	for name, got := range map[string]string{
		"producer without a thing": b.Producer("A"), "producer without a context": b.Producer("B"), "no event": b.Producer("C"),
		"handler": b.Handler("T"), "consumer": b.Consumer("r"), "no reaction": b.Consumer("q"), "view": b.ViewOwner("v"),
	} {
		if got != "" {
			t.Errorf("%s: %q, want nothing", name, got)
		}
	}
	if diff := cmp.Diff([]Arrow{{Event: "A", Reaction: "r"}}, b.Arrows()); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if problems := cinema(t).Check(); len(problems) > 0 {
		t.Errorf("the cinema:\n%v", problems)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"unknown, near", "events:\n  A: {of: Bokking}\nthings: {Booking: {}}\n", "storm.yaml:2:11: events.A.of: things has no \"Bokking\"; did you mean \"Booking\"?"},
		{"unknown, nothing near", "events:\n  A: {by: Pay}\n", "storm.yaml:2:11: events.A.by: triggers has no \"Pay\"; add it to triggers"},
		{"in a list", "views:\n  V: {from: [A, B]}\nevents: {A: {}}\n", "storm.yaml:2:17: views.V.from: events has no \"B\"; did you mean \"A\"?"},
		{"cause", "triggers:\n  T: {from: Nobody}\n", "storm.yaml:2:13: triggers.T.from: actors or systems has no \"Nobody\"; add it to actors or systems"},
		{"reaction without one", "triggers:\n  T: {from: reaction}\n", "storm.yaml:2:3: triggers.T: it comes from a reaction, but no reaction pulls it; add a reaction with do: T"},
		{"pulled", "triggers:\n  T: {from: U}\nactors: {U: {}}\nevents: {A: {}}\nreactions:\n  r: {when: A, do: T}\n", "storm.yaml:2:3: triggers.T: a reaction pulls it, but it comes from \"U\"; write from: reaction, or give the reaction a trigger of its own"},
		{"schedule", "triggers:\n  T: {from: schedule}\n  U: {every: rate(1 minute)}\n", "storm.yaml:2:3: triggers.T: it comes from a schedule, but there is none; add every: rate(…) or cron(…)\nstorm.yaml:3:3: triggers.U: it has a schedule, but does not come from one; write from: schedule, or remove every"},
		{"two contexts", "events:\n  A: {of: X}\nthings: {X: {}}\ncontexts: {C: {things: [X]}, D: {things: [X]}}\n", "storm.yaml:2:3: events.A: \"X\" is in several contexts: C, D; say with in which one is meant"},
		{"wrong context", "events:\n  A: {of: X, in: D}\nthings: {X: {}}\ncontexts: {C: {things: [X]}, D: {}}\n", "storm.yaml:2:18: events.A.in: the context \"D\" has no thing \"X\"; add it to the context's things"},
		{"data and schema", "events:\n  A: {data: {id: uuid}, schema: a.json}\n", "storm.yaml:2:3: events.A: it has both data and schema; remove one of them"},
		{"published elsewhere", "events:\n  A: {of: X, private: true}\nthings: {X: {}}\ncontexts: {C: {things: [X]}, D: {published: [A]}}\n", "storm.yaml:4:46: contexts.D.published: \"A\" is an event of \"C\"; publish it there\nstorm.yaml:4:46: contexts.D.published: \"A\" is private; remove private, or do not publish it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := mustParse(t, "storm.yaml", []byte(tt.text)).Check()
			if got.Error() != tt.want {
				t.Errorf("Check:\n%v\nwant\n%s", got, tt.want)
			}
		})
	}
}
