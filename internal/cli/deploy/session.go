package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"stormbus/internal/plan"
)

// The stages of a deployment. All work of one is done before the next begins.
const (
	makeBus = iota
	makeQueues
	makeFunctions
	makeRules
	deleteRules
	dropPermissions
	deleteFunctions
	deleteQueues
	deleteBuses
	stages
)

// parallel is how many requests are under way at once.
const parallel = 8

// session is one comparison of a plan with a server.
type session struct {
	*Deployer

	name string // of the plan
	bus  string

	buses     []*busState
	rules     []*ruleState
	functions []*functionState
	queues    []*queueState

	changes   []*Change
	works     [stages][]work
	conflicts []error
}

// work is a part of a change.
type work struct {
	change *Change
	do     func(ctx context.Context) error
}

// change notes what happens to a resource.
func (s *session) change(action Action, kind plan.Kind, name string, fields ...string) *Change {
	slices.Sort(fields)
	c := &Change{Action: action, Kind: kind, Name: name, Fields: fields}
	s.changes = append(s.changes, c)
	return c
}

// work notes what has to be done for a change.
func (s *session) work(stage int, c *Change, do func(ctx context.Context) error) {
	s.works[stage] = append(s.works[stage], work{c, do})
}

// conflict notes that a resource of the plan's belongs to somebody else.
func (s *session) conflict(kind plan.Kind, name string) {
	s.conflicts = append(s.conflicts, fmt.Errorf("there is a %s %s already that does not belong to the board %s: "+
		"rename yours on the board, or delete it, or give it the tag %s=%s if it shall be taken over",
		kind, name, s.name, Tag, s.name))
}

// all are the changes as they are.
func (s *session) all() []Change {
	var all []Change
	for _, c := range s.changes {
		all = append(all, *c)
	}
	return all
}

// run does what has to be done, and says what was done.
func (s *session) run(ctx context.Context) ([]Change, error) {
	open := map[*Change]int{} // work left
	for _, stage := range s.works {
		for _, w := range stage {
			open[w.change]++
		}
	}
	for _, stage := range s.works {
		errs := each(ctx, stage, func(ctx context.Context, w work) error {
			if err := w.do(ctx); err != nil {
				return fmt.Errorf("%s the %s %s: %w", w.change.Action, w.change.Kind, w.change.Name, err)
			}
			return nil
		})
		for i, err := range errs {
			if err == nil {
				open[stage[i].change]--
			}
		}
		if err := joined(errs); err != nil {
			var done []Change
			for _, c := range s.changes {
				if open[c] == 0 {
					done = append(done, *c)
				}
			}
			return done, fmt.Errorf("%w\nwhat was done before stays; deploy again to go on", err)
		}
	}
	return s.all(), nil
}

// each calls do for all items, a few at a time, and returns their errors in the
// order of the items. After an error it begins no more of them.
func each[T any](ctx context.Context, items []T, do func(ctx context.Context, item T) error) []error {
	errs := make([]error, len(items))
	var next atomic.Int64
	var failed atomic.Bool
	var wait sync.WaitGroup
	for range min(parallel, len(items)) {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				switch {
				case i >= len(items):
					return
				case failed.Load():
					errs[i] = errSkipped
					continue
				case ctx.Err() != nil:
					errs[i] = ctx.Err()
				default:
					errs[i] = do(ctx, items[i])
				}
				if errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wait.Wait()
	return errs
}

// errSkipped is the error of an item that was not begun because another failed.
var errSkipped = errors.New("not begun")
