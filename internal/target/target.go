// Package target delivers to what a rule may have as its target: one file for
// each kind.
//
// A target knows nothing of retries and dead letters; it says of each delivery
// that it is done, that it may be tried again, or that it can never succeed.
// The latter two are what EventBridge's error codes tell apart.
package target

import (
	"fmt"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/svc/events"
)

// Maker makes what delivers to one kind of target. An error says why the ARN, or
// what the rule says beside it, cannot be delivered to; whether the target
// exists is not asked yet.
type Maker func(to arn.ARN, p events.TargetParams) (delivery.Target, error)

// Set finds the maker for a target by the service in its ARN. Fill it with
// [Set.Add] before it is used; then it is safe for concurrent use.
type Set struct {
	makers map[string]Maker
}

// NewSet returns a set that knows no targets.
func NewSet() *Set { return &Set{makers: map[string]Maker{}} }

// Add makes a set know the targets of a service.
func (s *Set) Add(service string, m Maker) { s.makers[service] = m }

// Resolve returns what delivers to a target.
func (s *Set) Resolve(to arn.ARN, p events.TargetParams) (delivery.Target, error) {
	m, ok := s.makers[to.Service]
	if !ok {
		return nil, fmt.Errorf("targets of service %s are not supported yet", to.Service)
	}
	return m(to, p)
}

var _ events.Targets = (*Set)(nil)
