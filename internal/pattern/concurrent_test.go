package pattern_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"stormbus/internal/pattern"
)

// TestConcurrent lets readers match beside a writer that adds, replaces, removes
// and disables rules. Each reader compares what it gets with the rules of the
// revision that its snapshot shows; every tenth snapshot is kept and must say the
// same at the end, when its rules are long gone.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	const readers, ids = 3, 12
	revisions := 300
	if *long {
		revisions = 5000
	}
	d := newDifferential(*seed)
	var mu sync.Mutex // guards history
	history := []model{{}}
	modelOf := func(rev uint64) model {
		mu.Lock()
		defer mu.Unlock()
		return history[rev]
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for i := range readers {
		wg.Go(func() {
			events := newDifferential(*seed + 1000 + uint64(i)).random
			var kept []pattern.Snapshot
			for n := 0; !closed(done) && !t.Failed(); n++ {
				s := d.matcher.Snapshot()
				if n%10 == 0 {
					kept = append(kept, s)
				}
				compareSnapshot(t, s, modelOf(s.Rev()), events.Event())
			}
			for _, s := range kept {
				compareSnapshot(t, s, modelOf(s.Rev()), events.Event())
			}
		})
	}
	for range revisions {
		mu.Lock()
		d.change(t, ids) // under the lock, so that the model is there before somebody asks for it
		history = append(history, maps.Clone(d.model))
		mu.Unlock()
	}
	close(done)
	wg.Wait()
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func compareSnapshot(t *testing.T, s pattern.Snapshot, m model, event string) {
	t.Helper()
	doc := &pattern.Doc{Data: []byte(event)}
	var r pattern.Result
	if err := s.Match(doc, &r); err != nil {
		t.Errorf("Match(%s) = %v", event, err)
		return
	}
	if want, ok := m.match(t, doc); ok && !slices.Equal(r.IDs, want) {
		t.Errorf("revision %d: Match(%s) = %v, want %v", s.Rev(), event, r.IDs, want)
	}
}
