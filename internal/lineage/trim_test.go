package lineage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// rows counts the log's rows in a partition.
func rows(tb testing.TB, s *store.Store, p store.Part) int {
	tb.Helper()
	n := 0
	err := s.View(context.Background(), p, func(v store.View) error {
		for range v.Scan([]byte("ln/"), store.PrefixEnd([]byte("ln/"))) {
			n++
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func known(tb testing.TB, log *lineage.Log, id string) bool {
	tb.Helper()
	_, err := log.Tree(context.Background(), id)
	if err != nil && !errors.Is(err, lineage.ErrUnknown) {
		tb.Fatal(err)
	}
	return err == nil
}

func TestTrimByAge(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	part := f.store.Parts()[0]
	const days = 4
	for h := range 24 * days {
		f.writeTo(part, time.Duration(h)*time.Hour, publish(fmt.Sprintf("e%d", h), "Hourly", "s"))
	}
	last := 24*days - 1
	for h := range 24 * days {
		// Buckets are dropped whole, so up to an hour more is kept.
		age := time.Duration(last-h) * time.Hour
		if got := known(t, f.log, fmt.Sprintf("e%d", h)); got != (age < lineage.DefaultRetention+time.Hour) {
			t.Errorf("event of age %v is known: %v", age, got)
		}
	}
	if got := rows(t, f.store, part); got > 3*28 {
		t.Errorf("%d rows are left, want three per hour of retention", got)
	}
}

func TestTrimAfterSilence(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	part := f.store.Parts()[0]
	for i := range 10 {
		f.writeTo(part, time.Duration(i)*ms, publish(fmt.Sprintf("old%d", i), "Old", ""))
	}
	f.writeTo(part, 100*time.Hour, publish("new", "New", ""))
	if known(t, f.log, "old0") || !known(t, f.log, "new") {
		t.Errorf("old event is known: %v, new event is known: %v", known(t, f.log, "old0"), known(t, f.log, "new"))
	}
	if got := rows(t, f.store, part); got != 2 {
		t.Errorf("%d rows are left, want the new record and the state", got)
	}
}

func TestTrimByNumber(t *testing.T) {
	t.Parallel()
	const limit = 320
	f := newFixture(t, func(c *lineage.Config) { c.MaxRecords = limit * len(c.Store.Parts()) })
	part := f.store.Parts()[0]
	const n = 5000 // all within the same millisecond
	for i := range n / 10 {
		var rs []lineage.Record
		for j := range 10 {
			rs = append(rs, publish(fmt.Sprintf("e%d", 10*i+j), "Flood", ""))
		}
		f.writeTo(part, 0, rs...)
		if i%50 == 0 {
			if got := rows(t, f.store, part); got > limit+20 {
				t.Fatalf("%d rows after %d records, want at most %d", got, 10*i, limit+20)
			}
		}
	}
	if got := rows(t, f.store, part); got < limit/2 {
		t.Errorf("only %d rows are left", got)
	}
	if known(t, f.log, "e0") || !known(t, f.log, fmt.Sprintf("e%d", n-1)) {
		t.Error("the oldest event is still known or the newest is not")
	}
}

func TestFailedUpdateTellsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	part := f.store.Parts()[0]
	errNo := errors.New("no")
	err := f.store.Update(context.Background(), part, func(tx store.Tx) error {
		f.log.Write(tx, publish("e1", "X", "s"))
		return errNo
	})
	if !errors.Is(err, errNo) || known(t, f.log, "e1") || rows(t, f.store, part) != 0 {
		t.Errorf("error %v, known %v, %d rows", err, known(t, f.log, "e1"), rows(t, f.store, part))
	}
}
