package patterntest

import (
	"fmt"
	"strings"
)

// Arrays returns rules with two fields of the objects in one array, and events
// whose array has n elements.
func Arrays(n int, seed uint64) (rules, events []string) {
	m := newMaker(seed)
	for range 50 {
		rules = append(rules, fmt.Sprintf(`{"detail":{"items":{"sku":["SKU-%03d"],"quantity":[%d]}}}`, m.IntN(50), m.IntN(10)))
	}
	for range 16 {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf(`{"sku":"SKU-%03d","quantity":%d}`, m.IntN(50), m.IntN(10))
		}
		events = append(events, `{"detail":{"items":[`+strings.Join(items, ",")+`]}}`)
	}
	return rules, events
}

// Wildcards returns n rules with a wildcard each, and events with a text of about
// eighty characters that they are compared with.
func Wildcards(n int, seed uint64) (rules, events []string) {
	m := newMaker(seed)
	for range n {
		rules = append(rules, fmt.Sprintf(`{"detail":{"key":[{"wildcard":"*/%s%03d/*.%s"}]}}`,
			m.oneOf("user", "team", "site"), m.IntN(1000), m.oneOf("jpg", "png", "parquet")))
	}
	for range 64 {
		key := fmt.Sprintf("incoming/region-%d/%s%03d/2026/11/24/some-folder/part-%012x.%s", m.IntN(5),
			m.oneOf("user", "team", "site"), m.IntN(1000), m.Uint64()>>16, m.oneOf("jpg", "png", "parquet"))
		events = append(events, fmt.Sprintf(`{"detail":{"key":%q}}`, key))
	}
	return rules, events
}
