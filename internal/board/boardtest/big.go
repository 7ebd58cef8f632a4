// Package boardtest makes boards for tests and benchmarks.
package boardtest

import (
	"fmt"
	"strings"
)

// perContext is how many services share a context of a big board.
const perContext = 4

var (
	nouns = []string{"Order", "Invoice", "Parcel", "Ticket", "Basket", "Customer", "Warehouse", "Refund", "Voucher", "Contract", "Journey", "Lecture"}
	verbs = []string{"Opened", "Confirmed", "Priced", "Shipped", "Archived", "Measured", "Inspected", "Reopened", "Translated", "Weighed"}
	types = []string{"uuid", "money", `"[string]"`, "datetime", "integer", `"card|voucher"`, "{type: email, pii: true}", "{street: string, \"floor?\": integer}", "number", "boolean"}
	// values are one value of each type.
	values = []string{`"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`, "{amount: 9.5, currency: EUR}", "[A1]", `"2025-01-14T19:30:00Z"`, "3", "card", `"ada@example.com"`, "{street: Main}", "1.5", "true"}
	forms  = []string{"dataclass", "pydantic", "typeddict"}
)

// Big returns a board of a whole company: so many services, each with a thing of
// its own, and so many events, that are spread over the things. The first event of
// each thing is caused by a person, the others by reactions: to the event before, or,
// once for each thing, to the last event of the service before. A view of each
// service reads all its events. The board is consistent, all its steps are done, and
// pinball finds nothing. The same numbers give the same text.
func Big(events, services int) []byte {
	c := company{events: events, services: services}
	var b strings.Builder
	b.WriteString("storm: 1\nname: company\nbus: {name: company, source: \"company.{service}\", carry: [correlation_id, causation_id]}\n")
	for _, section := range []struct {
		name  string
		write func(*strings.Builder)
	}{
		{"events", c.writeEvents},
		{"triggers", c.writeTriggers},
		{"reactions", c.writeReactions},
		{"views", c.writeViews},
		{"actors", func(b *strings.Builder) { b.WriteString("  Clerk: {auth: cognito}\n") }},
		{"things", c.writeThings},
		{"contexts", c.writeContexts},
		{"services", c.writeServices},
	} {
		b.WriteString("\n" + section.name + ":\n")
		section.write(&b)
	}
	return []byte(b.String())
}

type company struct{ events, services int }

// eventsOf is how many events the i-th thing has.
func (c company) eventsOf(i int) int {
	n := c.events / c.services
	if i < c.events%c.services {
		n++
	}
	return n
}

func numbered(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s%d", names[i%len(names)], i/len(names)+1)
}

func thing(i int) string         { return numbered(nouns, i) }
func event(i, k int) string      { return thing(i) + numbered(verbs, k) }
func trigger(i, k int) string    { return fmt.Sprintf("Do%s%d", thing(i), k) }
func service(i int) string       { return strings.ToLower(thing(i)) + "-desk" }
func context(i int) string       { return fmt.Sprintf("Area %d", i/perContext) }
func (c company) last(i int) int { return c.eventsOf(i) - 1 }

// crosses reports whether the second event of the i-th thing is caused by the
// service before.
func (c company) crosses(i int) bool { return i > 0 && c.eventsOf(i) > 1 && c.eventsOf(i-1) > 0 }

// each calls fn for every event.
func (c company) each(fn func(i, k int)) {
	for i := range c.services {
		for k := range c.eventsOf(i) {
			fn(i, k)
		}
	}
}

func (c company) writeEvents(b *strings.Builder) {
	at := 0
	c.each(func(i, k int) {
		at += 10
		key := strings.ToLower(thing(i)) + "_id"
		fmt.Fprintf(b, "  %s:\n    at: %d\n    by: %s\n    of: %s\n    v: 1\n    data:\n      %s: uuid\n", event(i, k), at, trigger(i, k), thing(i), key)
		var example strings.Builder
		for f := range 4 + k%3 {
			optional := ""
			if f == 3 {
				optional = "?"
			}
			fmt.Fprintf(b, "      \"field_%d%s\": %s\n", f, optional, types[(i+k+f)%len(types)])
			fmt.Fprintf(&example, ", field_%d: %s", f, values[(i+k+f)%len(types)])
		}
		fmt.Fprintf(b, "    example: {%s: \"00000000-0000-4000-8000-%012d\"%s}\n", key, at, example.String())
	})
}

func (c company) writeTriggers(b *strings.Builder) {
	c.each(func(i, k int) {
		if k == 0 {
			fmt.Fprintf(b, "  %s: {from: Clerk, http: \"POST /%s\", reads: [%sList]}\n", trigger(i, k), service(i), thing(i))
			return
		}
		fmt.Fprintf(b, "  %s: {from: reaction}\n", trigger(i, k))
	})
}

func (c company) writeReactions(b *strings.Builder) {
	c.each(func(i, k int) {
		cause := ""
		switch {
		case k == 0:
			return
		case k == 1 && c.crosses(i):
			cause = event(i-1, c.last(i-1))
		default:
			cause = event(i, k-1)
		}
		fmt.Fprintf(b, "  %s-%d: {when: %s, do: %s, retry: {attempts: 10, age: 1h}, dlq: true}\n", service(i), k, cause, trigger(i, k))
	})
}

func (c company) writeViews(b *strings.Builder) {
	for i := range c.services {
		names := make([]string, c.eventsOf(i))
		for k := range names {
			names[k] = event(i, k)
		}
		fmt.Fprintf(b, "  %sList: {of: %s, from: [%s]}\n", thing(i), thing(i), strings.Join(names, ", "))
	}
}

func (c company) writeThings(b *strings.Builder) {
	for i := range c.services {
		fmt.Fprintf(b, "  %s: {kind: aggregate, key: %s_id}\n", thing(i), strings.ToLower(thing(i)))
	}
}

func (c company) writeContexts(b *strings.Builder) {
	for first := 0; first < c.services; first += perContext {
		var things, published []string
		for i := first; i < min(first+perContext, c.services); i++ {
			things = append(things, thing(i))
			if i+1 < c.services && c.crosses(i+1) {
				published = append(published, event(i, c.last(i)))
			}
		}
		fmt.Fprintf(b, "  %s: {things: [%s], team: team%d, published: [%s]}\n", context(first), strings.Join(things, ", "), first/perContext, strings.Join(published, ", "))
	}
}

func (c company) writeServices(b *strings.Builder) {
	for i := range c.services {
		fmt.Fprintf(b, "  %s: {in: %s, owns: [%s], store: dynamodb, runtime: python3.13, models: %s}\n", service(i), context(i), thing(i), forms[i%len(forms)])
	}
}
