package lambda

import (
	"bytes"
	"testing"

	"stormbus/internal/arn"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

func mustParse(tb testing.TB, s string) arn.ARN {
	tb.Helper()
	a, err := arn.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// publish records an event as a bus does: published by the run with a span, and
// handed to the function by deliveries that have been settled.
func (h *harness) publish(id, span string, deliveries ...string) {
	h.Helper()
	records := []lineage.Record{{Kind: lineage.Published, EventID: id, Span: span}}
	if len(deliveries) > 0 {
		m := lineage.Match{Rule: "arn:aws:events:eu-west-1:123456789012:rule/r"}
		for _, d := range deliveries {
			m.Deliveries = append(m.Deliveries, lineage.Handover{Delivery: d, Target: scope.Function("fn", "").String()})
			records = append(records, lineage.Record{Kind: lineage.Delivered, EventID: id, Delivery: d, Attempt: 1})
		}
		records[0].Matches = []lineage.Match{m}
	}
	err := h.store.Update(h.ctx, h.partition(id), func(tx store.Tx) error {
		h.lineage.Write(tx, records...)
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
}

// spans counts the lineage rows that name a span.
func (h *harness) spans(span string) (n int) {
	h.Helper()
	for _, p := range h.store.Parts() {
		err := h.store.View(h.ctx, p, func(v store.View) error {
			for k := range v.Scan([]byte("ln/"), store.PrefixEnd([]byte("ln/"))) {
				if bytes.Contains(k, []byte(span)) {
					n++
				}
			}
			return nil
		})
		if err != nil {
			h.Fatal(err)
		}
	}
	return n
}
