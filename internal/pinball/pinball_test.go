package pinball_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/board"
	"stormbus/internal/pinball"
)

var today = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func parse(t *testing.T, text string) *board.Board {
	t.Helper()
	f, err := board.Parse("storm.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f.Board()
}

func cinema(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../board/testdata/cinema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// list is findings in short, one a line.
func list(r *pinball.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		state := string(f.Severity)
		if f.Ignored != "" {
			state = "ignored"
		}
		fmt.Fprintf(&b, "%s %s %s.%s\n", f.Rule, state, f.Section, f.Item)
	}
	return b.String()
}

// TestCinema holds what the rules must say about the running example: its
// services react to each other in a circle, and that is no finding.
func TestCinema(t *testing.T) {
	t.Parallel()
	r := pinball.Check(parse(t, cinema(t)), pinball.Limits{}, today)
	want := `CTX-3 error events.BookingConfirmed
CTX-3 error events.SeatsHeld
DED-1 warn events.PaymentFailed
REL-1 warn reactions.pay-on-held
DED-1 note events.GuestAdmitted
DED-1 note events.TicketIssued
`
	if diff := cmp.Diff(want, list(r)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	services := []pinball.Score{{"admissions", 0, 1}, {"bookings", 3, 7}, {"payments", 0, 2}, {"showings", 0, 1}}
	if diff := cmp.Diff(services, r.Services); diff != "" {
		t.Errorf("scores of services (-want +got):\n%s", diff)
	}
	contexts := []pinball.Score{{"Box Office", 4, 7}, {"Entrance", 0, 1}, {"Till", 0, 2}}
	if diff := cmp.Diff(contexts, r.Contexts); diff != "" {
		t.Errorf("scores of contexts (-want +got):\n%s", diff)
	}
	if r.Worst() != pinball.Error {
		t.Errorf("the worst is %q", r.Worst())
	}
}

// TestCinemaPublished: with what Box Office publishes, only warnings and notes
// are left. Without a floor, small contexts leak at once.
func TestCinemaPublished(t *testing.T) {
	t.Parallel()
	text := strings.Replace(cinema(t), "things: [Booking, Showing], team: red", "things: [Booking, Showing], published: [BookingConfirmed, SeatsHeld], team: red", 1)
	if r := pinball.Check(parse(t, text), pinball.Limits{}, today); strings.Contains(list(r), "error") {
		t.Errorf("findings:\n%s", list(r))
	}
	r := pinball.Check(parse(t, text), pinball.Limits{Arrows: 1}, today)
	for _, want := range []string{"CTX-1 warn contexts.Entrance", "CTX-1 warn contexts.Till"} {
		if !strings.Contains(list(r), want) || strings.Contains(list(r), "CTX-1 warn contexts.Box Office") {
			t.Errorf("without a floor:\n%s", list(r))
		}
	}
}

// two is the ground of most cases: two contexts with a service each, A and B.
const two = `
things: {X: {key: id}, Y: {key: id}}
contexts: {C: {things: [X]}, D: {things: [Y]}}
services: {a: {in: C, owns: [X]}, b: {in: D, owns: [Y]}}
`

// TestRules has a board on which each rule fires, and a near miss.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ rule, name, fires, silent string }{
		{
			"ASY-1", "a call of another context, and of a system",
			two + "events: {E: {of: X, by: T}}\ntriggers: {T: {calls: b}}\n",
			two + "events: {E: {of: X, by: T}}\ntriggers: {T: {calls: bank}}\nsystems: {bank: {}}\n",
		},
		{
			"ASY-2", "a chain of three, and of two",
			chain("b", "c", ""), chain("b", "", ""),
		},
		{"ASY-2", "a circle of two, and a chain of two", chain("b", "a", ""), chain("", "c", "")},
		{
			"ASY-3", "a question that somebody waits for, and one that nobody waits for",
			question("T: {calls: b}"), question("T: {}"),
		},
		{
			"ASY-4", "an event that causes itself, and one that a condition stops",
			"events: {E: {by: T}}\ntriggers: {T: {}}\nreactions: {r: {when: E, do: T}}\n",
			"events: {E: {by: T}}\ntriggers: {T: {}}\nreactions: {r: {when: E, do: T, match: {detail: {n: [{numeric: [\"<\", 3]}]}}}}\n",
		},
		{
			"PIN-4", "earlier than its cause, and later",
			"events: {E: {at: 20}, F: {at: 20, by: T}}\ntriggers: {T: {}}\nreactions: {r: {when: E, do: T}}\n",
			"events: {E: {at: 20}, F: {at: 30, by: T}}\ntriggers: {T: {}}\nreactions: {r: {when: E, do: T}}\n",
		},
		{
			"DAT-1", "a view of another service, and of its own",
			two + "events: {E: {of: X, by: T}}\ntriggers: {T: {reads: [V]}}\nviews: {V: {of: Y}}\n",
			two + "events: {E: {of: X, by: T}}\ntriggers: {T: {reads: [V]}}\nviews: {V: {of: X}}\n",
		},
		{
			"DAT-2", "owned twice in a context, and once in each of two",
			"things: {X: {}}\ncontexts: {C: {things: [X]}}\nservices: {a: {in: C, owns: [X]}, b: {in: C, owns: [X]}}\n",
			"things: {X: {}}\ncontexts: {C: {things: [X]}, D: {things: [X]}}\nservices: {a: {in: C, owns: [X]}, b: {in: D, owns: [X]}}\n",
		},
		{"DAT-2", "a thing of another context", strings.Replace(two, "owns: [X]", "owns: [Y]", 1), two},
		{
			"DAT-3", "one service for a thing in two contexts, and two",
			"things: {X: {}}\ncontexts: {C: {things: [X]}, D: {things: [X]}}\nservices: {a: {in: C, owns: [X]}}\n",
			"things: {X: {}}\ncontexts: {C: {things: [X]}, D: {things: [X]}}\nservices: {a: {in: C, owns: [X]}, b: {in: D, owns: [X]}}\n",
		},
		{"CTX-1", "four arrows across, and three", across(4), across(3)},
		{"CTX-2", "a sender to seven services, and to six", fan(7), fan(6)},
		{
			"CTX-3", "a private event that is read elsewhere, and a published one",
			reads("private: true", ""), reads("", "published: [E], "),
		},
		{
			"CTX-4", "two teams, and one",
			"contexts: {C: {team: red}}\nservices: {a: {in: C, team: blue}}\n", "contexts: {C: {team: red}}\nservices: {a: {in: C, team: red}}\n",
		},
		{"SCH-1", "no schema, and one", "events: {E: {}}\n", "events: {E: {data: {id: uuid}}}\n"},
		{"SCH-1", "no schema, and one without fields", "events: {E: {}}\n", "events: {E: {data: {}}}\n"},
		{"SCH-3", "a command, and an event", "events: {HoldSeats: {}}\n", "events: {SeatsHeld: {}}\n"},
		{
			"SCH-3", "a copy of the row, and a part of it",
			"events: {XUpdated: {of: X, data: {a: uuid, b: uuid}}, XMade: {of: X, data: {c: uuid}}}\n",
			"events: {XUpdated: {of: X, data: {a: uuid}}, XMade: {of: X, data: {c: uuid}}}\n",
		},
		{"REL-1", "no queue, and one", "reactions: {r: {when: E, do: T}}\n", "reactions: {r: {when: E, do: T, dlq: true}}\n"},
		{
			"REL-1", "no key, and one",
			"events: {E: {of: X, by: T}}\nthings: {X: {}}\nreactions: {r: {do: T, dlq: true}}\n",
			"events: {E: {of: X, by: T}}\nthings: {X: {key: id}}\nreactions: {r: {do: T, dlq: true}}\n",
		},
		{"DED-1", "nobody reads it, and a view does", "events: {E: {}}\n", "events: {E: {}}\nviews: {V: {from: [E]}}\n"},
	} {
		t.Run(tt.rule+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			if got := list(pinball.Check(parse(t, tt.fires), pinball.Limits{}, today)); !strings.Contains(got, tt.rule) {
				t.Errorf("%s is silent on\n%s\nwhich has\n%s", tt.rule, tt.fires, got)
			}
			if got := list(pinball.Check(parse(t, tt.silent), pinball.Limits{}, today)); strings.Contains(got, tt.rule) {
				t.Errorf("%s fires on\n%s\nwhich has\n%s", tt.rule, tt.silent, got)
			}
		})
	}
}

// chain has services a, b and c in one context, of which each calls the named
// one.
func chain(a, b, c string) string {
	var text strings.Builder
	text.WriteString("contexts: {C: {things: [A, B, D]}}\nthings: {A: {}, B: {}, D: {}}\nservices: {a: {in: C, owns: [A]}, b: {in: C, owns: [B]}, c: {in: C, owns: [D]}}\n" +
		"events: {E: {of: A, by: T}, F: {of: B, by: U}, G: {of: D, by: V}}\ntriggers:\n")
	for i, to := range []string{a, b, c} {
		text.WriteString("  " + []string{"T", "U", "V"}[i] + ": {")
		if to != "" {
			text.WriteString("calls: " + to)
		}
		text.WriteString("}\n")
	}
	return text.String()
}

// question is an event of a that b answers.
func question(trigger string) string {
	return two + "events: {E: {of: X, by: T}, F: {of: Y, by: U}, G: {of: X, by: V}}\ntriggers:\n  " + trigger + "\n  U: {}\n  V: {}\n" +
		"reactions: {r: {when: E, do: U}, s: {when: F, do: V}}\n"
}

// across has n arrows from one context to another.
func across(n int) string {
	var text strings.Builder
	text.WriteString(two + "events:\n")
	for i := range n {
		text.WriteString(fmt.Sprintf("  E%d: {of: X}\n", i))
	}
	text.WriteString("views: {V: {of: Y, from: [")
	for i := range n {
		text.WriteString(fmt.Sprintf("E%d, ", i))
	}
	return strings.TrimSuffix(text.String(), ", ") + "]}}\n"
}

// fan has a service that sends to n others.
func fan(n int) string {
	things, contexts, services, views := "X: {}", "X", "x: {in: C, owns: [X]}", ""
	for i := range n {
		things += fmt.Sprintf(", Y%d: {}", i)
		contexts += fmt.Sprintf(", Y%d", i)
		services += fmt.Sprintf(", y%d: {in: C, owns: [Y%d]}", i, i)
		views += fmt.Sprintf("  V%d: {of: Y%d, from: [E]}\n", i, i)
	}
	return "events: {E: {of: X}}\nthings: {" + things + "}\ncontexts: {C: {things: [" + contexts + "]}}\nservices: {" + services + "}\nviews:\n" + views
}

// reads has an event of one context that another one reads.
func reads(event, context string) string {
	return "things: {X: {}, Y: {}, Z: {}}\ncontexts: {C: {" + context + "things: [X, Z]}, D: {things: [Y]}}\n" +
		"services: {a: {in: C, owns: [X]}, b: {in: D, owns: [Y]}, c: {in: C, owns: [Z]}}\n" +
		"events:\n  E: {of: X, " + event + "}\nviews: {V: {of: Y, from: [E]}}\n"
}

// TestIgnore: what somebody accepted is told as ignored until the day is over.
func TestIgnore(t *testing.T) {
	t.Parallel()
	const text = "events: {E: {data: {id: uuid}}, F: {data: {id: uuid}}}\nignores:\n  later: {rule: DED-1, about: E, until: \"2026-11-24\", why: \"the report comes in May\"}\n  old: {rule: DED-1, about: F, until: \"2026-11-23\", why: \"gone\"}\n"
	r := pinball.Check(parse(t, text), pinball.Limits{}, today)
	want := "SCH-3 note events.E\nSCH-3 note events.F\n"
	want = "DED-1 note events.F\n" + want + "DED-1 ignored events.E\n"
	if diff := cmp.Diff(want, list(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f := r.Findings[len(r.Findings)-1]; f.Ignored != "the report comes in May" || f.Until != "2026-11-24" {
		t.Errorf("ignored finding %+v", f)
	}
}

// TestEmpty: nothing is found where nothing is.
func TestEmpty(t *testing.T) {
	t.Parallel()
	if r := pinball.Check(parse(t, ""), pinball.Limits{}, today); len(r.Findings) > 0 || r.Worst() != "" {
		t.Errorf("findings:\n%s", list(r))
	}
}

// TestDense: a board that calls everything from everywhere is judged quickly.
func TestDense(t *testing.T) {
	t.Parallel()
	const n = 40
	var text strings.Builder
	text.WriteString("contexts: {C: {things: [")
	things, services, events, triggers := "things:\n", "services:\n", "events:\n", "triggers:\n"
	for i := range n {
		text.WriteString(fmt.Sprintf("X%d, ", i))
		things += fmt.Sprintf("  X%d: {}\n", i)
		services += fmt.Sprintf("  s%d: {in: C, owns: [X%d]}\n", i, i)
		for j := range n {
			if j > i { // no circle, and very many chains
				events += fmt.Sprintf("  E%dt%d: {of: X%d, by: T%dt%d}\n", i, j, i, i, j)
				triggers += fmt.Sprintf("  T%dt%d: {calls: s%d}\n", i, j, j)
			}
		}
	}
	r := pinball.Check(parse(t, strings.TrimSuffix(text.String(), ", ")+"]}}\n"+things+services+events+triggers), pinball.Limits{}, today)
	if !strings.Contains(list(r), "ASY-2 error services.s0") {
		t.Errorf("the chain of %d services is not found", n)
	}
}
