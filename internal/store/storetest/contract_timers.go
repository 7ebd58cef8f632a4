package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stormbus/internal/store"
)

func timerContract() map[string]func(*testing.T, *bench) {
	return map[string]func(*testing.T, *bench){
		"timers/fire":    testTimersFire,
		"timers/retry":   testTimerRetry,
		"timers/restart": testTimersRestart,
		"timers/jumps":   testTimerJumps,
	}
}

// fires makes b collect the timers of kind k as "id@seconds payload".
func (b *bench) fires() <-chan string {
	got := make(chan string, 4096)
	b.s.OnTimer("k", func(tx store.Tx, f store.Fired) error {
		set(tx, "fired/"+string(f.ID), "1")
		line := fmt.Sprintf("%s@%g %s", f.ID, tx.Now().Sub(began).Truncate(time.Millisecond).Seconds(), f.Payload)
		tx.OnDurable(func() { got <- line })
		return nil
	})
	return got
}

func (b *bench) timer(id string, due time.Duration) {
	b.t.Helper()
	b.update(func(tx store.Tx) { tx.Timer("k", []byte(id), began.Add(due), []byte("p")) })
}

// advance moves the clock once somebody sleeps on it.
func (b *bench) advance(d time.Duration) {
	b.clock.BlockUntil(1)
	b.clock.Advance(d)
}

func testTimersFire(t *testing.T, b *bench) {
	got := b.fires()
	b.timer("late", 3*time.Hour)
	b.timer("early", time.Second)
	b.timer("moved", time.Second)
	b.timer("moved", 2*time.Second)
	b.timer("stopped", time.Second)
	b.update(func(tx store.Tx) {
		tx.StopTimer("k", []byte("stopped"))
		tx.StopTimer("k", []byte("never set"))
		tx.StopTimer("other", []byte("late"))
	})
	for _, want := range []string{"early@1 p", "moved@2 p"} {
		b.advance(time.Second)
		if f := <-got; f != want {
			t.Errorf("fired %q, want %q", f, want)
		}
	}
	b.advance(24 * time.Hour)
	if f := <-got; f != "late@86402 p" {
		t.Errorf("fired %q, want late after the jump", f)
	}
	b.view(func(v store.View) {
		if left := rows(v, "tm"); len(left) > 0 {
			t.Errorf("rows are left: %q", left)
		}
	})
}

func testTimerRetry(t *testing.T, b *bench) {
	calls := make(chan string, 10)
	n := 0
	b.s.OnTimer("k", func(tx store.Tx, f store.Fired) error {
		n++
		calls <- fmt.Sprintf("%d@%g due %g", n, tx.Now().Sub(began).Truncate(time.Millisecond).Seconds(), f.Due.Sub(began).Seconds())
		set(tx, "effect", fmt.Sprint(n))
		switch n {
		case 1:
			return errors.New("not yet")
		case 2:
			panic("not yet either")
		case 3:
			tx.Timer("k", f.ID, f.Due.Add(time.Hour), nil) // the same one again
		}
		return nil
	})
	b.timer("a", time.Second)
	for _, want := range []string{"1@1 due 1", "2@2 due 1", "3@4 due 1", "4@3601 due 3601"} {
		if n == 3 {
			b.clock.BlockUntil(1)
			b.clock.Set(began.Add(time.Hour + time.Second))
		} else {
			b.clock.BlockUntil(1)
			due, _ := b.clock.Next()
			b.clock.Set(due)
		}
		if got := <-calls; got != want {
			t.Errorf("call %q, want %q", got, want)
		}
		b.update(func(store.Tx) {}) // behind the handler
	}
	b.view(func(v store.View) {
		if got := get(v, "effect"); got != "4" {
			t.Errorf("effect = %s, want 4", got)
		}
	})
}

func testTimersRestart(t *testing.T, b *bench) {
	const n = 700
	b.update(func(tx store.Tx) {
		for i := range n {
			tx.Timer("k", fmt.Append(nil, i), began.Add(time.Duration(i)*time.Second), nil)
		}
	})
	b.close()
	b.clock.Advance(25 * time.Hour)
	b.open()
	b.update(func(tx store.Tx) { set(tx, "x", "1") }) // nothing fires before there is a handler
	got := b.fires()
	seen := map[string]bool{}
	for range n {
		seen[<-got] = true
	}
	b.view(func(v store.View) {
		if left := len(rows(v, "tm")); len(seen) != n || len(got) > 0 || left > 0 {
			t.Errorf("%d different timers fired and %d more, want %d once each; %d rows left", len(seen), len(got), n, left)
		}
	})
}

// testTimerJumps moves the clock by an hour back and 25 hours forward.
func testTimerJumps(t *testing.T, b *bench) {
	got := b.fires()
	b.timer("a", time.Second+1) // not before 1.001 s
	b.clock.BlockUntil(1)
	b.clock.Advance(-time.Hour)
	b.timer("b", 2*time.Second)
	b.clock.Set(began.Add(time.Second + 900*time.Microsecond))
	b.update(func(tx store.Tx) { set(tx, "x", "1") })
	b.view(func(v store.View) {
		if fired := rows(v, "fired/"); len(fired) > 0 {
			t.Errorf("fired early: %q", fired)
		}
	})
	b.advance(25 * time.Hour)
	for _, want := range []string{"a", "b"} {
		if f := <-got; f[:1] != want {
			t.Errorf("fired %q, want %s", f, want)
		}
	}
	b.clock.Advance(-time.Hour) // what is set now is due in partition time
	b.timer("c", 0)
	b.timer("d", 48*time.Hour)
	if f := <-got; f[:1] != "c" {
		t.Errorf("fired %q, want c", f)
	}
	if len(got) > 0 {
		t.Errorf("fired %q early", <-got)
	}
}
