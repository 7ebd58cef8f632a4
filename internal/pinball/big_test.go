package pinball_test

import (
	"testing"

	"stormbus/internal/board/boardtest"
	"stormbus/internal/pinball"
)

// TestBig: a healthy board of a whole company has no findings.
func TestBig(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ events, services int }{{1, 1}, {3, 2}, {7, 5}, {1000, 200}} {
		report := pinball.Check(parse(t, string(boardtest.Big(size.events, size.services))), pinball.Limits{}, today)
		if len(report.Findings) > 0 {
			t.Errorf("%d events, %d services:\n%s", size.events, size.services, list(report))
		}
	}
}
