package events

import (
	"context"
	"fmt"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
)

// FindLane returns the lane of a target of a rule, for what was given up on its
// way there: was is the lane that gave it up, 0 if that is not known. If there is no
// such lane any more, why says so.
func (s *Service) FindLane(ctx context.Context, ruleARN arn.ARN, targetARN string, was delivery.LaneID) (lane delivery.LaneID, why string, err error) {
	onBus, name, ok := ruleARN.RuleName()
	if !ok {
		return 0, ruleARN.String() + " is not the ARN of a rule", nil
	}
	err = s.store.View(ctx, store.Meta, func(v store.View) error {
		lane, why = 0, ""
		b, err := read[eventBus](v, busKey(busRef{scope: ruleARN.Of(), name: onBus}))
		if err != nil {
			return err
		}
		if b == nil {
			why = "there is no event bus " + onBus + " any more, nor its rule " + name
			return nil
		}
		r, err := read[rule](v, ruleKey(b.ID, name))
		if err != nil {
			return err
		}
		if r == nil {
			why = "there is no rule " + name + " on bus " + onBus + " any more: make it again, with this target"
			return nil
		}
		targets, err := all[target](v, targetsPrefix(r.ID))
		if err == nil {
			lane, why = chooseLane(name, targets, targetARN, was)
		}
		return err
	})
	if err != nil {
		return 0, "", fmt.Errorf("find the target of %s: %w", ruleARN, err)
	}
	return lane, why, nil
}

// chooseLane returns the lane of the target with an ARN: the one that gave up, if
// it is still there, or else the only one.
func chooseLane(rule string, targets []*target, targetARN string, was delivery.LaneID) (lane delivery.LaneID, why string) {
	found := 0
	for _, t := range targets {
		if t.ARN != targetARN {
			continue
		}
		if t.Lane == was {
			return was, ""
		}
		found, lane = found+1, t.Lane
	}
	switch found {
	case 0:
		return 0, "rule " + rule + " does not have this target any more: put it again"
	case 1:
		return lane, ""
	}
	return 0, fmt.Sprintf("rule %s has this target %d times, and the one that the letter is of was removed", rule, found)
}
