package plan_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"stormbus/internal/board/boardtest"
	"stormbus/internal/plan"
)

// TestDiff holds what is told about two plans that differ.
func TestDiff(t *testing.T) {
	t.Parallel()
	old := of(t, cinema(t))
	for _, tt := range []struct {
		name, from, to string
		want           []string
	}{
		{"another runtime", "owns: [Payment], store: dynamodb, runtime: python3.13", "owns: [Payment], store: dynamodb, runtime: python3.14", []string{
			"update function cinema-payments-capture-payment [runtime]",
		}},
		{"another field", "booking_id: uuid, reason: string", "booking_id: uuid, reason: string, code: integer", []string{
			"update schema cinema.payments@PaymentFailed [detail]",
		}},
		{"no dead letters", "do: IssueTicket, dlq: true", "do: IssueTicket", []string{
			"delete queue cinema-admissions-issue-ticket-dlq []",
			"update function cinema-admissions-issue-ticket [deadLetters]",
			"update rule ticket-on-confirmed [deadLetters]",
		}},
		{"another bus", "bus: {name: cinema,", "bus: {name: lobby,", []string{
			"delete bus cinema []", "create bus lobby []",
			"update function cinema-admissions-issue-ticket [environment]",
			"update function cinema-admissions-scan-ticket [environment]",
			"update function cinema-bookings-confirm-booking [environment]",
			"update function cinema-bookings-expire-holds [environment]",
			"update function cinema-bookings-hold-seats [environment]",
			"update function cinema-bookings-view-seat-map [environment]",
			"update function cinema-payments-capture-payment [environment]",
			"update function cinema-showings-schedule-showing [environment]",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(cinema(t), tt.from, tt.to, 1)
			if text == cinema(t) {
				t.Fatal("nothing was replaced")
			}
			var got []string
			for _, c := range plan.Diff(old, of(t, text)) {
				got = append(got, fmt.Sprintf("%s %s %s %v", c.Action, c.Kind, c.Name, c.Fields))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDiffWithNothing: all is created, all is deleted, nothing is to do.
func TestDiffWithNothing(t *testing.T) {
	t.Parallel()
	p := of(t, cinema(t))
	for _, tt := range []struct {
		from, to *plan.Plan
		action   plan.Action
		want     int
	}{{nil, p, plan.Create, 35}, {p, nil, plan.Delete, 35}, {p, p, "", 0}, {nil, nil, "", 0}} {
		changes := plan.Diff(tt.from, tt.to)
		if len(changes) != tt.want {
			t.Errorf("%d changes, want %d: %v", len(changes), tt.want, changes)
		}
		for _, c := range changes {
			if c.Action != tt.action {
				t.Errorf("%s %s %s, want %s", c.Action, c.Kind, c.Name, tt.action)
			}
		}
	}
}

// TestOrderDoesNotMatter: the same board in other orders gives the same plan,
// byte for byte.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"cinema": cinema(t), "big": string(boardtest.Big(60, 9))} {
		want := asJSON(t, of(t, text))
		for seed := range uint64(10) {
			var document yaml.Node
			if err := yaml.Unmarshal([]byte(text), &document); err != nil {
				t.Fatal(err)
			}
			shuffle(document.Content[0], 0, rand.New(rand.NewPCG(seed, 1)))
			mixed, err := yaml.Marshal(&document)
			if err != nil {
				t.Fatal(err)
			}
			p := of(t, string(mixed))
			if got := asJSON(t, p); !bytes.Equal(got, want) {
				t.Fatalf("%s, seed %d: another plan:\n%s", name, seed, cmp.Diff(string(want), string(got)))
			}
			if changes := plan.Diff(p, of(t, text)); len(changes) > 0 {
				t.Errorf("%s, seed %d: %v", name, seed, changes)
			}
		}
	}
}

// shuffle mixes the sections and items of a board, and lists of names. The order
// of an event's fields of data says something.
func shuffle(n *yaml.Node, depth int, random *rand.Rand) {
	switch {
	case depth > 3:
	case n.Kind == yaml.MappingNode:
		random.Shuffle(len(n.Content)/2, func(i, j int) {
			n.Content[2*i], n.Content[2*j] = n.Content[2*j], n.Content[2*i]
			n.Content[2*i+1], n.Content[2*j+1] = n.Content[2*j+1], n.Content[2*i+1]
		})
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch n.Content[i].Value {
			case "data", "match", "carry":
			default:
				shuffle(n.Content[i+1], depth+1, random)
			}
		}
	case n.Kind == yaml.SequenceNode:
		random.Shuffle(len(n.Content), func(i, j int) { n.Content[i], n.Content[j] = n.Content[j], n.Content[i] })
	}
}

// TestBig: a board of a whole company has a plan without anything missing.
func TestBig(t *testing.T) {
	t.Parallel()
	p, err := plan.Of(parse(t, string(boardtest.Big(1000, 200))), os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Missing) > 0 || len(p.Functions) != 1200 || len(p.Schemas) != 1000 {
		t.Errorf("%d functions, %d schemas, missing: %v", len(p.Functions), len(p.Schemas), p.Missing)
	}
}
