package clock_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stormbus/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func ExampleVirtual() {
	c := clock.NewVirtual(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	timer := c.NewTimer(24 * time.Hour)
	c.Advance(24 * time.Hour)
	fmt.Println((<-timer.C()).Format(time.DateTime))
	// Output: 2026-11-25 09:00:00
}

func TestVirtualFiresWhatIsDue(t *testing.T) {
	c := clock.NewVirtual(start)
	early, late := c.NewTimer(time.Second), c.NewTimer(time.Minute)
	c.Advance(time.Second)
	if got := <-early.C(); !got.Equal(start.Add(time.Second)) {
		t.Errorf("early fired at %v, want %v", got, start.Add(time.Second))
	}
	select {
	case at := <-late.C():
		t.Errorf("late fired at %v, before its time", at)
	default:
	}
	if due, ok := c.Next(); !ok || !due.Equal(start.Add(time.Minute)) {
		t.Errorf("Next() = %v, %v, want %v", due, ok, start.Add(time.Minute))
	}
	if !late.Stop() || late.Stop() {
		t.Error("Stop() must report true once for a pending timer, then false")
	}
	if _, ok := c.Next(); ok {
		t.Error("a stopped timer is still pending")
	}
}

func TestVirtualBackwardFiresNothing(t *testing.T) {
	c := clock.NewVirtual(start)
	timer := c.NewTimer(time.Second)
	c.Set(start.Add(-time.Hour))
	select {
	case <-timer.C():
		t.Error("a timer fired although the clock went back")
	default:
	}
	c.Set(start.Add(time.Second))
	<-timer.C()
}

func TestTimersOfZeroFireAtOnce(t *testing.T) {
	for name, c := range map[string]clock.Clock{"real": clock.Real(), "virtual": clock.NewVirtual(start)} {
		select {
		case <-c.NewTimer(0).C():
		case <-clock.Real().NewTimer(10 * time.Second).C():
			t.Errorf("%s: a timer of 0 did not fire", name)
		}
	}
}

func TestSleep(t *testing.T) {
	c := clock.NewVirtual(start)
	done := make(chan error)
	go func() { done <- clock.Sleep(context.Background(), c, time.Hour) }()
	c.BlockUntil(1)
	c.Advance(time.Hour)
	if err := <-done; err != nil {
		t.Errorf("Sleep() = %v, want nil", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := clock.Sleep(ctx, c, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep(cancelled) = %v, want context.Canceled", err)
	}
}

func TestWithTimeout(t *testing.T) {
	c := clock.NewVirtual(start)
	ctx, cancel := clock.WithTimeout(context.Background(), c, time.Minute)
	defer cancel()
	c.BlockUntil(1)
	c.Advance(time.Minute)
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
		t.Errorf("cause = %v, want DeadlineExceeded", cause)
	}
}
