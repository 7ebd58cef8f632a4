package patterntest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Mix names a kind of rule set.
type Mix byte

// The rule sets of the benchmarks. A is what rule sets look like: a source, one
// or two detail types and, for four of five rules, a tenant and one more field.
// B names a source and a detail type only; C names a unique id too, and D
// nothing but that.
const (
	MixA Mix = 'A'
	MixB Mix = 'B'
	MixC Mix = 'C'
	MixD Mix = 'D'
)

// What rules and events name.
const (
	sources     = 20
	detailTypes = 200
	tenants     = 1000
)

// maker makes the parts of rules and events.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, seed))} }

func (m maker) source() string     { return fmt.Sprintf("com.acme.service%02d", m.IntN(sources)) }
func (m maker) detailType() string { return fmt.Sprintf("Order Event %03d", m.IntN(detailTypes)) }
func (m maker) tenant() string     { return fmt.Sprintf("tenant-%04d", m.IntN(tenants)) }
func (m maker) id() string         { return fmt.Sprintf("%016x", m.Uint64()) }

func (m maker) oneOf(texts ...string) string { return texts[m.IntN(len(texts))] }

// Rules returns n patterns.
func (x Mix) Rules(n int, seed uint64) []string {
	m := newMaker(seed)
	rules := make([]string, n)
	for i := range rules {
		switch x {
		case MixA:
			rules[i] = m.realistic()
		case MixB:
			rules[i] = fmt.Sprintf(`{"source":[%q],"detail-type":[%q]}`, m.source(), m.detailType())
		case MixC:
			rules[i] = fmt.Sprintf(`{"source":[%q],"detail-type":[%q],"detail":{"orderId":[%q]}}`, m.source(), m.detailType(), m.id())
		default:
			rules[i] = fmt.Sprintf(`{"detail":{"orderId":[%q]}}`, m.id())
		}
	}
	return rules
}

func (m maker) realistic() string {
	rule := fmt.Sprintf(`{"source":[%q],"detail-type":[%q`, m.source(), m.detailType())
	if m.IntN(2) == 0 {
		rule += fmt.Sprintf(",%q", m.detailType())
	}
	rule += "]"
	if m.IntN(5) == 0 {
		return rule + "}"
	}
	more := m.oneOf(
		`"status":["PAID","SHIPPED"]`,
		`"status":[{"anything-but":["NEW","CANCELLED"]}]`,
		fmt.Sprintf(`"customer":{"email":[{"prefix":"user%d"}]}`, m.IntN(10)),
		fmt.Sprintf(`"customer":{"tier":[{"equals-ignore-case":%q}]}`, m.oneOf("GOLD", "silver", "Bronze")),
		`"customer":{"vat":[{"exists":false}]}`,
		fmt.Sprintf(`"items":{"sku":["SKU-%03d"]}`, m.IntN(500)),
	)
	return rule + fmt.Sprintf(`,"detail":{"tenantId":[%q],%s}}`, m.tenant(), more)
}

// Event is an event in parts. The envelope's other fields are the same for all.
type Event struct {
	ID, Source, DetailType, Detail string
}

// The fields of the envelope that all events share.
const (
	Account = "123456789012"
	Region  = "eu-west-1"
	Time    = "2026-11-24T10:00:00Z"
)

// Whole returns the event as one JSON object.
func (e *Event) Whole() string {
	return fmt.Sprintf(`{"version":"0","id":%q,"detail-type":%q,"source":%q,"account":%q,"time":%q,"region":%q,`+
		`"resources":[],"detail":%s}`, e.ID, e.DetailType, e.Source, Account, Time, Region, e.Detail)
}

// Events returns n events of about a kilobyte each.
func Events(n int, seed uint64) []Event {
	m := newMaker(seed)
	events := make([]Event, n)
	for i := range events {
		events[i] = Event{
			ID:         fmt.Sprintf("17793124-05d4-b198-2fde-%012x", m.Uint64()>>16),
			Source:     m.source(),
			DetailType: m.detailType(),
			Detail:     m.detail(),
		}
	}
	return events
}

func (m maker) detail() string {
	items := make([]string, 3)
	for i := range items {
		items[i] = fmt.Sprintf(`{"sku":"SKU-%03d","quantity":%d,"price":%d.%02d,"name":"Thing number %d"}`,
			m.IntN(500), 1+m.IntN(9), m.IntN(200), m.IntN(100), m.IntN(1000))
	}
	return fmt.Sprintf(`{"metadata":{"correlationId":%q,"causationId":%q,"version":"1.4","producer":"checkout"},`+
		`"orderId":%q,"tenantId":%q,"status":%q,`+
		`"customer":{"id":"c-%06d","email":"user%d@example.com","tier":%q,`+
		`"address":{"street":"Main Street %d","city":"Springfield","zip":"%05d","country":"DE"}},`+
		`"items":[%s],"tags":["web","priority","b2c"],"total":%d.%02d,"currency":"EUR","express":%t,"note":null}`,
		m.id(), m.id(), m.id(), m.tenant(), m.oneOf("NEW", "PAID", "SHIPPED", "CANCELLED"),
		m.IntN(1000000), m.IntN(1000), m.oneOf("gold", "silver", "bronze"),
		m.IntN(200), m.IntN(100000), strings.Join(items, ","), m.IntN(1000), m.IntN(100), m.IntN(2) == 0)
}
