package lineage_test

import (
	"os"
	"time"

	"stormbus/internal/lineage"
)

func ExampleWriteTree() {
	at := time.Date(2026, 11, 23, 10, 0, 0, 120_000_000, time.UTC)
	tree := &lineage.Node{
		EventID: "3f2a9c1e-0000-4000-8000-000000000001", DetailType: "SeatsHeld", Source: "cinema.bookings",
		Published: at, Done: true,
		Rules: []lineage.Rule{{Name: "capture", Deliveries: []lineage.Delivery{{
			Target: "arn:aws:lambda:eu-west-1:000000000000:function:payments", State: lineage.StateDelivered,
			Runs: []lineage.Run{{RequestID: "8d1e77aa-0000", DurationMS: 41.2, InitMS: 87, Outcome: lineage.OK}},
		}}}},
	}
	if err := lineage.WriteTree(os.Stdout, tree, lineage.TextOptions{}); err != nil {
		panic(err)
	}
	// Output:
	// SeatsHeld  cinema.bookings  3f2a9c1e  2026-11-23 10:00:00.120
	// └─ rule capture → function payments  ✔
	//    └─ run 8d1e77aa  41 ms  cold start 87 ms
}
