package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// fires collects what a handler was called with, as "id@seconds payload".
type fires chan string

func (f fires) handle(tx store.Tx, fired store.Fired) error {
	got := fmt.Sprintf("%s@%g %s", fired.ID, tx.Now().Sub(start).Truncate(time.Millisecond).Seconds(), fired.Payload)
	tx.OnDurable(func() { f <- got })
	return nil
}

func timer(t *testing.T, s *store.Store, id string, due time.Duration) {
	t.Helper()
	update(t, s, func(tx store.Tx) { tx.Timer("k", []byte(id), start.Add(due), []byte("p")) })
}

func timersLeft(t *testing.T, s *store.Store) int {
	t.Helper()
	n := 0
	view(t, s, func(v store.View) {
		for range v.Scan([]byte("tm"), []byte("tn")) {
			n++
		}
	})
	return n
}

func TestTimersFire(t *testing.T) {
	t.Parallel()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, virtual(vc))
	got := make(fires, 10)
	s.OnTimer("k", got.handle)
	timer(t, s, "late", 3*time.Hour)
	timer(t, s, "early", time.Second)
	timer(t, s, "moved", time.Second)
	timer(t, s, "moved", 2*time.Second)
	timer(t, s, "stopped", time.Second)
	update(t, s, func(tx store.Tx) {
		tx.StopTimer("k", []byte("stopped"))
		tx.StopTimer("k", []byte("never set"))
		tx.StopTimer("other", []byte("late"))
	})
	for _, want := range []string{"early@1 p", "moved@2 p"} {
		vc.BlockUntil(1)
		vc.Advance(time.Second)
		if f := <-got; f != want {
			t.Errorf("fired %q, want %q", f, want)
		}
	}
	vc.BlockUntil(1)
	vc.Advance(24 * time.Hour)
	if f := <-got; f != "late@86402 p" {
		t.Errorf("fired %q, want late after the jump", f)
	}
	if n := timersLeft(t, s); n != 0 {
		t.Errorf("%d timer rows are left", n)
	}
}

func TestTimerNeverEarly(t *testing.T) {
	t.Parallel()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, virtual(vc))
	got := make(fires, 10)
	s.OnTimer("k", got.handle)
	timer(t, s, "a", time.Second+1) // not before 1.001 s
	vc.BlockUntil(1)
	vc.Advance(-time.Hour) // the wall clock goes back: partition time stands
	timer(t, s, "b", 2*time.Second)
	vc.Set(start.Add(time.Second + 900*time.Microsecond))
	update(t, s, func(tx store.Tx) { set(tx, "x", "1") })
	select {
	case f := <-got:
		t.Errorf("fired early: %s", f)
	default:
	}
	vc.BlockUntil(1)
	vc.Set(start.Add(time.Minute + 3*time.Second))
	if f := <-got; f != "a@63 p" {
		t.Errorf("fired %q, want a", f)
	}
	if f := <-got; f[:2] != "b@" {
		t.Errorf("fired %q, want b", f)
	}
}

func TestOverdueTimersFireOnceAfterRestart(t *testing.T) {
	t.Parallel()
	fs := storetest.NewFS()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, fs.Use, virtual(vc))
	const n = 1000 // more than are fired at once
	update(t, s, func(tx store.Tx) {
		for i := range n {
			tx.Timer("k", fmt.Append(nil, i), start.Add(time.Duration(i)*time.Second), nil)
		}
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	vc.Advance(25 * time.Hour)
	s = storetest.OpenAny(t, fs.Use, virtual(vc)) // fires nothing before there is a handler
	update(t, s, func(tx store.Tx) { set(tx, "x", "1") })
	got := make(fires, n+1)
	s.OnTimer("k", got.handle)
	seen := map[string]bool{}
	for range n {
		seen[<-got] = true
	}
	if len(seen) != n || len(got) > 0 || timersLeft(t, s) > 0 {
		t.Errorf("%d different timers fired, want %d once each; %d rows left", len(seen), n, timersLeft(t, s))
	}
}

func TestHandlerSetsTheSameTimer(t *testing.T) {
	t.Parallel()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, virtual(vc))
	got := make(chan time.Time, 10)
	s.OnTimer("k", func(tx store.Tx, f store.Fired) error {
		tx.Timer("k", f.ID, f.Due.Add(time.Minute), f.Payload)
		tx.OnDurable(func() { got <- f.Due })
		return nil
	})
	timer(t, s, "cron", time.Minute)
	for i := range 5 {
		vc.BlockUntil(1)
		vc.Advance(time.Minute)
		if due := <-got; !due.Equal(start.Add(time.Duration(i+1) * time.Minute)) {
			t.Errorf("firing %d was due %s", i, due)
		}
	}
}

func TestFailingHandlerIsRetried(t *testing.T) {
	t.Parallel()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, virtual(vc))
	calls := make(chan string, 10)
	n := 0
	s.OnTimer("k", func(tx store.Tx, f store.Fired) error {
		n++
		calls <- fmt.Sprintf("%d@%g due %g", n, tx.Now().Sub(start).Truncate(time.Millisecond).Seconds(), f.Due.Sub(start).Seconds())
		set(tx, "effect", fmt.Sprint(n))
		switch n {
		case 1:
			return errors.New("not yet")
		case 2:
			panic("not yet either")
		}
		return nil
	})
	timer(t, s, "a", time.Second)
	var got []string
	for range 3 {
		vc.BlockUntil(1)
		due, _ := vc.Next()
		vc.Set(due)
		got = append(got, <-calls)
	}
	want := []string{"1@1 due 1", "2@2 due 1", "3@4 due 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	update(t, s, func(tx store.Tx) {
		if effect := get(tx, "effect"); effect != "3" || tx.Seq() == 0 {
			t.Errorf("effect = %s, want 3", effect)
		}
	})
	if h := s.Health(); h.FailingTimers != 2 {
		t.Errorf("FailingTimers = %d, want 2", h.FailingTimers)
	}
	if n := timersLeft(t, s); n != 0 {
		t.Errorf("%d timer rows are left", n)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	vc := clock.NewVirtual(start)
	s := storetest.OpenAny(t, virtual(vc))
	runs := 0
	once := func(key string, fail error) (result string, first bool, err error) {
		err = s.Update(context.Background(), 1, func(tx store.Tx) error {
			r, f, err := store.Once(tx, []byte(key), time.Minute, func() ([]byte, error) {
				runs++
				return fmt.Append(nil, key, runs), fail
			})
			result, first = string(r), f
			return err
		})
		return result, first, err
	}
	boom := errors.New("boom")
	steps := []struct {
		key    string
		wait   time.Duration
		fail   error
		result string
		first  bool
	}{
		{"a", 0, boom, "", true}, // nothing is stored
		{"a", 0, nil, "a2", true},
		{"a", 0, nil, "a2", false},
		{"b", 59 * time.Second, boom, "", true},
		{"b", 0, nil, "b4", true},
		{"a", 0, boom, "a2", false},
		{"a", 2 * time.Second, nil, "a5", true},
		{"b", 0, nil, "b4", false},
	}
	for i, st := range steps {
		vc.Advance(st.wait)
		result, first, err := once(st.key, st.fail)
		if failed := st.fail != nil && st.first; failed != (err != nil) || result != st.result || !failed && first != st.first {
			t.Errorf("step %d: Once(%s) = %q, %v, %v, want %q, %v", i, st.key, result, first, err, st.result, st.first)
		}
	}
	last := make(fires, 1)
	s.OnTimer("k", last.handle)
	timer(t, s, "last", time.Hour)
	vc.BlockUntil(1)
	vc.Advance(2 * time.Hour)
	<-last // the timers that remove the rows were due before
	view(t, s, func(v store.View) {
		if got := rows(v, "once/"); len(got) > 0 {
			t.Errorf("rows are left: %q", got)
		}
	})
}
