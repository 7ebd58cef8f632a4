package boardtest_test

import (
	"testing"

	"stormbus/internal/board"
	"stormbus/internal/board/boardtest"
)

// TestBig holds what Big promises, but for what pinball's own tests hold.
func TestBig(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ events, services int }{{1, 1}, {3, 2}, {7, 5}, {1000, 200}} {
		f, err := board.Parse("storm.yaml", boardtest.Big(size.events, size.services))
		if err != nil {
			t.Fatalf("%d events, %d services: %v", size.events, size.services, err)
		}
		b := f.Board()
		if len(b.Events) != size.events || len(b.Services) != size.services {
			t.Errorf("the board has %d events and %d services, want %d and %d", len(b.Events), len(b.Services), size.events, size.services)
		}
		if problems := f.Check(); len(problems) > 0 {
			t.Errorf("%d events, %d services: Check:\n%v", size.events, size.services, problems)
		}
		for _, step := range f.Steps(nil) {
			if !step.Done {
				t.Errorf("%d events, %d services: step %d is not done: %+v", size.events, size.services, step.Number, step.Checks)
			}
		}
	}
}
