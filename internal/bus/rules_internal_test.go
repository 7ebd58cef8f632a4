package bus

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"stormbus/internal/event"
	"stormbus/internal/pattern"
)

// TestChangesDoNotHoldUpEvents matches events while rules are set that take the
// matcher long. An event that had to wait for such a rule would not be matched
// between its beginning and its end.
func TestChangesDoNotHoldUpEvents(t *testing.T) {
	t.Parallel()
	b := &Bus{rules: map[uint32]*Rule{}, matchers: map[BusID]*pattern.Matcher{}, log: slog.New(slog.DiscardHandler)}
	compile := func(text string) *pattern.Pattern {
		p, err := pattern.Compile([]byte(text), pattern.Classic, pattern.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	branches := func(field string) string {
		list := make([]string, 120)
		for i := range list {
			list[i] = fmt.Sprintf(`{%q:[%d]}`, field, i)
		}
		return strings.Join(list, ",")
	}
	large := compile(`{"$or":[` + branches("a") + `],"b":{"$or":[` + branches("c") + `]}}`)
	b.SetRule(Rule{ID: 1, Bus: 1, Enabled: true, Pattern: compile(`{"source":["cinema"]}`)})
	var changes atomic.Int32 // odd while a rule is being set
	const rules = 5
	go func() {
		for range rules {
			changes.Add(1)
			b.SetRule(Rule{ID: 2, Bus: 1, Enabled: true, Pattern: large})
			changes.Add(1)
		}
	}()
	e := Entry{Bus: 1, Event: event.Event{Source: "cinema", Detail: []byte(`{}`)}}
	var result pattern.Result
	during := 0
	for n := int32(0); n < 2*rules; n = changes.Load() {
		hits, err := b.match(&e, &result)
		if err != nil || len(hits) != 1 || hits[0].ID != 1 {
			t.Fatalf("match = %v, %v; want rule 1", hits, err)
		}
		if n%2 == 1 && changes.Load() == n {
			during++
		}
	}
	if during < 20*rules {
		t.Errorf("%d events were matched while %d rules were being set, want hundreds", during, rules)
	}
}
