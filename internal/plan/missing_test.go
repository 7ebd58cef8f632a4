package plan_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// steps are boards as they are after each step of the method.
var steps = []string{
	"name: shop\nevents: {OrderPaid: {}, ParcelPacked: {}}\n",
	"name: shop\nevents: {OrderPaid: {at: 10}, ParcelPacked: {at: 20}}\n",
	`
name: shop
events: {OrderPaid: {at: 10, by: Pay}, ParcelPacked: {at: 20, by: Pack}}
triggers: {Pack: {from: reaction}, Pay: {from: Customer}, Weigh: {from: Clerk}}
reactions: {pack-on-paid: {when: OrderPaid, do: Pack}, empty: {}, lost: {when: ParcelLost, do: Pack}}
views: {Board: {from: [OrderPaid]}}
actors: {Customer: {auth: cognito}}
`,
	`
name: shop
events: {OrderPaid: {at: 10, by: Pay, of: Order}, ParcelPacked: {at: 20, by: Pack, of: Parcel}}
triggers: {Pack: {from: reaction}, Pay: {from: Customer}}
reactions: {pack-on-paid: {when: OrderPaid, do: Pack}}
views: {Board: {of: Parcel, from: [OrderPaid]}}
actors: {Customer: {auth: cognito}}
things: {Order: {key: order_id}, Parcel: {key: parcel_id}}
`,
	`
name: shop
events: {OrderPaid: {at: 10, by: Pay, of: Order}, ParcelPacked: {at: 20, by: Pack, of: Parcel}}
triggers: {Pack: {from: reaction}, Pay: {from: Customer}}
reactions: {pack-on-paid: {when: OrderPaid, do: Pack}}
views: {Board: {of: Parcel, from: [OrderPaid]}}
actors: {Customer: {auth: cognito}}
things: {Order: {key: order_id}, Parcel: {key: parcel_id}}
contexts: {Depot: {things: [Parcel, Order]}, Shop: {things: [Order]}}
`,
	`
name: shop
events: {OrderPaid: {at: 10, by: Pay, of: Order, in: Shop}, ParcelPacked: {at: 20, by: Pack, of: Parcel}}
triggers: {Pack: {from: reaction}, Pay: {from: Customer}, Sweep: {from: schedule}, Wrap: {from: reaction}}
reactions: {pack-on-paid: {when: OrderPaid, do: Pack}}
views: {Board: {of: Parcel, from: [OrderPaid, ParcelLost]}, Empty: {of: Parcel}}
actors: {Customer: {auth: cognito}}
things: {Order: {}, Parcel: {key: parcel_id}}
contexts: {Depot: {things: [Parcel, Order]}, Shop: {things: [Order]}}
services: {depot: {in: Depot, owns: [Parcel], store: s3}, desk: {in: Shop, owns: [Order], store: dynamodb}}
`,
	`
name: shop
bus: {name: main, source: "shop.{service}"}
events: {OrderPaid: {at: 10, by: Pay, of: Order}, ParcelPacked: {at: 20, by: Pack, of: Parcel}}
triggers: {Pack: {from: reaction}, Pay: {from: Customer, http: "POST /orders"}}
reactions: {pack-on-paid: {when: OrderPaid, do: Pack}}
actors: {Customer: {}}
things: {Order: {key: order_id}, Parcel: {key: parcel_id}}
contexts: {Depot: {things: [Parcel]}, Shop: {things: [Order]}}
services: {depot: {in: Depot, owns: [Parcel]}, desk: {in: Shop, owns: [Order]}}
`,
	`
name: shop
bus: {name: main, source: "shop.{service}"}
events: {OrderPaid: {at: 10, by: Pay, of: Order, data: {order_id: uuid}}, ParcelPacked: {at: 20, by: Pack, of: Parcel, v: 3, data: {parcel_id: uuid}}}
triggers: {Pack: {from: reaction}, Pay: {from: Customer, http: "POST /orders"}}
reactions: {pack-on-paid: {when: OrderPaid, do: Pack}}
actors: {Customer: {auth: none}}
things: {Order: {key: order_id}, Parcel: {key: parcel_id}}
contexts: {Depot: {things: [Parcel]}, Shop: {things: [Order]}}
services: {depot: {in: Depot, owns: [Parcel], runtime: python3.11}, desk: {in: Shop, owns: [Order]}}
`,
}

// TestSteps holds what is planned and what is missing after each step.
func TestSteps(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for i, text := range steps {
		b.WriteString(strings.Repeat("-", 20) + " step " + string(rune('1'+i)) + "\n")
		if err := of(t, text).WriteText(&b); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "steps.txt", b.Bytes())
}

// TestNoFields: an event without fields has a schema, and one of which nobody has
// said anything yet has none.
func TestNoFields(t *testing.T) {
	t.Parallel()
	board := strings.Replace(steps[len(steps)-2], "of: Order}", "of: Order, data: {}}", 1)
	p := of(t, board)
	if len(p.Schemas) == 0 || p.Schemas[0].Event != "OrderPaid" || len(p.Schemas[0].Detail.Fields) > 0 {
		t.Errorf("the plan has the schemas %+v", p.Schemas)
	}
	if text := fmt.Sprint(p.Missing); strings.Contains(text, "events.OrderPaid") || !strings.Contains(text, "events.ParcelPacked") {
		t.Errorf("the plan misses %s", text)
	}
}
