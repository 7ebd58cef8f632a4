package deploy

import (
	"context"
	"slices"
	"strings"
)

// read finds out what is on the server of what the plan has or had: its buses
// with their rules, and the functions and queues whose names begin with its
// name. bus is the plan's bus, if there is a plan.
func (s *session) read(ctx context.Context, bus string) error {
	parts := []func(context.Context) error{
		func(ctx context.Context) error { return s.readBusesAndRules(ctx, bus) }, s.readQueues, s.readFunctions,
	}
	err := joined(each(ctx, parts, func(ctx context.Context, read func(context.Context) error) error { return read(ctx) }))
	slices.SortFunc(s.rules, func(a, b *ruleState) int { return strings.Compare(a.bus+"/"+a.Name, b.bus+"/"+b.Name) })
	slices.SortFunc(s.functions, func(a, b *functionState) int { return strings.Compare(a.FunctionName, b.FunctionName) })
	slices.SortFunc(s.queues, func(a, b *queueState) int { return strings.Compare(a.name, b.name) })
	return err
}

// readBusesAndRules reads the rules of the buses on which the plan has or may
// have had some. Anybody may have rules on the default bus, so that it is looked
// at always.
func (s *session) readBusesAndRules(ctx context.Context, bus string) error {
	if err := s.readBuses(ctx); err != nil {
		return err
	}
	for _, b := range s.buses {
		if b.owned || b.Name == bus || b.Name == "default" {
			if err := s.readRules(ctx, b.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
