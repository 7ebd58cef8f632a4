package plan_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/board"
	"stormbus/internal/plan"
)

// TestResolved holds who sends and who reacts on the running example.
func TestResolved(t *testing.T) {
	t.Parallel()
	p := of(t, cinema(t))
	producer := map[string]string{}
	for _, s := range p.Schemas {
		producer[s.Event] = s.Service
	}
	want := map[string]string{
		"BookingConfirmed": "bookings", "HoldExpired": "bookings", "SeatsHeld": "bookings", "GuestAdmitted": "admissions",
		"TicketIssued": "admissions", "PaymentCaptured": "payments", "PaymentFailed": "payments", "ShowingScheduled": "showings",
	}
	if diff := cmp.Diff(want, producer); diff != "" {
		t.Errorf("producers (-want +got):\n%s", diff)
	}
	consumer := map[string]string{}
	for _, r := range p.Rules {
		consumer[r.Name] = r.Service
	}
	want = map[string]string{"booking-on-paid": "bookings", "pay-on-held": "payments", "ticket-on-confirmed": "admissions", "view-seat-map": "bookings"}
	if diff := cmp.Diff(want, consumer); diff != "" {
		t.Errorf("consumers (-want +got):\n%s", diff)
	}
}

// ground is a board with two services, a and b; b reacts to E of a with F.
const ground = `
name: n
bus: {name: n, source: "n.{service}", carry: [correlation_id]}
events: {E: {by: DoE, of: X, %s}, F: {by: DoF, of: Y}}
triggers: {DoE: {%s}, DoF: {%s}}
reactions: {r: {when: E, do: DoF, %s}}
things: {X: {key: id}, Y: {key: id}}
contexts: {C: {things: [X]}, D: {things: [Y]}}
services: {a: {in: C, owns: [X]}, b: {in: D, owns: [Y]}}
`

func groundWith(event, triggerE, triggerF, reaction string) string {
	return fmt.Sprintf(ground, event, triggerE, triggerF, reaction)
}

// TestProblems holds what cannot be planned, and what is said about it.
func TestProblems(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 50)
	for _, tt := range []struct{ name, text, want string }{
		{"no name", "events: {E: {}}\n", `name: the board has no name, and all names begin with it; write "name: cinema" at its top`},
		{
			"a bus whose name is too long", "name: " + strings.Repeat("n", 257) + "\n",
			"bus: the bus would be named " + strings.Repeat("n", 257) + ", which has 257 characters of at most 256; give it, its service or the board a shorter name",
		},
		{
			"a reaction and a route", groundWith("", "", `http: "POST /f"`, ""),
			"triggers.DoF: it is pulled by the reaction r and by the route POST /f, which give it different inputs; give each a trigger of its own",
		},
		{
			"a reaction and a person", groundWith("", "", "from: Ann", ""),
			"triggers.DoF: it is pulled by the reaction r and by Ann, which give it different inputs; give each a trigger of its own",
		},
		{
			"a person and a schedule", groundWith("", `http: "POST /f", every: rate(1 minute)`, "", ""),
			"triggers.DoE: it is pulled by the route POST /f and by a schedule, which give it different inputs; give each a trigger of its own",
		},
		{
			"another source", groundWith("", "", "", "match: {source: [n.c]}"),
			"reactions.r: match has a source of its own, and the event has n.a; remove it from match: the rule asks for it already",
		},
		{
			"another detail-type", groundWith("", "", "", "match: {detail-type: [{prefix: E}]}"),
			"reactions.r: match has a detail-type of its own, and the event has E; remove it from match: the rule asks for it already",
		},
		{
			"no pattern", groundWith("", "", "", "match: {detail: {n: [{numeric: [\"=\"]}]}}"),
			"reactions.r: EventBridge would refuse the pattern: Value of equals must be numeric; see docs/patterns.md for what a pattern may say",
		},
		{
			"a date", groundWith("", "", "", "match: {detail: {day: [2025-01-14]}}"),
			"reactions.r: match.detail: 2025-01-14 00:00:00 +0000 UTC is read as something else than text, number or truth; write it as in JSON, texts in quotes",
		},
		{
			"a pattern that is too long", groundWith("", "", "", "match: {detail: {n: ["+strings.Repeat("a-long-word, ", 200)+"b]}}"),
			"reactions.r: EventBridge would refuse the pattern: Event pattern is longer than 2048 characters; see docs/patterns.md for what a pattern may say",
		},
		{
			"a name that is too long", "name: n\nevents: {E: {by: " + long + ", of: X}}\ntriggers: {" + long + ": {http: \"GET /\"}}\nthings: {X: {key: id}}\ncontexts: {C: {things: [X]}}\nservices: {a-long-service: {in: C, owns: [X]}}\n",
			"triggers." + long + ": the function would be named n-a-long-service-" + long + ", which has 67 characters of at most 64; give it, its service or the board a shorter name",
		},
		{
			"a carried field", groundWith("data: {correlation_id: uuid}", "", "", ""),
			"events.E: its data has the field correlation_id, which the bus carries; give one of them another name (bus.carry)",
		},
		{
			"a schema that is not there", groundWith("schema: nowhere.json", "", "", ""),
			"events.E: its schema cannot be read: there is no nowhere.json; mend the schema",
		},
		{
			"a schema of a text", groundWith("schema: testdata/text.json", "", "", ""),
			"events.E: testdata/text.json is the schema of something that is no object, and the data of an event is one; mend the schema",
		},
		{
			"a rule named as a view's", strings.Replace(groundWith("", "", "", ""), "r: {", "view-v: {", 1) + "views: {V: {of: X, from: [E]}}\n",
			"reactions.view-v, views.V: both would be the rule view-v; change one of them",
		},
		{
			"a view named as a trigger", `
name: n
events: {E: {by: View V, of: X}}
triggers: {View V: {http: "GET /"}}
views: {V: {of: X, from: [E]}}
things: {X: {key: id}}
contexts: {C: {things: [X]}}
services: {a: {in: C, owns: [X]}}
`, "triggers.View V, views.V: both would be the function n-a-view-v; change one of them",
		},
		{
			"services and triggers that join to one name", `
name: n
events: {E: {by: b C, of: X}, F: {by: C, of: Y}}
triggers: {b C: {http: "GET /"}, C: {http: "GET /"}}
things: {X: {key: id}, Y: {key: id}}
contexts: {K: {things: [X, Y]}}
services: {a: {in: K, owns: [X]}, a-b: {in: K, owns: [Y]}}
`, "triggers.C, triggers.b C: both would be the function n-a-b-c; change one of them",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := plan.Of(parse(t, tt.text), func(path string) ([]byte, error) {
				if path == "nowhere.json" {
					return nil, errors.New("there is no nowhere.json")
				}
				return os.ReadFile(path)
			})
			problems, ok := errors.AsType[plan.Problems](err)
			if !ok || p != nil {
				t.Fatalf("Of = %v, %v; want problems", p, err)
			}
			if problems.Error() != tt.want {
				t.Errorf("problems:\n%v\nwant:\n%s", problems, tt.want)
			}
		})
	}
}

// TestTwoRoutes: a route leads to one function.
func TestTwoRoutes(t *testing.T) {
	t.Parallel()
	text := strings.Replace(groundWith("", `http: "POST /f"`, `http: "POST /f"`, ""), "reactions: {r: {when: E, do: DoF, }}\n", "", 1)
	_, err := plan.Of(parse(t, text), os.ReadFile)
	want := "triggers.DoE, triggers.DoF: both would be the route POST /f; change one of them"
	if err == nil || err.Error() != want {
		t.Errorf("Of = %v, want %s", err, want)
	}
}

// TestWildcards: AWS takes 30 rules with wildcards on a bus.
func TestWildcards(t *testing.T) {
	t.Parallel()
	var more strings.Builder
	for i := range 31 {
		fmt.Fprintf(&more, "w%d: {when: E, do: DoF, match: {detail: {n: [{wildcard: \"a*\"}]}}}, ", 10+i)
	}
	text := strings.Replace(groundWith("", "", "", ""), "reactions: {", "reactions: {"+more.String(), 1)
	_, err := plan.Of(parse(t, text), os.ReadFile)
	want := "reactions.w40: 31 rules have wildcards, and a bus takes 30; use prefix and suffix where they do"
	if err == nil || err.Error() != want {
		t.Errorf("Of = %v, want %s", err, want)
	}
	of(t, strings.Replace(text, "w40: {when: E, do: DoF, match: {detail: {n: [{wildcard: \"a*\"}]}}}, ", "", 1))
}

// TestPattern holds what the pattern of a rule is made of.
func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"plain", groundWith("", "", "", ""), `{"detail-type":["E"],"source":["n.a"]}`},
		{"a former name of the event", groundWith("was: Old", "", "", ""), `{"detail-type":["E","Old"],"source":["n.a"]}`},
		{
			"a former name of the service", strings.Replace(groundWith("", "", "", ""), "a: {in: C", "a: {was: OldA, in: C", 1),
			`{"detail-type":["E"],"source":["n.a","n.old-a"]}`,
		},
		{
			"a match that narrows", groundWith("was: Old", "", "", "match: {detail-type: [E], detail: {a: [\"<&>\", null, 1.5, true]}}"),
			`{"detail":{"a":["<&>",null,1.5,true]},"detail-type":["E"],"source":["n.a"]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := of(t, tt.text).Rules[0].PatternText(); got != tt.want {
				t.Errorf("pattern = %s, want %s", got, tt.want)
			}
		})
	}
}

// TestRetry holds what becomes of retries: on the rule as they are, on the
// function the most of all reactions, as far as Lambda goes.
func TestRetry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, first, second, want string }{
		{"nothing is said", "", "", "retries default, age 0s, dlq \"\""},
		{"more than Lambda does", "retry: {attempts: 10, age: 24h}", "retry: {attempts: 0, age: 1m}", "retries 2, age 6h0m0s, dlq \"\""},
		{"none at all", "retry: {attempts: 0, age: 1m}", "retry: {attempts: 0, age: 1m}", "retries 0, age 1m0s, dlq \"\""},
		{"one says nothing", "retry: {attempts: 0, age: 1m}", "", "retries default, age 0s, dlq \"\""},
		{"one says nothing of the age", "retry: {attempts: 1}", "retry: {attempts: 0, age: 1m}", "retries 1, age 0s, dlq \"\""},
		{"one wants dead letters", "", "dlq: true", "retries default, age 0s, dlq \"n-b-do-f-dlq\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(groundWith("", "", "", tt.first), "reactions: {", "reactions: {q: {when: E, do: DoF, "+tt.second+"}, ", 1)
			for _, f := range of(t, text).Functions {
				retries := "default"
				if f.Retries != nil {
					retries = fmt.Sprint(*f.Retries)
				}
				got := fmt.Sprintf("retries %s, age %v, dlq %q", retries, f.MaxAge, f.DeadLetters)
				if f.Trigger == "DoF" && got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
			}
		})
	}
}

// TestModule: modules are identifiers of Python.
func TestModule(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ConfirmBooking": "confirm_booking", "class": "class_", "Import": "import_", "3D Shown": "_3_d_shown",
		"Über-Fahrt": "ber_fahrt", "None": "none", "pay/now": "pay_now", "HTTPServer": "http_server",
	} {
		if got := plan.Module(name); got != want {
			t.Errorf("Module(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestAwkwardNames: names of all sorts give names that AWS takes.
func TestAwkwardNames(t *testing.T) {
	t.Parallel()
	p := of(t, `
name: n
events: {"Größe geändert (v2)": {by: class, of: "X's", data: {id: uuid}}}
triggers: {class: {http: "GET /"}}
views: {3D: {of: "X's", from: ["Größe geändert (v2)"]}}
things: {"X's": {key: id}}
contexts: {"C & D": {things: ["X's"]}}
services: {Box Office: {in: "C & D", owns: ["X's"], store: dynamodb}}
`)
	var got []string
	for _, f := range p.Functions {
		got = append(got, f.Name+" "+f.Handler()+" "+f.Folder)
	}
	got = append(got, p.Rules[0].Name+" "+p.Rules[0].PatternText(), p.Tables[0].Name, p.Schemas[0].Name)
	want := []string{
		"n-box-office-class handlers.class_.handler services/box-office",
		"n-box-office-view-3-d handlers.view_3_d.handler services/box-office",
		`view-3-d {"detail-type":["Größe geändert (v2)"],"source":["box-office"]}`,
		"n-box-office-xs", "box-office@GrEGeNdertV2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBoardWithoutFile: a board that was made in Go is planned, too.
func TestBoardWithoutFile(t *testing.T) {
	t.Parallel()
	p, err := plan.Of(&board.Board{Name: "n", Events: map[string]*board.Event{"E": {By: "T", Of: "X"}}}, nil)
	if err != nil || len(p.Missing) != 1 {
		t.Errorf("Of = %+v, %v", p, err)
	}
}
