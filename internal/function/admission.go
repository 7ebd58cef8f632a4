package function

import (
	"sync"

	"stormbus/internal/arn"
)

// admission counts running invocations against their limits.
type admission struct {
	// mu guards both maps, which hold no zeroes.
	mu       sync.Mutex
	reserved map[arn.ARN]int   // by function, of those with a reservation
	shared   map[arn.Scope]int // of all others
}

// admit takes a place for an invocation, or fails with [ErrThrottled]. The
// place is given back by release.
func (a *admission) admit(s Spec, account int) (release func(), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Reserved != nil {
		if a.reserved == nil {
			a.reserved = map[arn.ARN]int{}
		}
		return enter(a, a.reserved, s.ARN, *s.Reserved, ReasonReserved)
	}
	if a.shared == nil {
		a.shared = map[arn.Scope]int{}
	}
	return enter(a, a.shared, s.ARN.Of(), orDefault(s.Unreserved, account), ReasonConcurrency)
}

// enter counts one more under k. a.mu must be held.
func enter[K comparable](a *admission, counts map[K]int, k K, limit int, reason string) (func(), error) {
	if counts[k] >= limit {
		return nil, throttled(reason)
	}
	counts[k]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if counts[k]--; counts[k] == 0 {
			delete(counts, k)
		}
	}, nil
}
