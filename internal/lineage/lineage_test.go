package lineage_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	start = time.Date(2026, 11, 23, 10, 0, 0, 120_000_000, time.UTC)
	where = arn.Scope{Region: "eu-west-1", Account: "000000000000"}
)

// fixture is a log whose records are written at chosen times, spread over the
// partitions.
type fixture struct {
	tb    testing.TB
	store *store.Store
	clock *clock.Virtual
	log   *lineage.Log
	wrote int
}

func newFixture(tb testing.TB, change func(*lineage.Config)) *fixture {
	tb.Helper()
	f := &fixture{tb: tb, clock: clock.NewVirtual(start)}
	f.store = storetest.Open(tb, func(o *store.Options) { o.Clock = f.clock })
	c := lineage.Config{Store: f.store}
	if change != nil {
		change(&c)
	}
	f.log = lineage.New(c)
	return f
}

// write writes records d after the start, in one Update.
func (f *fixture) write(d time.Duration, rs ...lineage.Record) {
	f.tb.Helper()
	f.wrote++
	f.writeTo(f.store.Parts()[f.wrote%len(f.store.Parts())], d, rs...)
}

func (f *fixture) writeTo(p store.Part, d time.Duration, rs ...lineage.Record) {
	f.tb.Helper()
	f.clock.Set(start.Add(d))
	for i := range rs {
		rs[i].Time = f.clock.Now()
	}
	err := f.store.Update(context.Background(), p, func(tx store.Tx) error {
		f.log.Write(tx, rs...)
		return nil
	})
	if err != nil {
		f.tb.Fatal(err)
	}
}

// publish is a record of an event; each match is a rule and its targets, whose
// deliveries are named rule/1, rule/2, …
func publish(id, detailType, span string, matches ...lineage.Match) lineage.Record {
	return lineage.Record{
		Kind: lineage.Published, EventID: id, DetailType: detailType, Source: "cinema.test", Bus: "cinema",
		Account: where.Account, Region: where.Region, EventTime: start.Truncate(time.Second), Span: span, Matches: matches,
	}
}

func match(rule string, targets ...arn.ARN) lineage.Match {
	m := lineage.Match{Rule: where.Rule("cinema", rule).String()}
	for i, t := range targets {
		m.Deliveries = append(m.Deliveries, lineage.Handover{Delivery: rule + "/" + string(rune('1'+i)), Target: t.String()})
	}
	return m
}

func run(id, delivery, span, function string, took time.Duration) lineage.Record {
	return lineage.Record{
		Kind: lineage.Invoked, EventID: id, Delivery: delivery, Span: span, RequestID: "req-" + span, Attempt: 1,
		Function: where.Function(function, "").String(), Start: start, Duration: took, Outcome: lineage.OK,
	}
}

func queued(id, via string) lineage.Record {
	return lineage.Record{Kind: lineage.Accepted, EventID: id, Delivery: via + "q", Via: via}
}

func delivered(id, delivery string) lineage.Record {
	return lineage.Record{Kind: lineage.Delivered, EventID: id, Delivery: delivery, Attempt: 1}
}

func failed(id, delivery string, attempt int, due time.Duration) lineage.Record {
	return lineage.Record{
		Kind: lineage.AttemptFailed, EventID: id, Delivery: delivery, Attempt: attempt,
		Code: "ERROR_FROM_TARGET", Message: "boom", Due: start.Add(due),
	}
}

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", name, diff)
	}
}
